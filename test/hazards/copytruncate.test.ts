/** logrotate's copytruncate (3): the log is copied and cut to nothing, while its writer keeps the place it was at. */
import { closeSync, copyFileSync, openSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createVolume, cri, criLines, follow, LOG, losses, rejections, texts } from '../sources/harness.ts';

test('a hole of zeros where lines were is passed, in one piece or in many', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.write(LOG, '');
  const writer = openSync(volume.path(LOG), 'r+');
  writeSync(writer, criLines(1, 2000));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(1, 2000));

  volume.truncate(LOG);
  writeSync(writer, criLines(2001, 2002));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(2001, 2002));
  writeSync(writer, criLines(2003, 2003));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(2003, 2003));

  volume.truncate(LOG);
  reading.poll();
  writeSync(writer, criLines(2004, 2004));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(2004, 2004));
  closeSync(writer);

  expect(reading.self.count('corespan_truncations_total')).toBe(2);
  expect(losses(reading.self)).toBe(2);
  expect(rejections(reading.self)).toBe(0);
  expect(new Set(reading.lines.map(({ id }) => id)).size).toBe(3);
});

test('a second hole behind the first is noticed too, though both begin with the same zeros', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.write(LOG, '');
  const writer = openSync(volume.path(LOG), 'r+');
  writeSync(writer, criLines(1, 100));
  volume.truncate(LOG);
  writeSync(writer, criLines(101, 102));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(101, 102));
  volume.truncate(LOG);
  writeSync(writer, criLines(103, 104));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(103, 104));
  closeSync(writer);
  expect(reading.self.count('corespan_truncations_total')).toBe(1);
});

test('the copy holds what was not read before the cut: it comes, and nothing comes twice', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  volume.append(LOG, criLines(4, 5));
  copyFileSync(volume.path(LOG), volume.path(`${LOG}.1`));
  volume.truncate(LOG);
  volume.append(LOG, cri('line 6'));
  reading.poll(1000);
  reading.poll(1000);
  expect(reading.fresh().toSorted()).toEqual(texts(1, 6));
  expect(reading.lines.find(({ text }) => text === 'line 5')?.id).toBe(reading.lines[0]?.id);
});

test('twin: without the copy those lines are gone, which is counted', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  volume.append(LOG, criLines(4, 5));
  volume.truncate(LOG);
  volume.append(LOG, cri('line 6'));
  reading.poll(1000);
  expect(reading.fresh()).toEqual([...texts(1, 3), 'line 6']);
  expect(losses(reading.self)).toBe(1);
});
