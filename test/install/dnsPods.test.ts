/** What DNS pods are known by where nobody names their labels: what inject takes, the doctor finds. */
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OPTIONS } from '../../src/config/options.ts';
import { hasDnsLabels } from '../../src/install/dnsPods.ts';
import { createClusterReader, isRefused } from '../../src/install/doctor/cluster.ts';
import { inject } from '../../src/install/inject/inject.ts';
import { toSettings } from '../../src/install/settings.ts';
import { openCredentials } from '../kube/harness.ts';
import { listen } from '../support/listen.ts';

const CONTAINERS = ['coredns', 'node-cache', 'dns'];

interface Pod {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly container?: string;
}

/** As the API server has it. */
function toObject({ name, labels = {}, container = 'coredns' }: Pod) {
  return {
    metadata: { namespace: 'dns', name, uid: `uid of ${name}`, labels },
    spec: { containers: [{ name: container }] },
  };
}

/** As the API server: `key`, `key=value` and `key in (a,b)`. */
function isSelected(labels: Readonly<Record<string, string>>, selector: string): boolean {
  const [, key = '', one, several] = /^([^ =]+)(?:=(.*)| in \((.*)\))?$/.exec(selector) ?? [];
  const values = one === undefined ? several?.split(',') : [one];
  return values === undefined ? labels[key] !== undefined : values.includes(labels[key] ?? '');
}

/** Names of the pods that the doctor finds where an API server has those, two on a page. */
async function find(
  pods: readonly Pod[],
  selector?: string,
): Promise<{ readonly found: readonly string[]; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    const labels = query.get('labelSelector');
    asked.push(labels ?? 'all');
    const items = pods.filter((pod) => labels === null || isSelected(pod.labels ?? {}, labels)).map(toObject);
    const from = Number(query.get('continue') ?? '0');
    const next = labels === null && from + 2 < items.length ? { continue: String(from + 2) } : {};
    const page = labels === null ? items.slice(from, from + 2) : items;
    response.end(JSON.stringify({ metadata: next, items: page }));
  });
  const reader = createClusterReader(openCredentials(new URL(`http://127.0.0.1:${await listen(server)}`)));
  onTestFinished(() => reader.close());
  const answer = await reader.dnsPods(selector, CONTAINERS);
  if (isRefused(answer)) throw new Error(answer.refused);
  return { found: answer.map(({ metadata }) => metadata.name), asked };
}

/** Whether inject takes the Deployment that such a pod is of. */
function isInjected(name: string, pod: Pod): boolean {
  const { metadata, spec } = toObject(pod);
  const template = { metadata: { labels: metadata.labels }, spec };
  const manifest = { kind: 'Deployment', metadata: { name }, spec: { template } };
  const result = inject(JSON.stringify(manifest), {
    containers: CONTAINERS,
    selector: undefined,
    corefile: 'none',
    settingsOf: ({ vantage }) => toSettings(vantage, { image: 'example.org/corespan' }),
  });
  return 'text' in result;
}

const APPS = ['kube-dns', 'coredns', 'node-local-dns', 'nodelocaldns', 'rke2-coredns'];
const LABELS: [string, Record<string, string>][] = [
  ...['k8s-app', 'app.kubernetes.io/name', 'app'].flatMap((key) =>
    APPS.map((app): [string, Record<string, string>] => [`${key}=${app}`, { [key]: app }]),
  ),
  ['the label of OpenShift', { 'dns.operator.openshift.io/daemonset-dns': 'default' }],
];

describe('inject takes and the doctor finds', () => {
  it.each(LABELS)('a pod with %s', async (_title, labels) => {
    const pod = { name: 'mine-1', labels };
    expect(isInjected('mine', pod)).toBe(true);
    expect((await find([{ name: 'web-1' }, pod])).found).toEqual(['mine-1']);
  });

  it.each(['coredns', 'edge-coredns', 'node-local-dns', 'nodelocaldns-second'])(
    'a pod that has only the name %s',
    async (name) => {
      const pod = { name: `${name}-6f4bd-x7x2z`, labels: { app: 'mine' } };
      expect(isInjected(name, pod)).toBe(true);
      // On the second page.
      expect((await find([{ name: 'a' }, { name: 'b' }, pod])).found).toEqual([pod.name]);
    },
  );

  it('neither another pod nor another program of such a name (twin)', async () => {
    const other = { name: 'web-1', labels: { app: 'web', 'k8s-app': 'coredns-autoscaler' } };
    const scaler = { name: 'coredns-autoscaler-1', container: 'autoscaler' };
    expect([isInjected('web', other), isInjected('coredns-autoscaler', scaler)]).toEqual([false, false]);
    expect(await find([other, scaler])).toEqual({ found: [], asked: expect.arrayContaining(['all']) });
  });
});

it('a pod with several of the labels is found once, beside those with others', async () => {
  const chart = { name: 'coredns-1', labels: { 'k8s-app': 'coredns', 'app.kubernetes.io/name': 'coredns' } };
  const cache = { name: 'cache-1', labels: { 'app.kubernetes.io/name': 'node-local-dns' } };
  const { found, asked } = await find([chart, cache]);
  expect(found).toEqual(['coredns-1', 'cache-1']);
  // Large clusters: all pods are a lot to go through for nothing.
  expect(asked).not.toContain('all');
});

it.each([
  ['only its own pods', 'app=mine', ['other-1']],
  ['nothing that goes by a name', 'app=none', []],
])('a selector that was named finds %s', async (_title, selector, found) => {
  const pods = [{ name: 'coredns-1', labels: { 'k8s-app': 'kube-dns' } }];
  const named = { name: 'other-1', labels: { app: 'mine' } };
  expect(await find([...pods, named], selector)).toEqual({ found, asked: [selector] });
});

it('what run follows through the API is among them', () => {
  const [, key = '', values = ''] = /^(\S+) in \((.*)\)$/.exec(OPTIONS.dnsSelector.default) ?? [];
  expect(values.split(',').map((value) => hasDnsLabels({ [key]: value }))).toEqual([true, true]);
});
