/** corespan-health: is corespan itself complete, current and within its bounds? */
import { OF_CORESPAN } from '../build/choices.ts';
import { type Board, type Panel, stat, table, timeseries } from '../build/panels.ts';
import { increase, rate, select, sum, sumBy } from '../build/promql.ts';
import { LEDGER, PARTS, SOURCE, STAGES } from './healthRows.ts';

const BUILD: Panel = table({
  title: 'Instances',
  question: 'Which versions run, and where?',
  advice:
    'Several versions for longer than a roll-out: one did not finish. An instance that is missing is not scraped: look at the target page of Prometheus.',
  quiet: 'No instance is scraped.',
  unit: 'short',
  width: 12,
  height: 8,
  queries: {
    instances: `count by (instance, version, revision) (${select('corespan_build_info')})`,
  },
  columns: [{ of: 'instances', title: 'Instances', unit: 'short' }],
});

const PROBLEMS: Panel = stat({
  title: 'Problems of the configuration',
  question: 'Does it idle because it was told something wrong?',
  advice:
    'Not 0: /readyz and the log of that pod name every problem. It reads nothing until restarted, or names nobody for want of a service account.',
  unit: 'short',
  redFrom: 1,
  width: 12,
  height: 8,
  expr: `max(${select('corespan_config_problems')})`,
  legend: 'problems',
});

export const health: Board = {
  uid: 'corespan-health',
  title: 'corespan / Health',
  description: 'corespan about itself: the ledger, the position in the logs, attribution, stages, bounds.',
  choices: OF_CORESPAN,
  rows: [
    { title: 'Ledger', panels: LEDGER },
    { title: 'Position in the logs', panels: SOURCE },
    {
      title: 'Attribution',
      panels: [
        timeseries({
          title: 'Clients by result',
          question: 'How many clients have a name?',
          advice:
            'pod is a name. host_network has no better one. snat: addresses are translated before they reach the DNS server. cold or stale rising: look at the watches below.',
          unit: 'reqps',
          isStacked: true,
          queries: [
            { expr: sumBy(['result'], rate('corespan_peer_resolutions_total')), legend: '{{result}}' },
          ],
        }),
        timeseries({
          title: 'Age of the watches',
          question: 'Is what it knows about the cluster current?',
          advice:
            'Above 300 s: the API server is not reached or forbids the watch. Names of pods that started since then are missing.',
          quiet: 'No watch: run with --cluster none or from a recording.',
          unit: 's',
          redFrom: 300,
          queries: [
            {
              expr: `max by (resource) (${select('corespan_watch_age_seconds')})`,
              legend: '{{resource}}',
            },
          ],
        }),
        timeseries({
          title: 'Watches that are complete',
          question: 'Which resource is not known completely?',
          advice: '0 for longer than a minute: the log of that pod says why (RBAC, network).',
          quiet: 'No watch: run with --cluster none or from a recording.',
          unit: 'bool_yes_no',
          queries: [
            { expr: `min by (resource) (${select('corespan_watch_synced')})`, legend: '{{resource}}' },
          ],
        }),
        timeseries({
          title: 'Watches that started again',
          question: 'Is the API server cutting watches off?',
          advice:
            'A few an hour are normal, their time limit. Many with reason forbidden: RBAC; with reason reset or refused: the API server or the network.',
          unit: 'short',
          isStacked: true,
          queries: [
            {
              expr: sumBy(['resource', 'reason'], increase('corespan_watch_restarts_total')),
              legend: '{{resource}} {{reason}}',
            },
          ],
          quiet: 'No watch ended in this time range.',
        }),
        timeseries({
          title: 'Watch events',
          question: 'Does the API server tell anything?',
          advice: 'Nothing but BOOKMARK is a quiet cluster. Nothing at all for minutes: see the ages.',
          unit: 'short',
          isStacked: true,
          quiet: 'No watch: run with --cluster none or from a recording.',
          queries: [
            {
              expr: sumBy(['resource', 'type'], increase('corespan_watch_events_total')),
              legend: '{{resource}} {{type}}',
            },
          ],
        }),
        timeseries({
          title: 'Objects known',
          question: 'How much of the cluster does it hold?',
          advice: 'Memory grows with it. Pods far below what kubectl counts: see the watches.',
          unit: 'short',
          queries: [{ expr: `max by (kind) (${select('corespan_peer_cache_entries')})`, legend: '{{kind}}' }],
        }),
      ],
    },
    { title: 'Stages', panels: STAGES },
    {
      title: 'Bounds and process',
      panels: [
        ...PARTS,
        timeseries({
          title: 'Memory',
          question: 'Does it stay within its limit?',
          advice:
            'The heap flat and the resident set rising is the file cache. Near the limit of the container: raise it, or lower --max-edges.',
          unit: 'bytes',
          queries: [
            {
              expr: `max by (instance) (${select('corespan_process_resident_memory_bytes')})`,
              legend: '{{instance}} resident',
            },
            {
              expr: `max by (instance) (${select('corespan_process_heap_bytes')})`,
              legend: '{{instance}} heap',
            },
          ],
        }),
        timeseries({
          title: 'CPU',
          question: 'What does it cost?',
          advice:
            'Compare with the queries a second that it reads. Near 1 core it falls behind: see the lag.',
          unit: 'percentunit',
          queries: [
            {
              expr: sumBy(['instance'], rate('corespan_process_cpu_seconds_total')),
              legend: '{{instance}}',
            },
            {
              expr: `max by (instance) (${select('corespan_event_loop_utilization')})`,
              legend: '{{instance}} event loop',
            },
          ],
        }),
        BUILD,
        PROBLEMS,
        timeseries({
          title: 'Response sizes',
          question: 'Are answers too large for UDP?',
          advice: 'Many above 1232 bytes by udp: they are cut off or fragmented, clients ask again by TCP.',
          unit: 'bytes',
          queries: [
            {
              expr: `histogram_quantile(0.99, ${sumBy(['le', 'transport'], rate('corespan_response_size_bytes_bucket'))})`,
              legend: '{{transport}} p99',
            },
          ],
        }),
        timeseries({
          title: 'Time of queries at the DNS server, p99',
          question: 'Is the DNS server itself slow?',
          advice:
            'As CoreDNS measured it, without the network and without retries. external slow alone: the upstream resolver. All slow: CoreDNS lacks CPU.',
          unit: 's',
          hasExemplars: true,
          queries: [
            {
              expr: `histogram_quantile(0.99, ${sumBy(['le', 'target_class'], rate('corespan_query_duration_seconds_bucket'))})`,
              legend: '{{target_class}}',
            },
          ],
        }),
        timeseries({
          title: 'Time of lookups by outcome, p99',
          question: 'How long do programs wait, all in all?',
          advice:
            'Around 5 s: lost queries that clients asked again. Denials belong here, unlike on the graph.',
          unit: 's',
          hasExemplars: true,
          queries: [
            {
              expr: `histogram_quantile(0.99, ${sumBy(['le', 'outcome'], rate('corespan_lookup_duration_seconds_bucket'))})`,
              legend: '{{outcome}}',
            },
          ],
        }),
        timeseries({
          title: 'Edges that lead to themselves',
          question: 'How many lookups make no edge because client and target are one?',
          advice: 'Normal for peers of a StatefulSet. They are counted everywhere else.',
          unit: 'reqps',
          queries: [{ expr: sum(rate('corespan_self_edges_total')), legend: 'self edges' }],
        }),
      ],
    },
  ],
};
