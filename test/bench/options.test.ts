/** A benchmark that takes minutes says at once what it cannot do. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

function run(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/bench/growth.ts', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test.each([
  [['--rounds', 'x'], '--rounds x: a whole number from 1\n'],
  [['--rounds', '0'], '--rounds 0: a whole number from 1\n'],
  [['--lines', '1.5'], '--lines 1.5: a whole number from 1\n'],
  [['--nosuch'], "Unknown option '--nosuch'\n"],
])('%j is a mistake, and said in a sentence', (args, sentence) => {
  expect(run(...args)).toEqual({ status: 2, stdout: '', stderr: sentence });
});

test('--help shows every option with its default', () => {
  expect(run('--help')).toEqual({
    status: 0,
    stdout: 'options, with their defaults:\n  --lines 100000\n  --rounds 7\n  --write\n',
    stderr: '',
  });
});

test('names are checked against what there is', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', 'test/bench/bench.ts', '--corpora', 'mixed,x'],
    { encoding: 'utf8' },
  );
  expect(status).toBe(2);
  expect(stderr).toMatch(/^--corpora x: one of mixed, .*\n$/);
});

test.each([
  [['--log', '/no/such.log'], '--log /no/such.log: there is no such file or folder\n'],
  [['--log', 'package.json'], '--log package.json: there is no query in it\n'],
  [['--log', 'package.json', '--write'], '--write: the page is about logs that anybody can make anew\n'],
])('%j is a mistake, and said in a sentence', (args, sentence) => {
  const { status, stderr } = spawnSync(process.execPath, ['--expose-gc', 'test/bench/bench.ts', ...args], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 2, stderr: sentence });
});
