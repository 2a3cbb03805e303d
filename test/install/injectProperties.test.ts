/** Injecting and taking out, on manifests of every shape. */

import { fc, test } from '@fast-check/vitest';
import { expect, it, vi } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { type InjectOptions, inject, uninject } from '../../src/install/inject/inject.ts';
import { toSettings } from '../../src/install/settings.ts';

// Hundreds of manifests on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000 });

const OPTIONS: InjectOptions = {
  containers: ['coredns', 'node-cache'],
  selector: undefined,
  corefile: 'none',
  settingsOf: ({ vantage }) => toSettings(vantage, { image: 'example.org/corespan' }),
};

/** How somebody writes YAML. */
interface Manner {
  readonly step: 1 | 2 | 4;
  readonly dash: 0 | 2 | 4;
  readonly eol: '\n' | '\r\n';
  readonly comments: boolean;
  readonly flow: 'none' | 'containers' | 'all';
  readonly end: string;
}

const manners = fc.record<Manner>({
  step: fc.constantFrom(1, 2, 4),
  dash: fc.constantFrom(0, 2, 4),
  eol: fc.constantFrom('\n', '\r\n'),
  comments: fc.boolean(),
  flow: fc.constantFrom('none', 'containers', 'all'),
  end: fc.constantFrom('', '\n', '\n\n', '\n# the end\n', '\n...\n'),
});

/** Keys of a pod's spec, in any order. */
const KEYS = ['containers', 'volumes', 'dnsPolicy', 'tolerations', 'initContainers'] as const;
const shapes = fc.record({
  keys: fc
    .shuffledSubarray([...KEYS], { minLength: 1 })
    .map((keys) => (keys.includes('containers') ? keys : ['containers' as const, ...keys])),
  containers: fc.constantFrom(['coredns'], ['first', 'coredns'], ['coredns', 'kube-rbac-proxy', 'third']),
  volumes: fc.constantFrom('block', '[]', '[ ]', '[{name: config}]'),
  lastArgument: fc.constantFrom('plain', '"quoted # no comment"', 'block'),
});
type Shape = typeof shapes extends fc.Arbitrary<infer S> ? S : never;

function write(shape: Shape, manner: Manner): string {
  const { step, dash, comments, flow } = manner;
  const note = (indent: number, text: string): string[] =>
    comments ? [`${' '.repeat(indent)}# ${text}`] : [];
  const spec = step * 3;
  const at = ' '.repeat(spec);
  const item = ' '.repeat(spec + dash);
  const containers = shape.containers.flatMap((name, index) => [
    ...note(spec + dash, `container ${index}, one of them`),
    `${item}- name: ${name}${comments ? ' # its name' : ''}`,
    `${item}  args:`,
    ...(shape.lastArgument === 'block'
      ? [`${item}  - |`, `${item}    one`, `${item}    two`]
      : [`${item}  - ${shape.lastArgument}`]),
    ...note(spec + dash + 2, 'still of this container'),
  ]);
  const values: Readonly<Record<(typeof KEYS)[number], string[]>> = {
    containers:
      flow === 'containers'
        ? [`${at}containers: [${shape.containers.map((name) => `{name: ${name}}`).join(', ')}]`]
        : [`${at}containers:`, ...containers],
    volumes:
      shape.volumes === 'block'
        ? [`${at}volumes:`, `${item}- name: config`, `${item}  configMap: {name: coredns}`]
        : [`${at}volumes: ${shape.volumes}`],
    dnsPolicy: [`${at}dnsPolicy: Default${comments ? ' # not ours' : ''}`],
    tolerations: [`${at}tolerations: [{operator: Exists}]`],
    initContainers: [`${at}initContainers:`, `${item}- name: before`],
  };
  const head = [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata:',
    `${' '.repeat(step)}name: coredns`,
    `${' '.repeat(step)}labels: {a: b, c: d}`,
  ];
  if (flow === 'all') {
    const named = shape.containers.map((name) => ({ name }));
    const volumes = shape.volumes.includes('config') ? [{ name: 'config' }] : [];
    const podSpec = Object.fromEntries(
      shape.keys.flatMap((key): [string, unknown][] => {
        if (key === 'containers') return [[key, named]];
        return key === 'volumes' ? [[key, volumes]] : [];
      }),
    );
    return (
      [...head, `spec: ${JSON.stringify({ template: { metadata: { labels: {} }, spec: podSpec } })}`].join(
        '\n',
      ) + manner.end
    );
  }
  const lines = [
    ...note(0, 'a Deployment'),
    ...head,
    'spec:',
    `${' '.repeat(step)}template:`,
    `${' '.repeat(step * 2)}spec:`,
    ...shape.keys.flatMap((key) => [
      ...note(spec, `here, now, comes ${key}`),
      ...values[key],
      ...note(spec, 'and goes'),
    ]),
  ];
  return lines.join(manner.eol) + manner.end.replaceAll('\n', manner.eol);
}

const manifests = fc.array(fc.tuple(shapes, manners), { minLength: 1, maxLength: 3 }).map((all) =>
  all
    .map(([shape, manner]) => write(shape, { ...manner, eol: all[0]?.[1].eol ?? '\n' }))
    .map((text, at) => (at === all.length - 1 || text.endsWith('\n') ? text : `${text}\n`))
    .join('---\n'),
);

const textOf = (result: ReturnType<typeof inject>): string => {
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return result.text;
};

const podSpecs = (text: string): readonly Record<string, readonly { readonly name: string }[]>[] =>
  parseAllDocuments(text)
    .map(
      (document) =>
        document.toJS() as { readonly spec?: { readonly template: { readonly spec: never } } } | null,
    )
    .flatMap((object) => object?.spec?.template.spec ?? []);

test.prop([manifests], { numRuns: 150 })(
  'what was put in comes out, to the byte, and can be put in twice',
  (text) => {
    const once = textOf(inject(text, OPTIONS));
    expect(once).not.toBe(text);
    expect(textOf(inject(once, OPTIONS))).toBe(once);
    expect(textOf(uninject(once, OPTIONS))).toBe(text);
  },
);

test.prop([manifests], { numRuns: 150 })(
  'the result is YAML that has what was there, and corespan last',
  (text) => {
    const before = podSpecs(text);
    const after = podSpecs(textOf(inject(text, OPTIONS)));
    expect(after).toHaveLength(before.length);
    for (const [at, spec] of after.entries()) {
      const was = before[at] ?? {};
      expect(spec['containers']?.slice(0, -1)).toEqual(was['containers']);
      expect(spec['containers']?.at(-1)?.name).toBe('corespan');
      expect(spec['volumes']?.slice(0, -2)).toEqual(was['volumes'] ?? []);
      expect({ ...spec, containers: 0, volumes: 0 }).toEqual({ ...was, containers: 0, volumes: 0 });
    }
  },
);

/** Ours and theirs in any order, as others put ours in: a strategic merge patch puts volumes first. */
const arrangements = fc.record({
  containers: fc.constantFrom(['corespan', 'coredns'], ['corespan', 'coredns', 'third']).chain(shuffled),
  volumes: fc.shuffledSubarray(['corespan-logs', 'corespan-state', 'config', 'certificates']),
});
type Arrangement = typeof arrangements extends fc.Arbitrary<infer A> ? A : never;

function shuffled(names: readonly string[]): fc.Arbitrary<string[]> {
  return fc.shuffledSubarray([...names], { minLength: names.length });
}

const toNamed = (names: readonly string[]): { name: string }[] => names.map((name) => ({ name }));

function toObject({ containers, volumes }: Arrangement): object {
  const spec = { containers: toNamed(containers), volumes: toNamed(volumes), dnsPolicy: 'Default' };
  return { kind: 'Deployment', metadata: { name: 'coredns' }, spec: { template: { spec } } };
}

const asJson = fc.tuple(arrangements, fc.constantFrom(0, 2, 4)).map(([arrangement, indent]) => ({
  arrangement,
  text: JSON.stringify(toObject(arrangement), undefined, indent),
}));

/** A flow list as people may write it: line ends, comments and commas in any place that YAML allows. */
const flowManners = fc.record({
  open: fc.constantFrom('[', '[ ', '[ # a list\n        ', '[\n        '),
  between: fc.array(
    fc.constantFrom(', ', ',', ' , ', ',\n        ', ', # behind\n        ', ' # beside\n        , '),
    { minLength: 3, maxLength: 3 },
  ),
  mark: fc.array(fc.constantFrom('', '!!map ', 'anchor'), { minLength: 4, maxLength: 4 }),
  end: fc.constantFrom(']', ' ]', ',]', ' # the last\n        ]', ', # the last\n        ]', '\n        ]'),
});
type FlowManner = typeof flowManners extends fc.Arbitrary<infer M> ? M : never;

function writeFlow(names: readonly string[], { open, between, mark, end }: FlowManner): string {
  if (names.length === 0) return '[]';
  const written = names.map((name, at) => {
    const before = at === 0 ? '' : between[at - 1];
    return `${before}${mark[at] === 'anchor' ? `&${name} ` : mark[at]}{name: ${name}}`;
  });
  return open + written.join('') + end;
}

function writeBlock(names: readonly string[], hasComments: boolean): string {
  if (names.length === 0) return '[]';
  const lines = names.flatMap((name) => [
    ...(hasComments ? [`# here comes ${name}`] : []),
    `- name: ${name}${hasComments ? ' # its name' : ''}`,
    ...(hasComments ? ['  # still of it'] : []),
  ]);
  return lines.map((line) => `\n      ${line}`).join('');
}

function writePodSpec(containers: string, volumes: string): string {
  const spec = [`containers: ${containers}`, `volumes: ${volumes}`, 'dnsPolicy: Default'];
  const head = ['kind: Deployment', 'metadata: {name: coredns}', 'spec:', '  template:', '    spec:'];
  return `${[...head, ...spec.map((line) => `      ${line}`)].join('\n')}\n`;
}

const asFlow = fc.tuple(arrangements, flowManners, flowManners).map(([arrangement, one, other]) => ({
  arrangement,
  text: writePodSpec(writeFlow(arrangement.containers, one), writeFlow(arrangement.volumes, other)),
}));

const asBlock = fc.tuple(arrangements, fc.boolean()).map(([arrangement, hasComments]) => ({
  arrangement,
  text: writePodSpec(
    writeBlock(arrangement.containers, hasComments),
    writeBlock(arrangement.volumes, hasComments),
  ),
}));

/** The list may go with the last of its items. */
const withVolumes = (text: string): unknown => {
  const [spec] = podSpecs(text);
  const object = parse(text) as { readonly spec: object };
  return { ...object, spec: { template: { spec: { volumes: [], ...spec } } } };
};

test.prop([fc.oneof(asJson, asFlow, asBlock)], { numRuns: 600 })(
  'what stands anywhere in a list comes out, and the rest is what it was',
  ({ arrangement, text }) => {
    expect(parse(text), 'the text is what it should be').toEqual(toObject(arrangement));
    const [containers, volumes] = [arrangement.containers, arrangement.volumes].map((names) =>
      names.filter((name) => !name.startsWith('corespan')),
    );
    const theirs = toObject({ containers: containers ?? [], volumes: volumes ?? [] });
    const bare = textOf(uninject(text, OPTIONS));
    expect(withVolumes(bare)).toEqual(theirs);
    if (text.startsWith('{')) expect(() => JSON.parse(bare)).not.toThrow();
  },
);

it('an edit in the wrong place would be noticed (twin)', () => {
  const [manner, shape] = [
    fc.sample(manners, { numRuns: 1, seed: 1 })[0],
    fc.sample(shapes, { numRuns: 1, seed: 1 })[0],
  ];
  if (manner === undefined || shape === undefined) throw new Error('no sample');
  const text = write(shape, { ...manner, flow: 'none' });
  const once = textOf(inject(text, OPTIONS)).replaceAll('name: corespan-logs', 'name: logs');
  expect(textOf(uninject(once, OPTIONS))).not.toBe(text);
});
