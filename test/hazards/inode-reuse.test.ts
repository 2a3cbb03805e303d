/** The inode of a deleted log is given to a new one (7), as tmpfs and ext4 do: told apart by content. */
import { expect, test } from 'vitest';
import { type Files, SYSTEM_FILES } from '../../src/sources/files.ts';
import { createVolume, criLines, follow, LOG, losses, texts } from '../sources/harness.ts';

const ROTATED = `${LOG}.20261121-120000`;

/** All logs have the inode that somebody asks for. */
function withInodes(inodeOf: (path: string) => number): Files {
  return {
    ...SYSTEM_FILES,
    stat(path) {
      const stat = SYSTEM_FILES.stat(path);
      return stat?.kind === 'file' ? { ...stat, key: `1:${inodeOf(path)}` } : stat;
    },
  };
}

test('of a rotated file that was read and closed: the new one is read whole', () => {
  const volume = createVolume();
  let inodes: Record<string, number> = { [volume.path(LOG)]: 1 };
  const reading = follow(volume, { files: withInodes((path) => inodes[path] ?? 0) });
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  volume.rename(LOG, ROTATED);
  volume.append(LOG, criLines(4, 4));
  inodes = { [volume.path(ROTATED)]: 1, [volume.path(LOG)]: 2 };
  reading.poll(1000);
  reading.poll(60_000);
  expect(reading.fresh()).toEqual(texts(1, 4));

  volume.remove(ROTATED);
  volume.rename(LOG, `${LOG}.20261121-120100`);
  volume.append(LOG, criLines(5, 9));
  inodes = { [volume.path(`${LOG}.20261121-120100`)]: 2, [volume.path(LOG)]: 1 };
  reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(5, 9));
  expect(losses(reading.self)).toBe(0);
});

test('while corespan was away: the checkpoint does not mistake one for the other', () => {
  const volume = createVolume();
  const options = { checkpoint: volume.path('checkpoint.json'), files: withInodes(() => 1) };
  const first = follow(volume, options);
  volume.append(LOG, criLines(1, 3));
  first.poll();
  first.follower.save(() => undefined);
  first.follower.stop();
  volume.remove(LOG);
  volume.append(LOG, criLines(4, 9));
  const second = follow(volume, options);
  second.poll();
  expect(second.fresh()).toEqual(texts(4, 9));
  expect(second.self.count('corespan_possible_loss_total', 'gone')).toBe(1);
});

test('twin: the same file with the same inode is read on', () => {
  const volume = createVolume();
  const options = { checkpoint: volume.path('checkpoint.json'), files: withInodes(() => 1) };
  const first = follow(volume, options);
  volume.append(LOG, criLines(1, 3));
  first.poll();
  first.follower.save(() => undefined);
  first.follower.stop();
  volume.append(LOG, criLines(4, 9));
  const second = follow(volume, options);
  second.poll();
  expect(second.fresh()).toEqual(texts(4, 9));
  expect(losses(second.self)).toBe(0);
});
