/** The way of the spans: only one side draws the graph, every form of OTLP arrives, and without corespan there is none. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { readEdges, readNames } from './backendsReadings.ts';
import { OTLP_FORMS, type OtlpForm, recordCluster, replayLogs } from './backendsReplay.ts';
import { BACKEND_NEEDS, type Stage, setStage, startSidecars, tellCosts, toTarget } from './backendsStage.ts';
import { type Asked, toEdge, toExpectedEdges } from './backendsTraffic.ts';
import { sendEdge, type WitnessEdge } from './backendsWitness.ts';
import { type Jaeger, startJaeger } from './jaeger.ts';
import type { JaegerSearch } from './jaegerApi.ts';
import { startRelay } from './monitoringRelay.ts';
import { rootOf } from './monitoringSpans.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { describeRealStack } from './realStack.ts';
import { type Sidecar, STATE_FOLDER } from './sidecar.ts';
import { tellEach } from './tell.ts';
import { startTempo, type Tempo } from './tempo.ts';
import { until } from './until.ts';

const RELAY_PORT = 14_319;
const SEEN = { within: 90_000, every: 500 };
/** Milliseconds for a test: two rounds of waiting, each of which says itself what it has waited for. */
const PATIENCE = 200_000;
const OURS = { selector: 'source="corespan"' };
const WITNESS: WitnessEdge = { client: 'witness', server: 'world' };
const TEMPOS = { selector: 'source="tempo"' };

describeRealStack('the way of the spans', BACKEND_NEEDS, () => {
  vi.setConfig({ testTimeout: PATIENCE });
  let stage: Stage;
  let prometheus: Prometheus;
  let tempo: Tempo;
  let jaeger: Jaeger;
  let sidecars: readonly Sidecar[] = [];
  const asked: Asked[] = [];

  beforeAll(async () => {
    stage = await setStage('backends-traces');
    const { cluster } = stage;
    const targets = stage.servers.map(toTarget);
    prometheus = await startPrometheus(cluster, { generation: '3.15', jobs: [{ job: 'corespan', targets }] });
    const generator = {
      remoteWriteUrl: prometheus.remoteWriteUrl,
      processors: ['service-graphs', 'span-metrics'],
      labels: { source: 'tempo' },
    } as const;
    [tempo, jaeger] = await Promise.all([startTempo(cluster, { generator }), startJaeger(cluster)]);
  });

  afterAll(() => stage?.cluster.stop());
  tellEach(() => `${asked.length} lookups so far`);

  /** In place of those that run; they go on in the log where those have stopped. */
  async function restartSidecars(args: readonly string[]): Promise<void> {
    await Promise.all(sidecars.map((sidecar) => sidecar.stop()));
    const checkpoint = ['--checkpoint', `${STATE_FOLDER}/positions.json`];
    sidecars = await startSidecars(stage, [...checkpoint, '--sample-ratio', '1', ...args]);
  }

  async function ask(round: number): Promise<readonly Asked[]> {
    const own = await stage.shop.ask(round);
    asked.push(...own);
    return own;
  }

  async function untilEdges(of: { readonly selector: string }, edges: Map<string, number>): Promise<void> {
    const look = async (): Promise<true> => {
      expect(await readEdges(prometheus, of)).toEqual(edges);
      return true;
    };
    await until(`${edges.size} edges with ${of.selector}`, look, SEEN);
  }

  async function untilFound(names: readonly string[], traceQl: string): Promise<void> {
    const look = async (): Promise<true> => {
      expect(await readNames(tempo, traceQl)).toEqual(names.toSorted());
      return true;
    };
    await until(`${names.length} traces of ${traceQl}`, look, SEEN);
  }

  test("while corespan draws the graph, Tempo's generator sees the spans and draws none of it", async () => {
    await restartSidecars(['--otlp-endpoint', tempo.otlpUrl]);
    const own = await ask(1);
    await untilEdges(OURS, toExpectedEdges(own));
    await untilFound(toNames(own), '{ resource.service.name != "" }');
    await sendEdge(stage.cluster.network.controlPlane, tempo, WITNESS);
    await untilEdges(TEMPOS, withWitness(new Map()));
    const counted = await prometheus.query(
      'sum by (service) (traces_spanmetrics_calls_total{source="tempo"})',
    );
    expect(counted.map(({ labels }) => labels['service'])).toEqual(
      expect.arrayContaining(['web', 'cart', 'api', 'ledger', 'report', 'agent']),
    );
  });

  test('with --graph-source traces Tempo draws the graph, and corespan none', async () => {
    await restartSidecars(['--otlp-endpoint', tempo.otlpUrl, '--graph-source', 'traces']);
    const own = await ask(2);
    await untilEdges(TEMPOS, withWitness(toPlainEdges(own)));
    expect(await readEdges(prometheus, TEMPOS)).not.toEqual(withWitness(toPlainEdges(own.slice(1))));
    expect(await readEdges(prometheus, OURS)).toEqual(new Map());
  });

  test('without a way out for spans no trace is found', async () => {
    await restartSidecars(['--otlp-endpoint', 'none']);
    const own = await ask(3);
    await until(
      'the lookups of the third round',
      async () => {
        const texts = await Promise.all(sidecars.map((sidecar) => sidecar.metrics()));
        const counts = texts.map((text) => sumOf(parseExposition(text), 'corespan_lookups_total'));
        return counts.reduce((sum, count) => sum + count, 0) === own.length ? true : undefined;
      },
      SEEN,
    );
    const outside = (round: number): string => `{ span.dns.question.name =~ ".*-${round}-10-.*" }`;
    expect(await readNames(tempo, outside(3))).toEqual([]);
    // The same look finds those of the round before.
    expect((await readNames(tempo, outside(2))).length).toBeGreaterThan(5);
  });

  describe('every form of OTLP', () => {
    let recording: string;
    beforeAll(async () => {
      recording = await recordCluster(stage);
    });

    test.each(OTLP_FORMS)('$protocol with $compression reaches Tempo', async (form) => {
      const environment = toEnvironment('tempo', form);
      await replayThrough(tempo.otlpUrl, environment, form);
      await untilFound(toNames(asked), `{ resource.deployment.environment.name = "${environment}" }`);
    });

    test.each(OTLP_FORMS)('$protocol with $compression reaches Jaeger', async (form) => {
      const environment = toEnvironment('jaeger', form);
      await replayThrough(jaeger.otlpUrl, environment, form);
      const tags = { 'deployment.environment.name': environment };
      for (const client of new Set(asked.map((wish) => wish.client))) {
        const names = toNames(asked.filter((wish) => wish.client === client));
        await untilInJaeger(names, { service: toPlainName(client), tags });
      }
    });

    test('Jaeger finds by service and tag, and draws no edge between services', async () => {
      const environment = toEnvironment('jaeger', OTLP_FORMS[0]);
      const tags = { 'deployment.environment.name': environment };
      const denied = asked.filter(({ client, outcome }) => client === 'ops/agent' && outcome === 'denial');
      expect(denied.length).toBeGreaterThan(1);
      const search = { service: 'agent', tags: { ...tags, 'dns.response_code': 'NXDOMAIN' } };
      await untilInJaeger(toNames(denied), search);
      expect(await jaeger.searchTraces({ ...search, service: 'nobody' })).toEqual([]);
      expect(await jaeger.searchTraces({ ...search, tags: { 'dns.response_code': 'NOTZONE' } })).toEqual([]);
      expect(await jaeger.services()).toEqual(expect.arrayContaining(['agent', 'web']));
      const between = (await jaeger.dependencies()).filter(({ parent, child }) => parent !== child);
      expect(between).toEqual([]);
    });

    test('an environment that no replay had is found in neither', async () => {
      const tags = { 'deployment.environment.name': 'nowhere' };
      expect(await jaeger.searchTraces({ service: 'web', tags })).toEqual([]);
      expect(await readNames(tempo, '{ resource.deployment.environment.name = "nowhere" }')).toEqual([]);
      tellCosts([prometheus, tempo, jaeger]);
    });

    /** The relay sees in which form it came. */
    async function replayThrough(otlpUrl: string, environment: string, form: OtlpForm): Promise<void> {
      const relay = await startRelay(stage.cluster, { port: RELAY_PORT, target: otlpUrl });
      try {
        const summary = await replayLogs(stage, recording, { otlpUrl: relay.url, form, environment });
        expect(summary.lookups).toEqual(toOutcomes(asked));
        expect(summary.spans.acked).toBeGreaterThan(asked.length);
      } finally {
        await relay.stop();
      }
      const wanted = {
        path: '/v1/traces',
        contentType: form.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
        contentEncoding: form.compression,
        status: 200,
      };
      expect(relay.exchanges.length).toBeGreaterThan(0);
      for (const exchange of relay.exchanges) expect(exchange).toMatchObject(wanted);
    }

    async function untilInJaeger(names: readonly string[], search: JaegerSearch): Promise<void> {
      const look = async (): Promise<true> => {
        const traces = await jaeger.searchTraces(search);
        const found = traces.map(({ spans }) => `${rootOf(spans).attributes['dns.question.name']}.`);
        expect(found.toSorted()).toEqual(names.toSorted());
        return true;
      };
      await until(`${names.length} traces of ${search.service} in Jaeger`, look, SEEN);
    }
  });
});

function toEnvironment(backend: string, { protocol, compression }: OtlpForm): string {
  return `${backend}-${protocol.replace('http/', '')}-${compression}`;
}

function toNames(asked: readonly Asked[]): string[] {
  return asked.map(({ name }) => name);
}

function toOutcomes(asked: readonly Asked[]): Record<Asked['outcome'], number> {
  const count = (wanted: Asked['outcome']): number =>
    asked.filter(({ outcome }) => outcome === wanted).length;
  return { success: count('success'), denial: count('denial'), error: count('error') };
}

/** Without namespaces, of which Tempo's generator knows nothing. */
function toPlainEdges(asked: readonly Asked[]): Map<string, number> {
  const plain = ({ client, server, ...rest }: Asked): Asked => ({
    ...rest,
    client: toPlainName(client),
    server: toPlainName(server),
  });
  return toExpectedEdges(asked.map(plain));
}

function withWitness(edges: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...edges, [toEdge(WITNESS.client, WITNESS.server), 1]]);
}

function toPlainName(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
