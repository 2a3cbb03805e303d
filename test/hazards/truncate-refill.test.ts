/** A log is truncated and grows beyond the old position between two polls (5): noticed by its first bytes, counted. */
import { expect, test } from 'vitest';
import { createVolume, cri, criLines, follow, LOG, losses, texts } from '../sources/harness.ts';

test('everything new is read from the beginning', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  volume.truncate(LOG);
  volume.append(LOG, criLines(4, 20));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(1, 20));
  expect(reading.self.count('corespan_possible_loss_total', 'refilled')).toBe(1);
  expect(reading.self.count('corespan_truncations_total')).toBe(1);
  expect(reading.lines[3]?.offset).toBe(0);
  expect(reading.lines[3]?.id).not.toBe(reading.lines[0]?.id);
});

test('to exactly the old size: noticed at the next listing', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  volume.truncate(LOG);
  volume.append(LOG, criLines(4, 6));
  reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(1, 6));
  expect(losses(reading.self)).toBe(1);
});

test('a log whose content has no times, and begins with the same line again, is another file', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, '.:53\n[INFO] first\n');
  reading.poll();
  volume.truncate(LOG);
  volume.append(LOG, '.:53\n[INFO] second\n[INFO] third\n');
  reading.poll();
  expect(reading.fresh()).toEqual(['.:53', '[INFO] first', '.:53', '[INFO] second', '[INFO] third']);
  expect(new Set(reading.lines.map(({ id }) => id)).size).toBe(2);
});

test('twin: a file that only grew is read on, and nothing is counted', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  volume.append(LOG, criLines(4, 20));
  reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(1, 20));
  expect(losses(reading.self)).toBe(0);
  expect(new Set(reading.lines.map(({ id }) => id)).size).toBe(1);
});

test('before its first line was complete: nothing of the old one is mixed into the new one', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, '2026-11-21T12:00:00Z stdout F never finish');
  reading.poll(1000);
  volume.truncate(LOG);
  volume.append(LOG, cri('line 1', 1));
  reading.poll(1000);
  expect(reading.fresh()).toEqual(['line 1']);
});
