/**
 * corespan is killed at random points of random programs of writes, rotations, deletions, truncations (16): every
 * line that could be read is read, none comes again that was committed, every loss is counted.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Files } from '../../src/sources/files.ts';
import { type Counts, createWorld, FILES, type World } from '../sources/world.ts';

const RUNS = Number(process.env['FUZZ_CASES'] ?? 500);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

type Step = readonly [weight: number, name: string, act: (world: World, number: number) => void];

/** Milliseconds between polls: within a look at the newest file, a listing, the life of a rotated file. */
const PAUSES = [50, 500, 1500, 12_000];

const STEPS: readonly Step[] = [
  [8, 'append', (world, number) => world.append(1 + (number % 4))],
  [3, 'append a partial line', (world) => world.appendPartial()],
  [1, 'append to the rotated file', (world) => world.appendToRotated()],
  [3, 'rotate', (world) => world.rotate()],
  [1, 'remove the oldest rotated file', (world) => world.removeOldest()],
  [1, 'delete and recreate', (world) => world.recreate()],
  [1, 'truncate', (world) => world.truncate()],
  [8, 'poll', (world, number) => world.poll(PAUSES[number % PAUSES.length] ?? 0)],
  [4, 'save', (world, number) => world.save(number % 7)],
  [2, 'kill', (world) => world.kill()],
];

const PROGRAM = fc.array(
  fc.tuple(
    fc.oneof(...STEPS.map(([weight, name]) => ({ weight, arbitrary: fc.constant(name) }))),
    fc.nat(1000),
  ),
  { maxLength: 40, size: 'max' },
);

type Program = readonly (readonly [string, number])[];

function run(
  program: Program,
  files: Files = FILES,
): { readonly problems: string[]; readonly counts: Counts } {
  const world = createWorld(files);
  try {
    for (const [name, number] of program) STEPS.find((step) => step[1] === name)?.[2](world, number);
    return { problems: world.finish(), counts: world.counts() };
  } finally {
    world.remove();
  }
}

test(`${RUNS} random programs`, () => {
  const sum = { read: 0, repeated: 0, destroyed: 0, owed: 0 };
  fc.assert(
    fc.property(PROGRAM, (program) => {
      const { problems, counts } = run(program);
      for (const key of ['read', 'repeated', 'destroyed', 'owed'] as const) sum[key] += counts[key];
      expect(problems).toEqual([]);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  // It looked: programs did destroy lines, and followers did read on where others had been killed.
  expect(sum.read).toBeGreaterThan(10 * RUNS);
  expect(sum.repeated).toBeGreaterThan(RUNS / 10);
  expect(sum.destroyed).toBeGreaterThan(RUNS / 10);
  expect(sum.owed).toBeGreaterThan(RUNS / 100);
});

test.each<[string, Partial<Files>]>([
  [
    'commits what is not settled',
    {
      replace: (path, text) =>
        FILES.replace(path, text.replace(/"offset":\d+,"size":(\d+)/g, '"offset":$1,"size":$1')),
    },
  ],
  ['forgets its checkpoint', { load: () => '{"version":1,"files":[]}' }],
  ['takes all files for one', { stat: toOneFile }],
  [
    'skips the first bytes of a file',
    { read: (fd, into, position) => FILES.read(fd, into, Math.max(position, 10)) },
  ],
])('twin: a follower that %s is found out', (_name, fault) => {
  const outcome = fc.check(
    fc.property(PROGRAM, (program) => run(program, { ...FILES, ...fault }).problems.length === 0),
    { numRuns: 200, seed: SEED, endOnFailure: true },
  );
  expect(outcome.failed).toBe(true);
});

function toOneFile(path: string): ReturnType<Files['stat']> {
  const stat = FILES.stat(path);
  return stat?.kind === 'file' ? { ...stat, key: 'always the same' } : stat;
}
