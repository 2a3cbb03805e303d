/** A log is renamed, and the runtime goes on writing to the renamed file for 5 s (1): nothing is lost or read twice. */
import { expect, test } from 'vitest';
import { createVolume, criLines, follow, LOG, losses, texts } from '../sources/harness.ts';

const ROTATED = `${LOG}.20261121-120005`;

test('late lines of the renamed file come, each once', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(1, 3));

  volume.rename(LOG, ROTATED);
  for (let second = 4; second < 9; second++) {
    volume.append(ROTATED, criLines(second, second));
    reading.poll(1000);
    expect(reading.fresh()).toEqual(texts(second, second));
  }
  volume.append(ROTATED, criLines(9, 9));
  volume.append(LOG, criLines(10, 11));
  reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(9, 11));
  reading.poll(60_000);
  expect(reading.fresh()).toEqual([]);

  expect(reading.self.count('corespan_rotations_total')).toBe(1);
  expect(losses(reading.self)).toBe(0);
  const [first, last] = [reading.lines[0], reading.lines[8]];
  expect(last?.id).toBe(first?.id);
  expect(reading.lines[9]?.id).not.toBe(first?.id);
});

test('a line that comes a minute later, after the renamed file was closed, comes too', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 1));
  reading.poll();
  volume.rename(LOG, ROTATED);
  volume.append(LOG, criLines(2, 2));
  reading.poll(1000);
  reading.poll(60_000);
  volume.append(ROTATED, criLines(3, 3));
  reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(1, 3));
});

test('twin: a renamed file that is gone before anybody saw its late lines leaves them unread', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  reading.follower.stop();
  volume.rename(LOG, ROTATED);
  volume.append(ROTATED, criLines(4, 4));
  volume.remove(ROTATED);
  volume.append(LOG, criLines(5, 5));
  const next = follow(volume);
  next.poll();
  expect([...reading.fresh(), ...next.fresh()]).toEqual([...texts(1, 3), ...texts(5, 5)]);
});

test('a failed reopen renames the file back: the same file, read on', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 2));
  reading.poll();
  volume.rename(LOG, ROTATED);
  volume.append(ROTATED, criLines(3, 3));
  reading.poll(1000);
  volume.rename(ROTATED, LOG);
  volume.append(LOG, criLines(4, 4));
  reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(1, 4));
  expect(losses(reading.self)).toBe(0);
});
