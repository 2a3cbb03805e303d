/** corespan-graph: who asks for whom, how often, how badly and how long it takes. */
import { OF_CORESPAN, OF_EDGES } from '../build/choices.ts';
import { toEdgeRows } from '../build/edges.ts';
import { TO_TRACES_OF_EDGE, TO_WORKLOAD_OF_EDGE } from '../build/links.ts';
import { type Board, type Panel, table, timeseries } from '../build/panels.ts';
import { inRange, quantile, rate, select, selectForTempo, sumBy, withWho } from '../build/promql.ts';

/** Label → what it is chosen by. */
const CHOICES = {
  client_service_namespace: 'namespace',
  client: 'client',
  server_service_namespace: 'server_namespace',
  server: 'server',
};
const CHOSEN = Object.entries(CHOICES).map(([label, name]) => `${label}=~"$${name}"`);
const EDGES = ['source="corespan"', ...CHOSEN];
const EDGE = ['client_service_namespace', 'client', 'server_service_namespace', 'server'];

const TEMPO_MAP: Panel = {
  kind: 'nodeGraph',
  title: 'Who asks for whom, drawn by the Tempo data source',
  question: 'Which workloads depend on which Services and outside domains?',
  advice:
    'Click a node for its rate, failures and traces. A red arc is the share of failed lookups: open the workload that asks. Empty although the map beside it is not: the Tempo data source has no Prometheus under "Service graph".',
  unit: 'none',
  width: 12,
  height: 18,
  targets: [{ kind: 'serviceMap', refId: 'A', selector: selectForTempo('source="corespan"', CHOICES) }],
};

const PROMETHEUS_MAP: Panel = {
  kind: 'nodeGraph',
  title: 'Who asks for whom, from Prometheus alone',
  question: 'The same without Tempo: which edges fail?',
  advice:
    'Hover over an edge for lookups a second and mean time. Red: more than 5 % of its lookups failed; orange: some did. Find the edge in the table below and open its traces.',
  unit: 'none',
  width: 12,
  height: 18,
  targets: [
    {
      kind: 'prometheus',
      refId: 'edges',
      at: 'now',
      expr: toEdgeRows(...CHOSEN),
    },
  ],
};

const EDGE_TABLE = table({
  title: 'Edges',
  question: 'How often is each edge used, how often does it fail, how long does it take?',
  advice:
    'The worst stand first. If one client fails for every server, look at the client; if one server fails for everybody, look at the server or, outside the cluster, at the upstream resolver. The links of a row lead to its workload and its traces.',
  quiet: 'No lookups in this time range.',
  unit: 'short',
  height: 12,
  queries: {
    rate: `${sumBy(EDGE, inRange('traces_service_graph_request_total', ...EDGES))} / $__range_s`,
    failed: `${sumBy(EDGE, inRange('traces_service_graph_request_failed_total', ...EDGES))} / (${sumBy(EDGE, inRange('traces_service_graph_request_total', ...EDGES))} > 0)`,
    mean: `${sumBy(EDGE, inRange('traces_service_graph_request_server_seconds_sum', ...EDGES))} / (${sumBy(EDGE, inRange('traces_service_graph_request_server_seconds_count', ...EDGES))} > 0)`,
    p95: quantile(
      0.95,
      sumBy(['le', ...EDGE], inRange('traces_service_graph_request_server_seconds_bucket', ...EDGES)),
    ),
  },
  columns: [
    { of: 'rate', title: 'Lookups/s', unit: 'reqps' },
    { of: 'failed', title: 'Failed', unit: 'percentunit', redFrom: 0.05 },
    { of: 'mean', title: 'Mean', unit: 's' },
    { of: 'p95', title: 'p95', unit: 's', redFrom: 0.25 },
  ],
  sortBy: 'Failed',
  links: [TO_WORKLOAD_OF_EDGE, TO_TRACES_OF_EDGE],
});

const NEW_EDGES = table({
  title: 'Edges that are new in this time range',
  question: 'What does somebody depend on now that nobody depended on before?',
  advice:
    'Expected after a roll-out. Unexpected outside domains are worth a question to the owner of the client. An edge that nobody used for 15 minutes is forgotten and counts as new when it comes back.',
  quiet: 'No new edges. Where the history is shorter than the time range, all of them are.',
  unit: 'short',
  queries: {
    new: `group by (${EDGE.join(', ')}) (${select('traces_service_graph_connection_info', ...EDGES)}) unless group by (${EDGE.join(', ')}) (${select('traces_service_graph_connection_info', ...EDGES)} offset $__range)`,
  },
  columns: [{ of: 'new', title: 'New', unit: 'bool_yes_no' }],
  links: [TO_WORKLOAD_OF_EDGE, TO_TRACES_OF_EDGE],
});

export const graph: Board = {
  uid: 'corespan-graph',
  title: 'corespan / Service graph',
  description: 'Who asked for whom: the service graph that DNS lookups draw.',
  choices: [...OF_CORESPAN, ...OF_EDGES],
  rows: [
    { title: 'The map', panels: [TEMPO_MAP, PROMETHEUS_MAP] },
    { title: 'Edges', panels: [EDGE_TABLE, NEW_EDGES] },
    {
      title: 'Over time',
      panels: [
        timeseries({
          title: 'Lookups by client',
          question: 'Who asks most, and since when?',
          advice:
            'A step at a roll-out is a change of that workload; a sudden peak without one is a retry storm or a crawler. Open the workload.',
          quiet: 'No lookups in this time range.',
          unit: 'reqps',
          queries: [
            {
              expr: `topk(10, ${withWho('client_service_namespace', 'client', sumBy(['client_service_namespace', 'client'], rate('traces_service_graph_request_total', ...EDGES)))})`,
              legend: '{{who}}',
            },
          ],
        }),
        timeseries({
          title: 'Failed lookups by server',
          question: 'Which targets cannot be resolved, and since when?',
          advice:
            'SERVFAIL, REFUSED or no answer at the end of the lookup; a name that does not exist is no failure here. Cluster Services failing together point at CoreDNS or its API watch, outside domains at the upstream resolver.',
          unit: 'percentunit',
          queries: [
            {
              expr: `topk(10, ${withWho('server_service_namespace', 'server', `${sumBy(['server_service_namespace', 'server'], rate('traces_service_graph_request_failed_total', ...EDGES))} / (${sumBy(['server_service_namespace', 'server'], rate('traces_service_graph_request_total', ...EDGES))} > 0)`)})`,
              legend: '{{who}}',
            },
          ],
          redFrom: 0.05,
        }),
        timeseries({
          title: 'Time of lookups by server, p95',
          question: 'Which targets are slow to resolve?',
          advice:
            'From the first query to the last answer, search path and retries included. Around 5 s: a query was lost and the client asked again. Click an exemplar to see which part took the time.',
          quiet: 'No lookups in this time range.',
          unit: 's',
          hasExemplars: true,
          queries: [
            {
              expr: `topk(10, ${withWho('server_service_namespace', 'server', quantile(0.95, sumBy(['le', 'server_service_namespace', 'server'], rate('traces_service_graph_request_server_seconds_bucket', ...EDGES))))})`,
              legend: '{{who}}',
            },
          ],
        }),
        timeseries({
          title: 'Response codes of the clients chosen',
          question: 'What does the DNS server answer to them?',
          advice:
            'Queries, not lookups: NXDOMAIN is mostly the search path (see the search path dashboard). SERVFAIL and none (no answer) are trouble upstream. Response codes are counted by client, not by edge.',
          unit: 'reqps',
          isStacked: true,
          queries: [
            {
              expr: sumBy(
                ['rcode'],
                rate(
                  'corespan_queries_total',
                  'client_namespace=~"$namespace"',
                  'client_workload=~"$client"',
                ),
              ),
              legend: '{{rcode}}',
            },
          ],
        }),
      ],
    },
  ],
};
