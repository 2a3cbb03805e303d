/** The kubelet compresses a rotated log (12): what it holds is read once, wherever it stands by then. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createVolume, criLines, follow, LOG, losses, texts, type Volume } from '../sources/harness.ts';

const OLDER = `${LOG}.20261121-110000`;
const ROTATED = `${LOG}.20261121-120000`;

/** As the kubelet does it: into a temporary file, which gets its name when it is whole. */
function compress(volume: Volume, name: string, content: string): void {
  volume.write(`${name}.tmp`, gzipSync(content));
  volume.rename(`${name}.tmp`, `${name}.gz`);
}

test('of a file that was read: nothing comes again, under any name, nor after a restart', async () => {
  const volume = createVolume();
  const options = { checkpoint: volume.path('checkpoint.json') };
  const reading = follow(volume, options);
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  volume.rename(LOG, ROTATED);
  volume.append(LOG, criLines(4, 5));
  await reading.pollTurns(1000);
  compress(volume, ROTATED, criLines(1, 3));
  await reading.pollTurns(1000);
  volume.remove(ROTATED);
  await reading.pollTurns(1000);
  await reading.pollTurns(60_000);
  expect(reading.fresh()).toEqual(texts(1, 5));
  expect(losses(reading.self)).toBe(0);

  reading.follower.save(() => undefined);
  reading.follower.stop();
  volume.append(LOG, criLines(6, 6));
  const next = follow(volume, options);
  await next.pollTurns();
  expect(next.fresh()).toEqual(texts(6, 6));
  expect(losses(next.self)).toBe(0);
});

test('while corespan was away, with lines that nobody had read: only they come, under the old id', async () => {
  const volume = createVolume();
  const options = { checkpoint: volume.path('checkpoint.json') };
  const reading = follow(volume, options);
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  reading.follower.save(() => undefined);
  reading.follower.stop();
  volume.remove(LOG);
  compress(volume, ROTATED, criLines(1, 2000));
  volume.append(LOG, criLines(2001, 2002));
  const next = follow(volume, options);
  await next.pollTurns();
  expect(next.fresh()).toEqual(texts(4, 2002));
  expect(next.lines[0]).toMatchObject({ id: reading.lines[0]?.id, offset: criLines(1, 3).length });
  expect(losses(next.self)).toBe(0);
});

test('at the first start leftovers come first, oldest first, the plain one and its copy once', async () => {
  const volume = createVolume();
  compress(volume, OLDER, criLines(1, 5000));
  volume.write(ROTATED, criLines(5001, 5002));
  compress(volume, ROTATED, criLines(5001, 5002));
  volume.write(LOG, criLines(5003, 5004));
  volume.write(`${LOG}.20261121-100000.tmp`, gzipSync(criLines(9000, 9001)));
  const reading = follow(volume);
  await reading.pollTurns();
  await reading.pollTurns(1000);
  expect(reading.fresh()).toEqual(texts(1, 5004));
  expect(reading.follower.state().unreadBytes).toBe(0);
});

test('a damaged one is counted, what could be unpacked is read, and reading goes on', async () => {
  const volume = createVolume();
  const packed = gzipSync(criLines(1, 5000));
  volume.write(`${OLDER}.gz`, packed.subarray(0, packed.length / 2));
  volume.write(`${ROTATED}.gz`, Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(100, 7)]));
  volume.write(LOG, criLines(6001, 6001));
  const reading = follow(volume);
  await reading.pollTurns();
  const fresh = reading.fresh();
  expect(fresh.length).toBeGreaterThan(1000);
  expect(fresh.at(-1)).toBe('line 6001');
  expect(reading.self.count('corespan_source_errors_total', 'gzip')).toBe(2);
});

test('one without a line break is one line, an empty one is none', async () => {
  const volume = createVolume();
  compress(volume, OLDER, 'only');
  compress(volume, ROTATED, '');
  volume.write(LOG, criLines(1, 1));
  const reading = follow(volume);
  await reading.pollTurns();
  await reading.pollTurns(60_000);
  expect(reading.fresh()).toEqual(['only', 'line 1']);
  expect(reading.follower.state().unreadBytes).toBe(0);
});

test('twin: another content under such a name is read', async () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  compress(volume, ROTATED, criLines(11, 12));
  await reading.pollTurns(1000);
  expect(reading.fresh()).toEqual([...texts(1, 3), ...texts(11, 12)]);
});
