/** A compressed log whose last four bytes tell another size than it holds: several members, or cut. It is read once. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createVolume, criLines, follow, LOG, losses, texts } from '../sources/harness.ts';

const ROTATED = `${LOG}.20261121-120000`;

/** Its last member is far smaller than the windows that are read. */
const MEMBERS = Buffer.concat([
  gzipSync(criLines(1, 9_000)),
  gzipSync(criLines(9_001, 9_998)),
  gzipSync(criLines(9_999, 10_000)),
]);

test('several members: all of them, once, and nothing again after a restart', async () => {
  const volume = createVolume();
  const options = { checkpoint: volume.path('checkpoint.json') };
  volume.write(`${ROTATED}.gz`, MEMBERS);
  volume.write(LOG, criLines(10_001, 10_002));
  const reading = follow(volume, options);
  await reading.pollTurns();
  for (let second = 0; second < 30; second++) await reading.pollTurns(1000);
  expect(reading.fresh()).toEqual(texts(1, 10_002));
  expect(reading.self.count('corespan_truncations_total')).toBe(0);
  expect(losses(reading.self)).toBe(0);

  reading.follower.save(() => undefined);
  reading.follower.stop();
  const next = follow(volume, options);
  await next.pollTurns();
  expect(next.fresh()).toEqual([]);
  expect(losses(next.self)).toBe(0);
});

test('several members of which some were read before: only the others', async () => {
  const volume = createVolume();
  const options = { checkpoint: volume.path('checkpoint.json') };
  volume.write(LOG, criLines(1, 5_000));
  const reading = follow(volume, options);
  await reading.pollTurns();
  reading.follower.save(() => undefined);
  reading.follower.stop();
  volume.remove(LOG);
  volume.write(`${ROTATED}.gz`, MEMBERS);
  const next = follow(volume, options);
  await next.pollTurns();
  expect(next.fresh()).toEqual(texts(5_001, 10_000));
  expect(losses(next.self)).toBe(0);
});

test('cut: what can be unpacked comes once, whatever its last bytes say', async () => {
  const volume = createVolume();
  const packed = gzipSync(criLines(1, 20_000));
  const half = packed.subarray(0, packed.length / 2);
  volume.write(`${ROTATED}.gz`, Buffer.concat([half, Buffer.from([1, 0, 0, 0])]));
  const reading = follow(volume);
  await reading.pollTurns();
  for (let second = 0; second < 30; second++) await reading.pollTurns(1000);
  const fresh = reading.fresh();
  expect(fresh.length).toBeGreaterThan(5_000);
  expect(new Set(fresh).size).toBe(fresh.length);
  expect(reading.self.count('corespan_truncations_total')).toBe(0);
  expect(reading.self.count('corespan_source_errors_total', 'gzip')).toBe(1);
});
