/** Injected manifests, whole: goldens beside look-alikes of what clusters have. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { toAddition } from '../../src/install/container.ts';
import { type InjectOptions, inject, uninject } from '../../src/install/inject/inject.ts';
import { toSettings } from '../../src/install/settings.ts';

const FOLDER = 'test/fixtures/install';
const IMAGE = 'registry.example.org/corespan:0.1.0';
const names = readdirSync(FOLDER).filter((name) => !name.includes('.injected.'));
const read = (name: string): string => readFileSync(`${FOLDER}/${name}`, 'utf8');

const OPTIONS: InjectOptions = {
  containers: ['coredns', 'node-cache', 'dns'],
  selector: undefined,
  corefile: undefined,
  settingsOf: ({ vantage, pod }) =>
    toSettings(vantage, { image: IMAGE, isHostNetwork: pod.hostNetwork === true }),
};

function textOf(result: ReturnType<typeof inject>): string {
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return result.text;
}

describe.each(names)('%s', (name) => {
  const before = read(name);
  const after = textOf(inject(before, OPTIONS));

  it('is what the golden says', async () => {
    await expect(after).toMatchFileSnapshot(`../../${FOLDER}/${name.replace('.', '.injected.')}`);
  });

  it('holds the container and the volumes of the one description, and lost nothing', () => {
    const [was, is] = [before, after].map(toPodSpecs);
    expect(is).toHaveLength(1);
    const { container, volumes } = toAddition(
      toSettings(name === 'node-local-dns.yaml' ? 'node-local-dns' : 'coredns', { image: IMAGE }),
    );
    expect(is).toEqual(
      was?.map((spec) => ({
        ...spec,
        containers: [...spec.containers, container],
        volumes: [...(spec.volumes ?? []), ...volumes],
      })),
    );
  });

  it('is the same when injected again', () => {
    expect(textOf(inject(after, OPTIONS))).toBe(after);
  });

  it('is what it was once corespan is taken out, to the byte', () => {
    expect(textOf(uninject(after, OPTIONS))).toBe(before);
    expect(after).not.toBe(before);
  });

  it('only has lines more, and none changed', () => {
    const lines = after.split('\n');
    for (const line of before.split('\n')) {
      const at = lines.indexOf(line);
      if (name.endsWith('.json') && line.includes('{ "name": "coredns", "image"')) continue;
      if (name.endsWith('.json') && line.trim() === '],') continue;
      expect(at, line).not.toBe(-1);
      lines.splice(0, at + 1);
    }
  });
});

it('taking out what is not in changes nothing', () => {
  for (const name of names) expect(textOf(uninject(read(name), OPTIONS))).toBe(read(name));
});

it.each([
  ['first', '[{name: ours}, {name: ours}, {name: a}]', '[{name: a}]'],
  ['in the middle', '[{name: a}, {name: ours}, {name: ours} , {name: b}]', '[{name: a} , {name: b}]'],
  ['in several places', '[{name: ours}, {name: a}, {name: ours}, {name: b}]', '[{name: a}, {name: b}]'],
  ['alone', '[{name: ours}, {name: ours}]', '[]'],
  ['alone with a last comma', '[{name: ours}, {name: ours} , ]', '[ ]'],
  ['before a last comma', '[{name: a}, {name: ours}, {name: ours},]', '[{name: a},]'],
  ['before an anchor', '[{name: ours}, &b !!map {name: b}]', '[&b !!map {name: b}]'],
  ['with an anchor', '[&a {name: ours}, {name: ours}, {name: b}]', '[{name: b}]'],
])('what stands %s in a flow list is taken out, to the byte', (_where, before, after) => {
  const ours = ['corespan-logs', 'corespan-state'];
  const around = (list: string): string =>
    `kind: DaemonSet\nspec:\n  template:\n    spec:\n      volumes: ${list}\n      containers:\n      - name: dns\n`;
  const injected = `${around(before.replaceAll(/ours/g, () => ours.shift() ?? ''))}      - name: corespan\n`;
  expect(textOf(uninject(injected, OPTIONS))).toBe(around(after));
});

interface PodSpec {
  readonly containers: readonly object[];
  readonly volumes?: readonly object[];
}

function toPodSpecs(text: string): PodSpec[] {
  interface Any {
    readonly kind: string;
    readonly items?: readonly Any[];
    readonly spec?: { readonly template?: { readonly spec: PodSpec } };
  }
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Any)
    .flatMap((object) => object.items ?? [object])
    .flatMap(({ spec }) => spec?.template?.spec ?? []);
}
