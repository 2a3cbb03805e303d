/** corespan is restarted in the middle of a line (10): the line comes once, whole. */
import { expect, test } from 'vitest';
import {
  createVolume,
  cri,
  criLines,
  type Following,
  follow,
  LOG,
  losses,
  texts,
  type Volume,
} from '../sources/harness.ts';

const LINE = cri('line 3', 3);

function start(volume: Volume): Following {
  return follow(volume, { checkpoint: volume.path('checkpoint.json') });
}

function stop(reading: Following): void {
  reading.follower.save(() => undefined);
  reading.follower.stop();
}

test.each([
  ['a line without its end', LINE.slice(0, 40), LINE.slice(40), 'line 3'],
  [
    'a line that the runtime cut',
    '2026-11-21T12:00:03Z stdout P li\n',
    '2026-11-21T12:00:03Z stdout F ne 3\n',
    'line 3',
  ],
  ['a line that is too long, and is skipped', 'x'.repeat(70_000), `x\n${cri('line 4', 4)}`, 'line 4'],
])('%s', (_name, before, after, text) => {
  const volume = createVolume();
  const first = start(volume);
  volume.append(LOG, criLines(1, 2) + before);
  first.poll();
  expect(first.fresh()).toEqual(texts(1, 2));
  stop(first);

  volume.append(LOG, after);
  const second = start(volume);
  second.poll();
  expect(second.fresh()).toEqual([text]);
  expect(losses(second.self)).toBe(0);
});

test('output that is not settled is read again, under the same ids', () => {
  const volume = createVolume();
  const first = start(volume);
  volume.append(LOG, criLines(1, 5));
  first.poll();
  const third = first.lines[2];
  first.follower.save(() => third?.offset);
  first.follower.stop();

  const second = start(volume);
  second.poll();
  expect(second.fresh()).toEqual(texts(3, 5));
  expect(second.lines).toEqual(first.lines.slice(2));
});

test('twin: without a checkpoint everything comes again', () => {
  const volume = createVolume();
  const first = follow(volume);
  volume.append(LOG, criLines(1, 2));
  first.poll();
  stop(first);
  const second = follow(volume);
  second.poll();
  expect(second.fresh()).toEqual(texts(1, 2));
});
