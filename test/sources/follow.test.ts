import { describe, expect, test } from 'vitest';
import type { Lines } from '../../src/records/line.ts';
import { createVolume, cri, criLines, follow, LABEL, LOG, NOON, texts } from './harness.ts';

const CACHE = 'kube-system_node-local-dns-2_9b1d/node-cache';
const OTHER = `${CACHE}/0.log`;

describe('what is followed', () => {
  test('the named containers of every pod, and what they are', () => {
    const volume = createVolume();
    volume.append(LOG, cri('a', 1));
    volume.append(OTHER, cri('b', 2));
    volume.append('default_web-1_77aa/web/0.log', cri('c', 3));
    const reading = follow(volume);
    reading.poll();
    expect(reading.lines).toEqual([
      { text: 'a', time: NOON + 1000, offset: 0, id: expect.any(String), path: volume.path(LOG) },
      { text: 'b', time: NOON + 2000, offset: 0, id: expect.any(String), path: volume.path(OTHER) },
    ]);
    expect(reading.follower.state().files.map(({ file }) => file.pod)).toEqual([
      { namespace: 'kube-system', name: 'coredns-1', uid: '5f0c', container: 'coredns' },
      { namespace: 'kube-system', name: 'node-local-dns-2', uid: '9b1d', container: 'node-cache' },
    ]);
  });

  test("one pod's own folder under any name", () => {
    const volume = createVolume();
    volume.append('coredns/0.log', criLines(1, 2));
    const reading = follow(volume);
    reading.poll();
    expect(reading.fresh()).toEqual(texts(1, 2));
    expect(reading.follower.state().files[0]?.file.pod).toBeUndefined();
    expect(reading.self.count('corespan_lines_read_total', '0.log')).toBe(2);
  });

  test('a folder that comes later, and one that comes later still', () => {
    const volume = createVolume();
    const reading = follow(volume, { dir: volume.path('pods') });
    reading.poll();
    volume.append(`pods/${LOG}`, criLines(1, 2));
    reading.poll(1000);
    expect(reading.fresh()).toEqual(texts(1, 2));
    volume.append(`pods/${OTHER}`, criLines(3, 4));
    reading.poll(5000);
    expect(reading.fresh()).toEqual(texts(3, 4));
  });

  test('the runs of a container one after another', () => {
    const volume = createVolume();
    volume.append(LOG, criLines(1, 2));
    const reading = follow(volume);
    reading.poll();
    volume.append(LOG, criLines(3, 3));
    volume.append(LOG.replace('0.log', '1.log'), criLines(4, 5));
    reading.poll(1000);
    expect(reading.fresh()).toEqual(texts(1, 5));
    expect(reading.self.count('corespan_rotations_total')).toBe(0);
  });

  test('a link whose target Docker has rotated: the old one to its end, then the new one', () => {
    const volume = createVolume();
    volume.append('docker/x-json.log', criLines(1, 2));
    volume.link(`pods/${LOG}`, volume.path('docker/x-json.log'));
    const reading = follow(volume, { dir: volume.path('pods') });
    reading.poll();
    volume.append('docker/x-json.log', criLines(3, 3));
    volume.rename('docker/x-json.log', 'docker/x-json.log.1');
    volume.append('docker/x-json.log', criLines(4, 5));
    reading.poll();
    expect(reading.fresh()).toEqual(texts(1, 5));
    expect(reading.self.count('corespan_rotations_total')).toBe(1);
    expect(reading.self.count('corespan_possible_loss_total', 'gap')).toBe(0);
  });
});

describe('where reading begins', () => {
  test('with a checkpoint: where it says; what it does not know from the beginning', () => {
    const volume = createVolume();
    const options = { checkpoint: volume.path('checkpoint.json') };
    volume.append(LOG, criLines(1, 2));
    const first = follow(volume, options);
    first.poll();
    expect(first.fresh()).toEqual(texts(1, 2));
    volume.append(LOG, criLines(3, 4));
    first.poll();
    expect(first.fresh()).toEqual(texts(3, 4));
    first.follower.save(() => undefined);
    first.follower.stop();

    volume.append(LOG, criLines(5, 6));
    volume.append(OTHER, criLines(7, 8));
    const second = follow(volume, options);
    second.poll();
    expect(second.fresh()).toEqual(texts(5, 8));
  });
});

describe('a backlog', () => {
  test('is read in slices, the log that is furthest behind first', () => {
    const volume = createVolume();
    volume.append(LOG, criLines(1, 30_000));
    volume.append(OTHER, criLines(1, 30_000));
    const reading = follow(volume);
    let most = 0;
    const times = new Map<string, number>();
    let apart = 0;
    let polls = 0;
    const accept = (lines: Lines): void => {
      times.set(lines.file.id, lines.time[lines.to - 1] ?? 0);
      if (times.size === 2) apart = Math.max(apart, Math.abs([...times.values()].reduce((a, b) => a - b)));
    };
    for (let more = true; more; polls++) {
      const before = reading.follower.state().unreadBytes;
      more = reading.follower.poll(accept) === 'more';
      if (polls > 0) most = Math.max(most, before - reading.follower.state().unreadBytes);
    }
    expect(polls).toBeGreaterThan(5);
    expect(most).toBeLessThanOrEqual(8 * 64 * 1024);
    // One window holds some 1,400 of these lines, and they are a second apart.
    expect(apart).toBeLessThan(1_500_000);
    expect(reading.self.count('corespan_lines_read_total', LABEL)).toBe(30_000);
  });

  test('shows as lag and unread bytes until it is read', () => {
    const volume = createVolume();
    volume.append(LOG, criLines(1, 30_000));
    const reading = follow(volume);
    expect(reading.follower.poll(() => {})).toBe('more');
    const { unreadBytes, newestTime = 0 } = reading.follower.state();
    expect(unreadBytes).toBeGreaterThan(0);
    expect(reading.self.count('corespan_unread_bytes')).toBe(unreadBytes);
    expect(newestTime).toBeGreaterThan(NOON);
    expect(reading.self.count('corespan_lag_seconds')).toBe(Math.max(0, NOON - newestTime) / 1000);
    reading.poll();
    expect(reading.follower.state().unreadBytes).toBe(0);
    expect(reading.self.count('corespan_lag_seconds')).toBe(0);
    const size = criLines(1, 30_000).length;
    expect(reading.self.count('corespan_read_bytes_total')).toBe(size);
    expect(reading.self.count('corespan_read_offset_bytes', LABEL)).toBe(size);
  });

  test('lag is the age of the newest line read', () => {
    const volume = createVolume();
    const early = Array.from({ length: 20_000 }, (_, n) => cri(`line ${n}`, -3600)).join('');
    volume.append(LOG, early);
    const reading = follow(volume);
    reading.follower.poll(() => {});
    expect(reading.self.count('corespan_lag_seconds')).toBe(3600);
  });
});

test('lines without any time get that of their reading', () => {
  const volume = createVolume();
  volume.append(LOG, 'a\n');
  const reading = follow(volume);
  reading.poll(500);
  volume.append(LOG, 'b\n2026-11-21T12:00:07Z c\nd\n');
  reading.poll(500);
  expect(reading.lines.map(({ time }) => time - NOON)).toEqual([500, 7000, 7000, 7000]);
});

test('a consumer that throws loses the lines it was given, not the following ones', () => {
  const volume = createVolume();
  volume.append(LOG, criLines(1, 3));
  const reading = follow(volume, { lineLimit: 64 * 1024 });
  reading.poll();
  volume.append(LOG, criLines(4, 5000));
  expect(() =>
    reading.follower.poll(() => {
      throw new Error('planted');
    }),
  ).toThrow('planted');
  reading.poll();
  const fresh = reading.fresh();
  expect(fresh.slice(0, 3)).toEqual(texts(1, 3));
  expect(fresh.at(-1)).toBe('line 5000');
  expect(fresh.length).toBeGreaterThan(2000);
  expect(fresh.length).toBeLessThan(5000);
});

test('a stop closes every file', () => {
  const volume = createVolume();
  volume.append(LOG, criLines(1, 3));
  volume.append(OTHER, criLines(4, 6));
  const reading = follow(volume);
  reading.poll();
  const open = (): number => reading.follower.state().files.length;
  expect(open()).toBe(2);
  reading.follower.stop();
  reading.follower.stop();
  volume.append(LOG, criLines(7, 7));
  expect(reading.follower.state().unreadBytes).toBe(0);
});
