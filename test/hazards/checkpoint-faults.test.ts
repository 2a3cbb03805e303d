/** The checkpoint is damaged, cut, or from a newer version; or cannot be written (20): told once, never a crash. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createVolume, criLines, follow, LOG, losses, texts } from '../sources/harness.ts';

const CHECKPOINT = 'checkpoint.json';

function savedText(): string {
  const volume = createVolume();
  volume.append(LOG, criLines(1, 3));
  const reading = follow(volume, { checkpoint: volume.path(CHECKPOINT) });
  reading.poll();
  reading.follower.save(() => undefined);
  return readFileSync(volume.path(CHECKPOINT), 'utf8');
}

test.each<[string, (text: string) => string]>([
  ['empty', () => ''],
  ['cut', (text) => text.slice(0, text.length / 2)],
  ['no JSON', () => 'corespan'],
  ['another JSON', () => '[]'],
  ['from a newer version', (text) => text.replace('"version":1', '"version":2')],
  ['without files', () => '{"version":1}'],
  ['with a negative offset', (text) => text.replace(/"offset":\d+/, '"offset":-1')],
  ['with an offset beyond all numbers', (text) => text.replace(/"offset":\d+/, '"offset":1e300')],
  ['with null for a file', () => '{"version":1,"files":[null]}'],
  ['zeros, as a crash may leave them', (text) => '\0'.repeat(text.length)],
])('%s: all that exists is read from its beginning, and the next save repairs it', (_name, damage) => {
  const volume = createVolume();
  volume.append(LOG, criLines(1, 3));
  volume.write(CHECKPOINT, damage(savedText()));
  const reading = follow(volume, { checkpoint: volume.path(CHECKPOINT) });
  reading.poll();
  expect(reading.fresh()).toEqual(texts(1, 3));
  expect(reading.self.count('corespan_checkpoints_total', 'refused')).toBe(1);
  expect(
    reading.self.messages.filter((message) => message.includes('checkpoint cannot be used')),
  ).toHaveLength(1);
  reading.follower.save(() => undefined);
  reading.follower.stop();

  const next = follow(volume, { checkpoint: volume.path(CHECKPOINT) });
  next.poll();
  expect(next.fresh()).toEqual([]);
  expect(next.self.count('corespan_checkpoints_total', 'loaded')).toBe(1);
});

test('twin: a good one is followed', () => {
  const volume = createVolume();
  volume.append(LOG, criLines(1, 3));
  volume.write(CHECKPOINT, savedText());
  const reading = follow(volume, { checkpoint: volume.path(CHECKPOINT) });
  volume.append(LOG, criLines(4, 4));
  reading.poll();
  expect(reading.fresh()).toEqual(texts(4, 4));
  expect(losses(reading.self)).toBe(0);
});

test('it cannot be written: counted, told once, reading goes on', () => {
  const volume = createVolume();
  mkdirSync(volume.path(CHECKPOINT));
  const reading = follow(volume, { checkpoint: volume.path(CHECKPOINT) });
  for (let n = 1; n <= 3; n++) {
    volume.append(LOG, criLines(n, n));
    reading.poll();
    reading.follower.save(() => undefined);
  }
  expect(reading.fresh()).toEqual(texts(1, 3));
  expect(reading.self.count('corespan_checkpoints_total', 'save_failed')).toBe(3);
  expect(reading.self.messages.filter((message) => message.includes('cannot be saved'))).toHaveLength(1);
  expect(existsSync(volume.path(`${CHECKPOINT}.tmp`))).toBe(false);
});

test('nothing new: nothing is written', () => {
  const volume = createVolume();
  volume.append(LOG, criLines(1, 3));
  const reading = follow(volume, { checkpoint: volume.path(CHECKPOINT) });
  reading.poll();
  for (let n = 0; n < 3; n++) reading.follower.save(() => undefined);
  expect(reading.self.count('corespan_checkpoints_total', 'saved')).toBe(1);
});
