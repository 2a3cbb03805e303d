/** A line is written in two halves, a minute apart (9): it comes once, whole, and nothing calls that a backlog. */
import { expect, test } from 'vitest';
import { createVolume, cri, criLines, follow, LOG, texts } from '../sources/harness.ts';

const LINE = cri('line 3', 3);

test.each([1, 20, LINE.length - 1])('cut after %i bytes', (cut) => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 2) + LINE.slice(0, cut));
  reading.poll();
  for (let second = 0; second < 60; second++) reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(1, 2));
  expect(reading.follower.state().unreadBytes).toBe(0);
  expect(reading.self.count('corespan_lag_seconds')).toBe(0);
  volume.append(LOG, LINE.slice(cut));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(3, 3));
  expect(reading.lines[2]?.offset).toBe(criLines(1, 2).length);
});

test('the first line of a file', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, LINE.slice(0, 30));
  reading.poll(60_000);
  expect(reading.fresh()).toEqual([]);
  volume.append(LOG, LINE.slice(30));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(3, 3));
});

test('a line that the runtime cut (P, P, F) comes as one, with the lines of the other stream in between', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, '2026-11-21T12:00:01Z stdout P goroutine 1 \n2026-11-21T12:00:02Z stderr F oops\n');
  reading.poll(60_000);
  expect(reading.fresh()).toEqual(['oops']);
  volume.append(LOG, '2026-11-21T12:00:03Z stdout P [running]\n2026-11-21T12:00:03Z stdout F :\n');
  reading.poll(60_000);
  expect(reading.fresh()).toEqual(['goroutine 1 [running]:']);
  expect(reading.self.count('corespan_lines_read_total', 'kube-system/coredns-1')).toBe(2);
});

test('twin: a rotated file is not waited for, its last half line is one', () => {
  const volume = createVolume();
  const reading = follow(volume);
  volume.append(LOG, criLines(1, 2) + LINE.slice(0, -4));
  reading.poll();
  volume.rename(LOG, `${LOG}.20261121-120000`);
  volume.append(LOG, criLines(4, 4));
  reading.poll(1000);
  expect(reading.fresh()).toEqual([...texts(1, 2), ...texts(4, 4)]);
  reading.poll(20_000);
  expect(reading.fresh()).toEqual(['lin']);
});
