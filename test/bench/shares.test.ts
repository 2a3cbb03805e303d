import type { Profiler } from 'node:inspector';
import { expect, it } from 'vitest';
import { byFunction, byRoom, toShares } from './shares.ts';

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
      toNode(6, 'accept', 'file:///x/src/app.ts'),
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
