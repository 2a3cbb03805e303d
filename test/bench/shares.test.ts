import type { Profiler } from 'node:inspector';
import { expect, it } from 'vitest';
import { byFunction, byRoom, toDoubt, toFirst, toShares, withoutProfiler } from './shares.ts';

function toNode(id: number, functionName: string, url: string): Profiler.ProfileNode {
  return {
    id,
    callFrame: { functionName, url, scriptId: '1', lineNumber: 0, columnNumber: 0 },
    children: [],
  };
}

it('sums up a profile by room and by function, own time only', () => {
  const shares = toShares({
    nodes: [
      toNode(1, '(garbage collector)', ''),
      toNode(2, 'find', 'file:///x/src/parse/byteTable.ts'),
      toNode(3, 'at', 'file:///x/src/parse/byteTable.ts'),
      // The same function, called from elsewhere.
      toNode(4, 'find', 'file:///x/src/parse/byteTable.ts'),
      toNode(5, 'get', 'file:///x/node_modules/lru-cache/dist/index.js'),
      toNode(6, 'accept', 'file:///src/src/app.ts'),
    ],
    startTime: 0,
    endTime: 100,
    samples: [1, 2, 3, 4, 5, 6],
    timeDeltas: [10, 20, 30, 10, 10, 20],
  });
  expect(byRoom(shares)).toEqual([
    { name: 'parse', share: 0.6 },
    { name: 'app.ts', share: 0.2 },
    { name: '(garbage collector)', share: 0.1 },
    { name: 'lru-cache', share: 0.1 },
  ]);
  expect(byFunction(shares)[0]?.name).toMatch(/parse\/byteTable\.ts$/);
  expect(byFunction(shares).map(({ name }) => name)).toContain('get lru-cache');
});

it('tells functions without a name by their lines, and leaves names as they are', () => {
  const urls = [
    'file:///x/src/parse/fast.ts',
    'file:///x/src/parse/fast.ts',
    'file:///x/node_modules/lru-cache/dist/index.js',
    'file:///x/test/bench/tally.ts',
    'node:internal/validators',
    '',
  ];
  const nameless = urls.map((url, at) => {
    const node = toNode(at + 1, '', url);
    return { ...node, callFrame: { ...node.callFrame, lineNumber: at * 10 } };
  });
  const minified = toNode(7, '#C', 'file:///x/node_modules/lru-cache/dist/index.js');
  const outside = toNode(8, '', 'file:///x/src/app.ts');
  const body = { ...outside, callFrame: { ...outside.callFrame, lineNumber: -1 } };
  const shares = toShares({
    nodes: [...nameless, minified, body],
    startTime: 0,
    endTime: 100,
    samples: [1, 2, 3, 4, 5, 6, 7, 8],
    timeDeltas: [35, 25, 15, 10, 6, 5, 3, 1],
  });
  expect(byFunction(shares)).toEqual([
    { name: '(a function without a name) parse/fast.ts:1', share: 0.35 },
    { name: '(a function without a name) parse/fast.ts:11', share: 0.25 },
    { name: '(a function without a name) lru-cache:21', share: 0.15 },
    { name: '(a function without a name) tally.ts:31', share: 0.1 },
    { name: '(a function without a name) node:internal/validators:41', share: 0.06 },
    { name: '(a function without a name)', share: 0.05 },
    { name: '#C lru-cache', share: 0.03 },
    { name: '(a function without a name) app.ts', share: 0.01 },
  ]);
});

it('drops what was sampled within Session.post, however deep, and no other post', () => {
  const ours = 'file:///x/src/app.ts';
  const profile = {
    nodes: [
      { ...toNode(1, 'read', ours), children: [2, 5] },
      { ...toNode(2, 'post', 'node:inspector'), children: [3] },
      { ...toNode(3, 'dispatch', ''), children: [4] },
      toNode(4, '(garbage collector)', ''),
      toNode(5, 'post', ours),
    ],
    startTime: 0,
    endTime: 100,
    samples: [2, 1, 3, 4, 5, 1],
    timeDeltas: [40, 10, 20, 10, 15, 5],
  };
  const kept = withoutProfiler(profile);
  expect(kept).toEqual({ ...profile, samples: [1, 5, 1], timeDeltas: [10, 15, 5] });
  expect(byFunction(toShares(kept))).toEqual([
    { name: 'read app.ts', share: 0.5 },
    { name: 'post app.ts', share: 0.5 },
  ]);
});

it('sums up what does not fit the list, if anything', () => {
  const shares = [
    { name: 'find', share: 0.5 },
    { name: 'get', share: 0.25 },
    { name: 'at', share: 0.125 },
    { name: 'read', share: 0.125 },
  ];
  expect(toFirst(shares, 2)).toEqual([...shares.slice(0, 2), { name: 'others', share: 0.25 }]);
  expect(toFirst(shares, 4)).toEqual(shares);
});

it('doubts the shares of few samples', () => {
  const profile = { nodes: [], startTime: 0, endTime: 100 };
  expect(toDoubt({ ...profile, samples: Array.from({ length: 3_000 }, () => 1) })).toBeUndefined();
  expect(toDoubt({ ...profile, samples: Array.from({ length: 2_999 }, () => 1) })).toBe(
    'Only 2999 samples, fewer than 3000: small shares are chance. More lines give more samples.',
  );
});
