/** Prometheus in both generations at a stage: each reads all of corespan as OpenMetrics, and one replica as text. */
import { type Stage, toTarget } from './backendsStage.ts';
import { type Relay, startRelay } from './monitoringRelay.ts';
import { type Prometheus, type PrometheusGeneration, startPrometheus } from './prometheus.ts';

export interface Scrapers {
  readonly prometheuses: Readonly<Record<PrometheusGeneration, Prometheus>>;
  /** Through it 2.42 gets the text format, which it would never choose. */
  readonly textRelay: Relay;
  /** Every target of each was scraped that many times more; resolves to the moments of PrometheusApi.untilScraped. */
  untilScraped(times: number): Promise<Readonly<Record<PrometheusGeneration, number>>>;
}

/** What a ServiceMonitor puts on every series; a metric that has such a label itself gets it back as `exported_*`. */
export const ATTACHED = {
  namespace: 'kube-system',
  pod: 'coredns',
  container: 'corespan',
  service: 'kube-dns',
  endpoint: 'metrics',
  node: 'node1',
};

const TEXT_RELAY_PORT = 19_464;

/** The jobs are `corespan`, `text` and, with a label that CoreDNS has as well, `coredns`. */
export async function startScrapers({ cluster, servers }: Stage): Promise<Scrapers> {
  const targets = servers.map(toTarget);
  const [first = ''] = targets;
  const textRelay = await startRelay(cluster, {
    port: TEXT_RELAY_PORT,
    target: `http://${first}`,
    headers: { accept: 'text/plain;version=0.0.4' },
  });
  const coreDns = `${servers[0]?.pod.address}:9153`;

  async function launch(generation: PrometheusGeneration): Promise<Prometheus> {
    const textTarget = generation === '2.42' ? textRelay.address : first;
    return await startPrometheus(cluster, {
      generation,
      jobs: [
        { job: 'corespan', targets, labels: ATTACHED },
        { job: 'text', format: 'text', targets: [textTarget] },
        { job: 'coredns', targets: [coreDns], labels: { server: 'kube-dns' } },
      ],
    });
  }

  const [old, current] = await Promise.all([launch('2.42'), launch('3.15')]);
  const prometheuses = { '2.42': old, '3.15': current };
  return {
    prometheuses,
    textRelay,
    async untilScraped(times) {
      for (let n = 1; n < times; n++) await Promise.all([old.untilScraped(), current.untilScraped()]);
      const [ofOld, ofCurrent] = await Promise.all([old.untilScraped(), current.untilScraped()]);
      return { '2.42': ofOld, '3.15': ofCurrent };
    },
  };
}
