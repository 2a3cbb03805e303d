/** A recorded cluster becomes the changes that a live watch would have told. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Change, Resource } from '../../src/kube/objects.ts';
import { readRecording } from '../../src/kube/recording.ts';
import type { Json } from '../support/apiStore.ts';
import { toPod, toText } from './harness.ts';

const CLUSTER = fileURLToPath(new URL('../fixtures/day/cluster', import.meta.url));

function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'corespan-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

function read(path: string): readonly Change[] {
  const recording = readRecording(path);
  if ('problems' in recording) throw new Error(recording.problems.join('\n'));
  return recording.changes;
}

/** `seconds after noon: what`, or `before: what`. */
function toLines(changes: readonly Change[]): string[] {
  const noon = Date.parse('2026-11-21T12:00:00Z');
  return changes.map((change) => {
    const resource = change.type === 'replace' ? change.resource : change.object.resource;
    const at = change.at === -Infinity ? 'before' : (change.at - noon) / 1000;
    return `${at}: ${resource} ${toText(change)}`;
  });
}

function line(second: number, type: string, object: Json, resource: Resource = 'pods'): string {
  return JSON.stringify({ at: `2026-11-21T12:00:0${second}Z`, resource, type, object });
}

const INITIAL_END = {
  metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
};

describe('a cluster that was recorded with its watch', () => {
  test('who was there before, and everything that happened, in order', () => {
    const changes = read(CLUSTER);
    const history = readFileSync(join(CLUSTER, 'events.jsonl'), 'utf8').trim().split('\n');
    expect(toLines(changes.slice(0, 7))).toEqual([
      'before: pods replace ',
      'before: services replace kubernetes',
      'before: endpointslices replace ',
      'before: nodes replace node1,node2',
      'before: namespaces replace batch,default,kube-node-lease,kube-public,kube-system,pay,shop',
      expect.stringMatching(/^61\.2399\d*: services put kube-dns$/),
      expect.stringMatching(/^61\.2425\d*: endpointslices put kube-dns-44rnp$/),
    ]);
    // Every line but the three bookmarks and the one object of the initial state.
    expect(changes.slice(5)).toHaveLength(history.length - 4);
    expect(changes.map(({ at }) => at)).toEqual(
      changes.map(({ at }) => at).toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });

  test('an address passes from one pod to another within 400 ms', () => {
    const holders = read(CLUSTER).flatMap((change) =>
      change.type !== 'replace' &&
      change.object.resource === 'pods' &&
      change.object.addresses.includes('10.244.1.9')
        ? [{ at: Math.round(change.at), type: change.type, name: change.object.name }]
        : [],
    );
    const debug = 'debug-75bb5665d-h7xgd';
    const crawler = 'crawler-64f44d85d6-dkpl7';
    const start = Date.parse('2026-11-21T12:01:00Z');
    expect(holders).toEqual([
      { at: start + 3022, type: 'put', name: debug },
      { at: start + 21_803, type: 'put', name: debug },
      { at: start + 21_974, type: 'put', name: debug },
      { at: start + 21_974, type: 'delete', name: debug },
      { at: start + 22_306, type: 'put', name: crawler },
    ]);
  });
});

describe('lists alone', () => {
  const pods = { kind: 'PodList', items: [{ ...toPod('web'), kind: undefined }, toPod('db')] };

  test.each([
    ['as the API gives them', { 'pods.json': JSON.stringify(pods) }, ['before: pods replace web,db']],
    [
      'as kubectl prints several resources, other kinds passed over',
      {
        'all.json': JSON.stringify({
          kind: 'List',
          items: [
            toPod('web'),
            { kind: 'Namespace', metadata: { name: 'shop' } },
            { kind: 'Deployment', metadata: { name: 'web' } },
          ],
        }),
      },
      ['before: pods replace web', 'before: namespaces replace shop'],
    ],
    ['a single object', { 'web.json': JSON.stringify(toPod('web')) }, ['before: pods replace web']],
    [
      'an empty list: the resource is known to be empty',
      { 'pods.json': '{"kind":"PodList","items":[]}' },
      ['before: pods replace '],
    ],
    [
      'several files beside files that are none of it',
      {
        'a.json': JSON.stringify(pods),
        'b.json': '{"kind":"PodList","items":[{"metadata":{"name":"late"}}]}',
        README: 'no',
      },
      ['before: pods replace web,db,late'],
    ],
  ])('%s', (_, files, lines) => {
    expect(toLines(read(folder(files)))).toEqual(lines);
  });

  test('one file instead of a folder', () => {
    const path = folder({ 'pods.json': JSON.stringify(pods) });
    expect(toLines(read(join(path, 'pods.json')))).toEqual(['before: pods replace web,db']);
  });
});

describe('a watch', () => {
  test.each([
    [
      'with its initial state: that was there before',
      [
        line(1, 'ADDED', toPod('web')),
        line(1, 'BOOKMARK', INITIAL_END),
        line(2, 'ADDED', toPod('db')),
        line(3, 'DELETED', toPod('web')),
      ],
      ['before: pods replace web', '2: pods put db', '3: pods delete web'],
    ],
    [
      'without its initial state: all of it happened',
      [line(1, 'ADDED', toPod('web')), line(2, 'MODIFIED', toPod('web'))],
      ['before: pods replace ', '1: pods put web', '2: pods put web'],
    ],
    [
      'that only saw the end of an object: it was there before',
      [line(1, 'DELETED', toPod('web'))],
      ['before: pods replace web', '1: pods delete web'],
    ],
    [
      'out of order: by time of arrival',
      [line(3, 'ADDED', toPod('db')), line(1, 'ADDED', toPod('web'))],
      ['before: pods replace ', '1: pods put web', '3: pods put db'],
    ],
    [
      'with an ERROR, a blank line and a resource that nobody asked for',
      [
        line(1, 'ERROR', { kind: 'Status', code: 410 }),
        '',
        '{"at":"2026-11-21T12:00:01Z","resource":"leases","type":"ADDED","object":{}}',
        line(2, 'ADDED', toPod('web')),
      ],
      ['before: pods replace ', '2: pods put web'],
    ],
  ])('%s', (_, lines, changes) => {
    expect(toLines(read(folder({ 'events.jsonl': lines.join('\n') })))).toEqual(changes);
  });

  test('beside a list: whoever the watch speaks of is taken from the watch alone', () => {
    const path = folder({
      'pods.json': JSON.stringify({ kind: 'PodList', items: [toPod('old'), toPod('web')] }),
      'nodes.json': '{"kind":"NodeList","items":[{"metadata":{"name":"node1"}}]}',
      'events.jsonl': `${line(4, 'ADDED', toPod('web'))}\n`,
    });
    expect(toLines(read(path))).toEqual([
      'before: pods replace old',
      'before: nodes replace node1',
      '4: pods put web',
    ]);
  });
});

describe('what is wrong is told, all at once, with its place', () => {
  test.each([
    [
      'broken JSON',
      { 'pods.json': '{\n  "kind": "PodList",\n  "items": [}\n' },
      ['pods.json:3: is not JSON: '],
    ],
    ['JSON that just ends', { 'pods.json': '{"kind":\n"List",\n"items":[' }, ['pods.json:3: is not JSON: ']],
    [
      'another JSON',
      { 'happenings.json': '{"a":1}' },
      ['happenings.json: is no Kubernetes list: it has no "kind"'],
    ],
    [
      'an object without a name',
      { 'pods.json': '{"kind":"PodList","items":[{}]}' },
      ['pods.json: holds a Pod without a name'],
    ],
    [
      'every broken line of a watch',
      {
        'events.jsonl': [
          line(1, 'ADDED', toPod('web')),
          '{"at":',
          '7',
          '{"type":"ADDED"}',
          '{"resource":"pods","at":"noon"}',
          '{"resource":"pods","at":"2026-11-21T12:00:00Z","type":"ADDED","object":{"kind":"Service"}}',
        ].join('\n'),
      },
      [
        'events.jsonl:2: is not JSON: ',
        'events.jsonl:3: is no JSON object',
        'events.jsonl:4: has no "resource"',
        'events.jsonl:5: "at" is no RFC 3339 time',
        'events.jsonl:6: is no watch event of pods',
      ],
    ],
    ['nothing at all', {}, [': holds no Kubernetes objects (*.json lists, *.jsonl watches)']],
    ['only other kinds', { 'a.json': '{"kind":"SecretList","items":[]}' }, [': holds no Kubernetes objects']],
  ])('%s', (_, files, problems) => {
    const path = folder(files);
    const recording = readRecording(path);
    if ('changes' in recording) throw new Error('there is something wrong');
    expect(recording.problems).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) {
      const place = problem.startsWith(':') ? path : `${path}/`;
      expect(recording.problems[index]?.startsWith(place + problem), recording.problems[index]).toBe(true);
    }
  });

  test('a path that is not there', () => {
    expect(readRecording('/nowhere/at/all')).toEqual({
      problems: ["the recording cannot be read: ENOENT: no such file or directory, stat '/nowhere/at/all'"],
    });
  });

  test('a folder that is named like a list', () => {
    const path = folder({});
    mkdirSync(join(path, 'x.json'));
    const recording = readRecording(path);
    expect(recording).toEqual({
      problems: [expect.stringMatching(/^the recording cannot be read: EISDIR/)],
    });
  });

  test('a thousand broken lines are not a thousand sentences', () => {
    const recording = readRecording(folder({ 'events.jsonl': '{\n'.repeat(1000) }));
    if ('changes' in recording) throw new Error('there is something wrong');
    expect(recording.problems).toHaveLength(21);
    expect(recording.problems.at(-1)).toBe('and 980 more');
  });
});
