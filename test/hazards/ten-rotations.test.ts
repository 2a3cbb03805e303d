/** A log is rotated ten times within a second (2): all of it is read in order, or the loss is counted. */
import { expect, test } from 'vitest';
import { createVolume, criLines, follow, LOG, losses, texts } from '../sources/harness.ts';

test('between two polls: every file is found and read in order', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 2));
  reading.poll();
  for (let n = 0; n < 10; n++) {
    volume.rename(LOG, `${LOG}.20261121-12000${n}`);
    volume.append(LOG, criLines(3 + n, 3 + n));
  }
  reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(1, 12));
  expect(new Set(reading.lines.map(({ id }) => id)).size).toBe(11);
  expect(reading.self.count('corespan_rotations_total')).toBe(10);
  expect(losses(reading.self)).toBe(0);
});

test('with a poll after each: the same', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 2));
  reading.poll();
  for (let n = 0; n < 10; n++) {
    volume.rename(LOG, `${LOG}.20261121-12000${n}`);
    volume.append(LOG, criLines(3 + n, 3 + n));
    reading.poll(100);
  }
  expect(reading.fresh()).toEqual(texts(1, 12));
  expect(reading.self.count('corespan_rotations_total')).toBe(10);
  expect(losses(reading.self)).toBe(0);
});

test('twin: the kubelet keeps five files and drops the rest unread: what is left is read, the gap is counted', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 2));
  reading.poll();
  for (let n = 0; n < 10; n++) {
    volume.rename(LOG, `${LOG}.20261121-12000${n}`);
    volume.append(LOG, criLines(3 + n, 3 + n));
    if (n >= 4) volume.remove(`${LOG}.20261121-12000${n - 4}`);
  }
  reading.poll(1000);
  expect(reading.fresh()).toEqual([...texts(1, 2), ...texts(8, 12)]);
  expect(reading.self.count('corespan_possible_loss_total', 'gap')).toBe(1);
});
