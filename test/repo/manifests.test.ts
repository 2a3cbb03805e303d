/** The manifests are what the code says, and promise what docs/install promises: DNS first, no right too many. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { toManifests } from '../../scripts/manifests/manifests.ts';
import { toAddition } from '../../src/install/container.ts';
import type { Container } from '../../src/install/objects.ts';
import { TUNABLE, toSettings, type Vantage } from '../../src/install/settings.ts';

const manifests = toManifests();
const CHART_VALUES = manifests.get('manifests/chart/corespan/values.yaml') ?? '';

it.each([...manifests])('%s is what the code says', (path, content) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : 'missing: run "npm run generate"').toBe(content);
});

it('nothing else lies there', () => {
  const files = readdirSync('manifests', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.filter((path) => !manifests.has(path))).toEqual([]);
});

/** Every container of ours in any document, wherever it stands. */
function findContainers(value: unknown): Container[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('name' in value && value.name === 'corespan' && 'securityContext' in value) return [value as Container];
  return Object.values(value).flatMap(findContainers);
}

const written = [...manifests]
  .filter(([path]) => path.endsWith('.yaml') && !path.includes('/chart/'))
  .flatMap(([path, content]) =>
    parseAllDocuments(content).flatMap((document) => {
      expect(document.errors).toEqual([]);
      return findContainers(document.toJS()).map((container) => [path, container] as const);
    }),
  );

describe('the container', () => {
  it('stands in every way in', () => {
    expect(written.map(([path]) => path)).toEqual([
      'manifests/components/coredns-sidecar/add.yaml',
      'manifests/components/coredns-sidecar/patch.yaml',
      'manifests/components/node-local-dns-sidecar/add.yaml',
      'manifests/components/node-local-dns-sidecar/patch.yaml',
      'manifests/components/reader/daemonset.yaml',
      'manifests/examples/coredns-chart/values.yaml',
    ]);
  });

  it.each(written)('of %s is the description', (path, container) => {
    const vantage: Vantage = path.includes('node-local')
      ? 'node-local-dns'
      : path.includes('reader')
        ? 'reader'
        : 'coredns';
    expect(container).toEqual(toAddition(toSettings(vantage, { image: container.image })).container);
  });

  it.each(written)('of %s can harm nobody', (_path, container) => {
    expect(findHarm(container)).toEqual([]);
  });

  it('harm would be noticed (twin)', () => {
    const [[, container] = ['', undefined]] = written;
    if (container === undefined) throw new Error('no container');
    expect(findHarm({ ...container, readinessProbe: {} } as Container)).toEqual(['a readiness probe']);
    expect(findHarm({ ...container, startupProbe: {} } as Container)).toEqual(['a startup probe']);
    expect(findHarm({ ...container, volumeMounts: [{ name: 'x', mountPath: '/x' }] })).toEqual([
      'x is writable',
    ]);
    expect(
      findHarm({ ...container, securityContext: { ...container.securityContext, runAsUser: 0 } }),
    ).toEqual(['root']);
  });
});

function findHarm(container: Container): string[] {
  const { securityContext, volumeMounts, resources } = container;
  const writable = volumeMounts.filter(
    ({ name, readOnly }) => readOnly !== true && name !== 'corespan-state',
  );
  return [
    ...('readinessProbe' in container ? ['a readiness probe'] : []),
    ...('startupProbe' in container ? ['a startup probe'] : []),
    ...('lifecycle' in container ? ['hooks'] : []),
    ...(resources.limits.memory === '' ? ['no limit on memory'] : []),
    ...(securityContext.runAsUser === 0 || !securityContext.runAsNonRoot ? ['root'] : []),
    ...(securityContext.readOnlyRootFilesystem ? [] : ['writable root']),
    ...(securityContext.capabilities.drop.includes('ALL') ? [] : ['capabilities']),
    ...(securityContext.allowPrivilegeEscalation ? ['privileges'] : []),
    ...writable.map(({ name }) => `${name} is writable`),
  ];
}

describe('what people are told of the chart', () => {
  const names = (text = ''): string[] => text.match(/\w+/g) ?? [];

  it('names every option that its config takes', () => {
    const [, told] =
      /configuration\.md\):\n([^.]+)\./.exec(readFileSync('docs/install/helm.md', 'utf8')) ?? [];
    expect(names(told)).toEqual([...TUNABLE]);
    const [, comment] = /configuration\.md:\n((?:# .*\n)+)config:/.exec(CHART_VALUES) ?? [];
    expect(names(comment)).toEqual([...TUNABLE]);
  });

  it('whoever ran Helm has a checkout and no corespan on the path', () => {
    const notes = manifests.get('manifests/chart/corespan/templates/NOTES.txt') ?? '';
    expect(notes.match(/^.*corespan doctor.*$/gm)).toEqual(['  npx --no corespan doctor']);
  });
});

describe('the rest', () => {
  const values = parse(CHART_VALUES) as {
    readonly networkPolicy: { readonly egressPorts: readonly number[] };
  };
  const objects = [...manifests]
    .filter(([path]) => path.endsWith('.yaml') && !path.includes('/chart/'))
    .flatMap(([, content]) => parseAllDocuments(content).map((document) => document.toJS() as Anything));

  interface Anything {
    readonly kind?: string;
    readonly metadata?: { readonly namespace?: string; readonly name?: string };
    readonly roleRef?: { readonly name: string };
    readonly rules?: readonly { readonly verbs: readonly string[]; readonly resources: readonly string[] }[];
    readonly spec?: {
      readonly podSelector?: { readonly matchLabels?: object };
      readonly failurePolicy?: string;
      readonly egress?: readonly { readonly ports: readonly { readonly port: number }[] }[];
    };
  }

  it('every role lists and watches, and nothing that is secret', () => {
    const rules = objects.filter(({ kind }) => kind === 'ClusterRole').flatMap((role) => role.rules ?? []);
    expect(rules).toHaveLength(6);
    expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['list', 'watch']));
    expect([...new Set(rules.flatMap(({ resources }) => resources))].toSorted()).toEqual([
      'endpointslices',
      'nodes',
      'pods',
      'services',
    ]);
  });

  it('no way in takes away what another one stands on', () => {
    const titles = objects
      .filter(({ kind }) => kind !== undefined && !/^(Kustomization|Component)$/.test(kind))
      .map(({ kind, metadata }) => `${kind} ${metadata?.namespace ?? ''}/${metadata?.name}`)
      // A platform's own file of the same name for each platform.
      .filter((title) => title !== 'ConfigMap kube-system/coredns-custom');
    expect(titles.filter((title) => title.startsWith('ClusterRole '))).toHaveLength(3);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
    const bindings = objects.filter(({ kind }) => kind === 'ClusterRoleBinding');
    for (const { metadata, roleRef } of bindings) expect(roleRef?.name).toBe(metadata?.name);
  });

  it('the reader gets out to the API server and to OTLP over HTTP, with Helm too', () => {
    const egress = objects.find(({ kind }) => kind === 'NetworkPolicy')?.spec?.egress ?? [];
    const ports = egress.flatMap((rule) => rule.ports.map(({ port }) => port));
    expect(ports).toEqual([443, 6443, 4318]);
    expect(values.networkPolicy.egressPorts).toEqual(ports);
  });

  it('no NetworkPolicy selects DNS pods', () => {
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
    expect(policies.map(({ spec }) => spec?.podSelector?.matchLabels)).toEqual([
      { 'app.kubernetes.io/name': 'corespan' },
    ]);
  });

  it('a broken admission policy keeps no pod from being made', () => {
    const policies = objects.filter(({ kind }) => kind === 'MutatingAdmissionPolicy');
    expect(policies.map(({ spec }) => spec?.failurePolicy)).toEqual(['Ignore', 'Ignore']);
  });
});
