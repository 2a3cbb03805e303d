/** Copies come and go beside logs that grow, rotate and are compressed, and corespan is restarted: every line comes once. */
import { copyFileSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVolume, criLines, type Following, follow, LOG, texts } from '../sources/harness.ts';

const RUNS = Number(process.env['FUZZ_CASES'] ?? 100);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

const ACTION = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('append' as const), lines: fc.constantFrom(1, 3, 40) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('poll' as const), ms: fc.constantFrom(1000, 15_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('copy' as const), name: fc.integer({ min: 1, max: 2 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('rotate' as const, 'compress' as const, 'restart' as const),
    }),
  },
);

test('every line comes once', async () => {
  const done = { append: 0, poll: 0, copy: 0, rotate: 0, compress: 0, restart: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(ACTION, { maxLength: 25, size: 'max' }), async (actions) => {
      const volume = createVolume();
      const options = { checkpoint: volume.path('checkpoint.json') };
      const read: string[] = [];
      let reading: Following = follow(volume, options);
      let written = 0;
      let rotated: string[] = [];
      const poll = async (ms: number): Promise<void> => {
        for (let passed = 0; passed < ms; passed += 1000) await reading.pollTurns(1000);
        read.push(...reading.fresh());
      };
      const append = (lines: number): void => {
        volume.append(LOG, criLines(written + 1, written + lines));
        written += lines;
      };
      append(1);
      for (const action of actions) {
        done[action.kind]++;
        switch (action.kind) {
          case 'append':
            append(action.lines);
            break;
          case 'poll':
            await poll(action.ms);
            break;
          case 'copy':
            copyFileSync(volume.path(LOG), volume.path(`${LOG}.bak${action.name}`));
            break;
          case 'rotate': {
            const name = `${LOG}.20261121-${String(100000 + written)}`;
            await poll(1000);
            volume.rename(LOG, name);
            rotated.push(name);
            append(1);
            break;
          }
          case 'compress': {
            const [oldest] = rotated;
            rotated = rotated.slice(1);
            if (oldest === undefined) break;
            volume.write(`${oldest}.tmp`, gzipSync(readFileSync(volume.path(oldest))));
            volume.rename(`${oldest}.tmp`, `${oldest}.gz`);
            volume.remove(oldest);
            break;
          }
          case 'restart':
            await poll(1000);
            reading.follower.save(() => undefined);
            reading.follower.stop();
            reading = follow(volume, options);
            break;
          default:
            action satisfies never;
        }
      }
      await poll(15_000);
      reading.follower.stop();
      expect(read.toSorted()).toEqual(texts(1, written).toSorted());
    }),
    { numRuns: RUNS, seed: SEED },
  );
  // It has looked.
  for (const times of Object.values(done)) expect(times).toBeGreaterThan(20);
}, 60_000);
