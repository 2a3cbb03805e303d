/**
 * The example of docs/grafana.md, run by the real Prometheus and the real Tempo with its own configuration files, while
 * corespan plays its recorded cluster. Not run: Grafana, and Docker.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { substitute } from '../support/dashboards.ts';
import { EXAMPLE_FOLDER } from '../support/example.ts';
import { attempt } from './commands.ts';
import { fetchIn } from './doors.ts';
import { createExamplePlace, type ExamplePlace } from './examplePlace.ts';
import { type Backend, startBackend, toBackendUrl } from './monitoring.ts';
import { rootOf } from './monitoringSpans.ts';
import { toBinary } from './programs.ts';
import { createPrometheusApi, type PrometheusApi } from './prometheusApi.ts';
import { describeRealStack } from './realStack.ts';
import { NOT_RUN } from './skips.ts';
import { createTempoApi, type TempoApi } from './tempoApi.ts';
import { until } from './until.ts';

const NEEDS = {
  programs: ['prometheus', 'tempo'],
  packages: ['iproute2', 'socat', 'util-linux'],
} as const;

interface DataSource {
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  readonly jsonData: {
    readonly exemplarTraceIdDestinations?: readonly {
      readonly name: string;
      readonly datasourceUid: string;
    }[];
    readonly serviceMap?: { readonly datasourceUid: string };
    readonly tracesToMetrics?: {
      readonly datasourceUid: string;
      readonly tags: readonly { readonly key: string; readonly value: string }[];
      readonly queries: readonly { readonly name: string; readonly query: string }[];
    };
  };
}

/** As Prometheus tells of it. */
interface Rule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

const { datasources } = parse(
  readFileSync(join(EXAMPLE_FOLDER, 'provisioning/datasources/corespan.yaml'), 'utf8'),
) as { readonly datasources: readonly DataSource[] };

describeRealStack('the Grafana example', NEEDS, () => {
  let place: ExamplePlace;
  let prometheus: Backend & PrometheusApi;
  let tempo: Backend & TempoApi;

  beforeAll(async () => {
    place = await createExamplePlace();
    [prometheus, tempo] = await Promise.all([startPrometheus(), startTempo()]);
    await startBackend(place, {
      name: 'corespan',
      argv: [process.execPath, ...(place.commandOf('corespan').slice(1) ?? [])],
      port: 9464,
      readyPath: '/healthz',
    });
  });

  afterAll(() => place?.stop());

  async function startPrometheus(): Promise<Backend & PrometheusApi> {
    const backend = await startBackend(place, {
      name: 'prometheus',
      argv: [toBinary('prometheus', 'prometheus'), ...place.commandOf('prometheus')],
      port: 9090,
      readyPath: '/-/ready',
    });
    return { ...backend, ...createPrometheusApi(backend) };
  }

  async function startTempo(): Promise<Backend & TempoApi> {
    const backend = await startBackend(place, {
      name: 'tempo',
      argv: [toBinary('tempo', 'tempo'), ...place.commandOf('tempo')],
      port: 3200,
      // It works long before it calls itself ready: it waits for others, whom there are none of.
      readyPath: '/status/version',
    });
    return { ...backend, ...createTempoApi(backend) };
  }

  test('docker compose takes the compose file', async ({ skip }) => {
    const client = await attempt(['docker', 'compose', 'version']).catch(() => undefined);
    if (client?.code !== 0)
      skip(`${NOT_RUN}docker compose on the compose file of the example, there is none here`);
    const file = join(EXAMPLE_FOLDER, 'compose.yaml');
    expect((await attempt(['docker', 'compose', '-f', file, 'config', '--quiet'])).stderr).toBe('');
  });

  test('Prometheus scrapes corespan and evaluates its rules', async () => {
    await prometheus.untilScraped();
    const edges = await until('edges', async () => {
      const found = await prometheus.query('traces_service_graph_request_total{source="corespan"} > 0');
      return found.length > 3 ? found : undefined;
    });
    expect(edges[0]?.labels).toMatchObject({ job: 'corespan', pod: 'coredns-demo' });
    // Until it is evaluated for the first time the health of a rule is unknown.
    const rules = await until('every rule to be evaluated', async () => {
      const found = await readRules();
      const unwell = found.filter(({ health }) => health !== 'ok');
      if (unwell.length > 0) throw new Error(JSON.stringify(unwell));
      return found;
    });
    expect(rules.length).toBeGreaterThan(20);
  }, 90_000);

  async function readRules(): Promise<readonly Rule[]> {
    const { data } = (await prometheus.getJson('/api/v1/rules')) as {
      readonly data: { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
    };
    return data.groups.flatMap(({ rules }) => rules);
  }

  test('an exemplar opens in Tempo, by the label that the data source is told', async () => {
    const [destination] = sourceOf('prometheus').jsonData.exemplarTraceIdDestinations ?? [];
    expect(destination?.datasourceUid).toBe(sourceOf('tempo').uid);
    const now = Date.now() / 1000;
    const found = await until('exemplars', async () => {
      const exemplars = await prometheus.exemplars('traces_service_graph_request_server_seconds_bucket', {
        from: now - 600,
        to: now + 600,
      });
      return exemplars.length > 3 ? exemplars : undefined;
    });
    const { labels, series } = found[0] ?? expect.fail('no exemplar');
    const trace = await until('the trace', () => tempo.trace(labels[destination?.name ?? ''] ?? ''));
    expect(rootOf(trace).resource['service.name']).toBe(series['client']);
    expect(rootOf(trace).attributes['peer.service']).toBe(series['server']);
  });

  test('the way from a span to the metrics of its client leads to numbers', async () => {
    const { tracesToMetrics, serviceMap } = sourceOf('tempo').jsonData;
    if (tracesToMetrics === undefined) return expect.fail('no way to metrics');
    expect([serviceMap?.datasourceUid, tracesToMetrics.datasourceUid]).toEqual([
      sourceOf('prometheus').uid,
      sourceOf('prometheus').uid,
    ]);
    const resource: Readonly<Record<string, string>> = {
      'service.name': 'storefront',
      'service.namespace': 'shop',
    };
    const tags = tracesToMetrics.tags.map(({ key, value }) => `${value}="${resource[key]}"`).join(', ');
    expect(tracesToMetrics.queries.length).toBeGreaterThan(1);
    for (const { name, query } of tracesToMetrics.queries) {
      // $$ in the file is $ for Grafana.
      const asked = substitute(query.replaceAll('$$', '$'), { __tags: tags });
      const found = await until(name, async () => {
        const samples = await prometheus.query(asked);
        return samples.length > 0 ? samples : undefined;
      });
      expect(found.every(({ labels }) => labels['server'] !== undefined)).toBe(true);
      expect(await prometheus.query(asked.replace('client="storefront"', 'client="nobody"'))).toEqual([]);
    }
  });

  test("Tempo makes metrics of an application's spans, and none of corespan's", async () => {
    await until('traces', async () =>
      (await tempo.search('{ resource.telemetry.distro.name = "corespan" }')).length > 3 ? true : undefined,
    );
    // The same span but for `span.metrics.skip`: once metrics of it have come, others would have come too. Sent
    // again and again, because the generator begins to listen after the rest of Tempo.
    const made = await until(
      'metrics of spans',
      async () => {
        await sendSpan('application');
        const found = await prometheus.query('traces_spanmetrics_calls_total');
        return found.length > 0 ? found : undefined;
      },
      { within: 90_000, every: 1_000 },
    );
    expect(made.map(({ labels }) => [labels['service'], labels['source']])).toEqual([
      ['application', 'tempo'],
    ]);
    expect(await prometheus.query('traces_service_graph_request_total{source="tempo"}')).toEqual([]);
  }, 150_000);

  async function sendSpan(service: string): Promise<void> {
    const attributes = [{ key: 'service.name', value: { stringValue: service } }];
    const now = BigInt(Date.now()) * 1_000_000n;
    const span = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      name: 'DNS A',
      kind: 1,
      startTimeUnixNano: String(now - 1_000_000n),
      endTimeUnixNano: String(now),
    };
    const { status } = await fetchIn(
      place.sandboxes.controlPlane.namespace,
      `${toBackendUrl(4318)}/v1/traces`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [span] }] }],
        }),
      },
    );
    expect(status).toBe(200);
  }
});

function sourceOf(type: string): DataSource {
  return datasources.find((one) => one.type === type) ?? expect.fail(`no data source ${type}`);
}
