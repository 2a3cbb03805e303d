/** A log is deleted and made anew under the same path (6): both are read whole, what nobody can know is counted. */
import { expect, test } from 'vitest';
import { createVolume, criLines, follow, LOG, losses, texts } from '../sources/harness.ts';

test('what was not read of the deleted file is read from the open descriptor, before the new one', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 2));
  reading.poll();
  volume.append(LOG, criLines(3, 4));
  volume.remove(LOG);
  volume.append(LOG, criLines(5, 6));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(1, 6));
  // Another one may have come and gone in between.
  expect(reading.self.count('corespan_possible_loss_total', 'gap')).toBe(1);
});

test('a file that comes and goes between two polls cannot be read, but is counted as possible', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 2));
  reading.poll();
  volume.remove(LOG);
  volume.append(LOG, criLines(3, 4));
  volume.remove(LOG);
  reading.poll(20_000);
  volume.append(LOG, criLines(5, 6));
  reading.poll(20_000);
  expect(reading.fresh()).toEqual([...texts(1, 2), ...texts(5, 6)]);
  expect(losses(reading.self)).toBe(1);
});

test('the folder of a pod that is deleted is forgotten, without alarm', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 2));
  reading.poll();
  volume.append(LOG, criLines(3, 3));
  volume.remove(LOG);
  volume.removeFolder(LOG);
  reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(1, 3));
  reading.poll(20_000);
  reading.poll(20_000);
  expect(reading.follower.state()).toEqual({ newestTime: reading.lines[2]?.time, unreadBytes: 0, files: [] });
  expect(losses(reading.self)).toBe(0);
});

test('twin: a file that stays is neither read again nor counted', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 2));
  reading.poll();
  reading.poll(20_000);
  expect(reading.fresh()).toEqual(texts(1, 2));
  expect(losses(reading.self)).toBe(0);
});
