import { describe, expect, test } from 'vitest';
import { SYSTEM_FILES } from '../../src/sources/files.ts';
import {
  compareLogNames,
  findContainerFolders,
  type LogName,
  parseLogName,
  toDnsPod,
} from '../../src/sources/layout.ts';
import { createVolume } from './harness.ts';

describe('the name of a log', () => {
  test.each<[string, LogName | undefined]>([
    ['0.log', { stem: '0.log', rotation: '' }],
    ['12.log', { stem: '12.log', rotation: '' }],
    ['0.log.20261121-120104', { stem: '0.log', rotation: '20261121-120104' }],
    ['0.log.20261121-120104.gz', { stem: '0.log', rotation: '20261121-120104' }],
    ['0.log.20261121-120104.tmp', undefined],
    ['0.log.20261121-120104.gz.tmp', undefined],
    ['coredns.log.1', { stem: 'coredns.log', rotation: '1' }],
    ['coredns.log.2.gz', { stem: 'coredns.log', rotation: '2' }],
    ['coredns.log-20261121.gz', { stem: 'coredns.log', rotation: '20261121' }],
    ['0.log.gz', { stem: '0.log', rotation: '' }],
    ['catalogue', undefined],
    ['0.logs', undefined],
    ['.log', undefined],
  ])('%s', (name, expected) => {
    expect(parseLogName(name)).toEqual(expected);
  });
});

test('logs are ordered by run, rotation, and the one that is written comes last', () => {
  const names = [
    '0.log.20261121-110000.gz',
    '0.log.20261121-120000',
    '0.log',
    '2.log',
    '10.log.20261121-130000',
    '10.log',
    'a.log.10',
    'a.log.2',
    'a.log.1',
    'a.log',
    'b.log-20261120',
    'b.log-20261121',
    'b.log',
  ];
  const parsed = names.flatMap((name) => parseLogName(name) ?? []);
  expect(parsed).toHaveLength(names.length);
  for (const turn of [1, 5, 7]) {
    const shuffled = parsed
      .map((_, index) => parsed[(index * turn) % parsed.length])
      .flatMap((name) => name ?? []);
    expect(shuffled.toSorted(compareLogNames)).toEqual(parsed);
  }
});

test('under a mounted sub-path the folder belongs to the pod that the environment names', () => {
  const own = { namespace: 'kube-system', name: 'coredns-1', uid: '0b7a' };
  expect(toDnsPod('/logs/coredns', own)).toEqual({ ...own, container: 'coredns' });
  // On the node's volume the path tells, whoever reads.
  expect(toDnsPod('/var/log/pods/shop_web-1_77aa/coredns', own)).toEqual({
    namespace: 'shop',
    name: 'web-1',
    uid: '77aa',
    container: 'coredns',
  });
});

describe('the writer of a log', () => {
  test.each([
    [
      '/var/log/pods/kube-system_coredns-8cc5-zds8w_09380bc9-22c0/coredns',
      'kube-system',
      'coredns-8cc5-zds8w',
      '09380bc9-22c0',
      'coredns',
    ],
    [
      'pods/kube-system_kube-dns.v1_0123456789abcdef/dns',
      'kube-system',
      'kube-dns.v1',
      '0123456789abcdef',
      'dns',
    ],
  ])('%s', (folder, namespace, name, uid, container) => {
    expect(toDnsPod(folder)).toEqual({ namespace, name, uid, container });
  });

  test.each(['/var/log/dns/coredns', '/coredns', 'coredns', '/a_b/coredns'])(
    'is not told by %s',
    (folder) => {
      expect(toDnsPod(folder)).toBeUndefined();
    },
  );
});

describe('the folders of containers', () => {
  test.each<[string, string[], string[] | undefined, string[]]>([
    [
      'of the node',
      ['k_coredns-1_u/coredns/0.log', 'k_web_u/web/0.log', 'k_x_u/dns/0.log', 'file.log'],
      ['coredns', 'dns'],
      ['k_coredns-1_u/coredns', 'k_x_u/dns'],
    ],
    ['of one pod', ['coredns/0.log', 'reloader/0.log'], ['coredns', 'dns'], ['coredns']],
    ['of any name', ['k_a_u/web/0.log', 'k_a_u/dns/0.log'], undefined, ['k_a_u/dns', 'k_a_u/web']],
    ['none', ['coredns', 'k_a_u/coredns'], ['coredns'], []],
  ])('%s', (_name, paths, containers, expected) => {
    const volume = createVolume();
    for (const path of paths) volume.write(path, '');
    const found = findContainerFolders(volume.dir, { containers, failed: expect.unreachable }, SYSTEM_FILES);
    expect(found).toEqual(expected.map((folder) => volume.path(folder)));
  });

  test('links are followed', () => {
    const volume = createVolume();
    volume.write('elsewhere/logs/0.log', '');
    volume.link('pods/k_coredns-1_u/coredns', volume.path('elsewhere/logs'));
    expect(
      findContainerFolders(
        volume.path('pods'),
        { containers: ['coredns'], failed: expect.unreachable },
        SYSTEM_FILES,
      ),
    ).toEqual([volume.path('pods/k_coredns-1_u/coredns')]);
  });
});
