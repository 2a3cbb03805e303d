/** A log cannot be opened or read, and later it can (13): counted meanwhile, nothing is lost, nobody falls. */
import { expect, test } from 'vitest';
import { type Files, SYSTEM_FILES } from '../../src/sources/files.ts';
import { createVolume, criLines, follow, LOG, losses, texts } from '../sources/harness.ts';

/** The named functions fail as long as `broken` holds them: root may open what a test's mode forbids. */
function withFaults(broken: Set<keyof Files>): Files {
  const fail = (name: keyof Files): void => {
    if (broken.has(name))
      throw Object.assign(new Error(`EACCES: permission denied, ${name}`), { code: 'EACCES' });
  };
  return {
    ...SYSTEM_FILES,
    open(path) {
      fail('open');
      return SYSTEM_FILES.open(path);
    },
    read(fd, into, position) {
      fail('read');
      return SYSTEM_FILES.read(fd, into, position);
    },
    list(folder) {
      fail('list');
      return SYSTEM_FILES.list(folder);
    },
    stat(path) {
      fail('stat');
      return SYSTEM_FILES.stat(path);
    },
  };
}

test.each([
  ['open', 'open'],
  ['read', 'open'],
  ['list', 'folder'],
  ['stat', 'folder'],
] as const)('from the start: %s', (broken, reason) => {
  const volume = createVolume();
  const faults = new Set<keyof Files>([broken]);
  const reading = follow(volume, { files: withFaults(faults) });
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  reading.poll(1000);
  expect(reading.fresh()).toEqual([]);
  expect(reading.self.count('corespan_source_errors_total', reason)).toBeGreaterThan(0);
  faults.clear();
  reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(1, 3));
});

test.each(['open', 'read', 'list', 'stat'] as const)('later: %s', (broken) => {
  const volume = createVolume();
  const faults = new Set<keyof Files>();
  const reading = follow(volume, { files: withFaults(faults) });
  volume.append(LOG, criLines(1, 3));
  reading.poll();
  faults.add(broken);
  volume.append(LOG, criLines(4, 5));
  for (let second = 0; second < 30; second++) reading.poll(1000);
  volume.rename(LOG, `${LOG}.20261121-120000`);
  volume.append(LOG, criLines(6, 7));
  for (let second = 0; second < 30; second++) reading.poll(1000);
  faults.clear();
  reading.poll(1000);
  reading.poll(1000);
  expect(reading.fresh()).toEqual(texts(1, 7));
  expect(losses(reading.self)).toBe(0);
});

test('a checkpoint keeps what could not be opened, however often corespan is restarted', () => {
  const volume = createVolume();
  const faults = new Set<keyof Files>();
  const options = { files: withFaults(faults), checkpoint: volume.path('checkpoint.json') };
  volume.append(LOG, criLines(1, 3));
  for (let start = 0; start < 4; start++) {
    const reading = follow(volume, options);
    reading.poll();
    expect(reading.fresh()).toEqual(start === 0 ? texts(1, 3) : start === 3 ? texts(4, 4) : []);
    expect(losses(reading.self)).toBe(0);
    reading.follower.save(() => undefined);
    reading.follower.stop();
    if (start === 0) {
      faults.add('open');
      volume.append(LOG, criLines(4, 4));
    }
    if (start === 2) faults.clear();
  }
});

test('a link into a volume that is not mounted is told', () => {
  const volume = createVolume();
  volume.append(LOG, criLines(1, 1));
  volume.link(LOG.replace('0.log', '1.log'), '/var/lib/docker/containers/none-json.log');
  const reading = follow(volume);
  reading.poll();
  expect(reading.fresh()).toEqual(texts(1, 1));
  expect(reading.self.count('corespan_source_errors_total', 'link')).toBe(1);
});
