import { SpanKind } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { createGraph } from '../../src/metrics/graph.ts';
import type { Attempt } from '../../src/records/lookup.ts';
import type { Peer } from '../../src/records/peer.ts';
import { countSpans, createBuild } from '../../src/spans/build.ts';
import { createResources } from '../../src/spans/resources.ts';
import { toAttempt, toLookup } from '../support/lookups.ts';
import { NODE_CACHE, NOON, NOWHERE, toQuery, toService, WEB } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';

const resources = createResources({
  version: '1.2.3',
  skipsSpanMetrics: true,
  attributes: { 'k8s.cluster.name': 'test', 'service.name': 'not ours' },
});

function createBuilder(graphSource: 'metrics' | 'traces' = 'metrics') {
  return createBuild(
    {
      version: '1.2.3',
      graphSource,
      addressOf: (pod) => (pod.name === 'coredns-1' ? '10.244.1.2' : undefined),
    },
    resources,
  );
}

function toTree(spans: readonly ReadableSpan[]): string[] {
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  return spans.map(
    (span) =>
      `${names.get(span.parentSpanContext?.spanId ?? '') ?? '-'} > ${span.name} ${String(span.attributes['dns.question.name'])}`,
  );
}

const walk: Attempt[] = [
  { ...toAttempt({ at: 0, name: 'api.pay.shop.svc.cluster.local', rcode: 'NXDOMAIN' }), nxdomain: 'search' },
  toAttempt({ at: 1, name: 'api.pay.svc.cluster.local', took: 2 }),
];

describe('a lookup with one query', () => {
  it('that began before 1970, by a clock that has just begun, begins with 1970', () => {
    const lookup = { ...toLookup(), start: -1_000, end: 500 };
    const [span] = createBuilder()(lookup, undefined);
    expect([span?.startTime, span?.endTime]).toEqual([
      [0, 0],
      [0, 500_000_000],
    ]);
  });

  it('is one span that carries everything', () => {
    const lookup = toLookup({ port: 38_982, duration: 1.5 });
    const [span, ...more] = createBuilder()(lookup, undefined);
    expect(more).toEqual([]);
    expect(span).toMatchObject({
      name: 'DNS A',
      kind: SpanKind.INTERNAL,
      startTime: [NOON / 1e3, 0],
      endTime: [NOON / 1e3, 1_500_000],
      duration: [0, 1_500_000],
      status: { code: 0 },
    });
    expect(span?.attributes).toEqual({
      'dns.question.name': 'api.pay.svc.cluster.local',
      'dns.question.type': 'A',
      'dns.response_code': 'NOERROR',
      'network.protocol.name': 'dns',
      'network.transport': 'udp',
      'network.type': 'ipv4',
      'client.address': '10.244.1.7',
      'client.port': 38_982,
      'corespan.dns.flags': 'qr,aa,rd',
      'corespan.dns.response.size': 100,
      'corespan.resolver.pod': 'kube-system/coredns-1',
      'server.address': '10.244.1.2',
      'server.port': 53,
      'corespan.target.class': 'service',
      'peer.service': 'api',
      'service.peer.name': 'api',
      'service.peer.namespace': 'pay',
      'k8s.service.name': 'api',
      'corespan.lookup.name': 'api.pay',
      'corespan.lookup.outcome': 'success',
      'corespan.lookup.queries': 1,
      'corespan.lookup.search_expansions': 0,
      'corespan.client.resolution': 'pod',
    });
    expect(span?.resource.attributes).toEqual({
      'k8s.cluster.name': 'test',
      'service.name': 'web',
      'service.namespace': 'shop',
      'service.instance.id': 'shop.web-1',
      'telemetry.distro.name': 'corespan',
      'telemetry.distro.version': '1.2.3',
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'web-1',
      'k8s.pod.uid': 'uid-web-1',
      'k8s.pod.ip': '10.244.1.7',
      'k8s.deployment.name': 'web',
      'k8s.node.name': 'node1',
      'span.metrics.skip': true,
    });
  });
});

describe('a lookup with several queries', () => {
  it('has a span for each under the one of the lookup', () => {
    const lookup = toLookup({ attempts: walk, duration: 3 });
    const spans = createBuilder()(lookup, undefined);
    expect(toTree(spans)).toEqual([
      '- > DNS lookup api.pay.svc.cluster.local',
      'DNS lookup > DNS A api.pay.shop.svc.cluster.local',
      'DNS lookup > DNS A api.pay.svc.cluster.local',
    ]);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(new Set(spans.map((span) => span.spanContext().spanId)).size).toBe(3);
    expect(countSpans(lookup)).toBe(3);
  });

  it('shows a search miss as no error, and its kind', () => {
    const [, miss] = createBuilder()(toLookup({ attempts: walk }), undefined);
    expect(miss?.status.code).toBe(0);
    expect(miss?.attributes).toMatchObject({
      'dns.response_code': 'NXDOMAIN',
      'corespan.lookup.nxdomain': 'search',
    });
  });

  it('holds the hop and the inner line under the query they belong to', () => {
    const [first, second] = walk;
    if (first === undefined || second === undefined) throw new Error('no walk');
    const attempts = [
      first,
      {
        ...second,
        inner: [toQuery({ at: 1.2, name: 'api.example.org' })],
        hop: toQuery({ at: 1.1, name: 'api.pay.svc.cluster.local', transport: 'tcp', file: NODE_CACHE }),
      },
    ];
    const lookup = toLookup({ attempts });
    expect(toTree(createBuilder()(lookup, undefined))).toEqual([
      '- > DNS lookup api.pay.svc.cluster.local',
      'DNS lookup > DNS A api.pay.shop.svc.cluster.local',
      'DNS lookup > DNS A api.pay.svc.cluster.local',
      'DNS A > DNS A api.example.org',
      'DNS A > DNS A api.pay.svc.cluster.local',
    ]);
    expect(countSpans(lookup)).toBe(5);
  });
});

describe('failures', () => {
  it.each([
    { case: 'denied', fields: { outcome: 'denial' as const }, type: 'NXDOMAIN' },
    { case: 'failed', fields: { outcome: 'error' as const }, type: 'SERVFAIL' },
    { case: 'failed, unknown how', fields: { outcome: 'error' as const, rcode: 'none' }, type: '_OTHER' },
    {
      case: 'timed out',
      fields: { outcome: 'error' as const, rcode: 'none', duration: 6000 },
      type: 'timeout',
    },
  ])('$case: error.type $type', ({ fields, type }) => {
    const [span] = createBuilder()(toLookup(fields), undefined);
    expect(span?.status.code).toBe(2);
    expect(span?.attributes['error.type']).toBe(type);
    expect(span?.attributes['dns.response_code']).toBe(fields.rcode === 'none' ? undefined : type);
  });
});

describe('the two sources of the graph', () => {
  it('makes the lookup a CLIENT span for Tempo only with traces', () => {
    const lookup = toLookup({ attempts: walk });
    expect(createBuilder('metrics')(lookup, undefined).map(({ kind }) => kind)).toEqual([0, 0, 0]);
    expect(createBuilder('traces')(lookup, undefined).map(({ kind }) => kind)).toEqual([2, 0, 0]);
  });

  it.each([
    { case: 'a denied name', fields: { outcome: 'denial' as const }, kind: SpanKind.INTERNAL, peer: 'api' },
    {
      case: 'a name without a target',
      fields: { target: NOWHERE },
      kind: SpanKind.INTERNAL,
      peer: undefined,
    },
    {
      case: 'a workload itself',
      fields: { target: toService('shop', 'web') },
      kind: SpanKind.INTERNAL,
      peer: 'web',
    },
    { case: 'a failure', fields: { outcome: 'error' as const }, kind: SpanKind.CLIENT, peer: 'api' },
    {
      case: 'a namesake elsewhere',
      fields: { target: toService('pay', 'web') },
      kind: SpanKind.CLIENT,
      peer: 'web',
    },
  ])('with traces $case is $kind: Tempo draws what our metrics would', ({ fields, kind, peer }) => {
    const lookup = toLookup(fields);
    const [root] = createBuilder('traces')(lookup, undefined);
    expect([root?.kind, root?.attributes['peer.service']]).toEqual([kind, peer]);
    const graph = createGraph(
      { maxEdges: 10, source: 'corespan', births: { newest: 0 } },
      createTestSelf().metrics,
    );
    graph.lookup(lookup);
    expect([...graph.edges()]).toHaveLength(kind === SpanKind.CLIENT ? 1 : 0);
  });
});

describe('what comes from outside', () => {
  it('is cut, escaped and well-formed', () => {
    const client: Peer = { ...WEB, name: `bell\u0007 and half \ud800 ${'x'.repeat(300)}` };
    const name = `${'\\255'.repeat(200)}.example.org.`;
    const [span] = createBuilder()(toLookup({ client_: client, name }), undefined);
    const service = String(span?.resource.attributes['service.name']);
    expect(service).toMatch(/^bell\\007 and half \ufffd x+$/);
    expect(service.length).toBeLessThanOrEqual(255);
    expect(String(span?.attributes['dns.question.name'])).toHaveLength(255);
  });

  it('never stands in the name of a span', () => {
    const [span] = createBuilder()(
      toLookup({ name: 'secret.example.org', target: toService('', 'x') }),
      undefined,
    );
    expect(span?.name).toBe('DNS A');
  });
});

it('survives the encoder of OpenTelemetry, one resource for one peer', () => {
  const build = createBuilder();
  const spans = [build(toLookup(), '8'), build(toLookup({ attempts: walk }), undefined)].flat();
  const request = JSON.parse(new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans)));
  expect(request.resourceSpans).toHaveLength(1);
  expect(request.resourceSpans[0].scopeSpans).toHaveLength(1);
  const encoded = request.resourceSpans[0].scopeSpans[0].spans;
  expect(encoded).toHaveLength(4);
  expect(encoded[0].traceState).toBe('ot=th:8');
  expect(encoded[0].startTimeUnixNano).toBe(`${NOON}000000`);
});
