/** corespan-workload: everything about the DNS of one workload, down to its newest traces. */
import { OF_CORESPAN, OF_NAMESPACE, OF_WORKLOAD } from '../build/choices.ts';
import { NEWEST, TO_CLIENTS_OF_SERVER, TO_TRACES_OF_EDGE } from '../build/links.ts';
import { type Board, heatmap, stat, table, timeseries, traces } from '../build/panels.ts';
import { inRange, quantile, rate, select, sum, sumBy } from '../build/promql.ts';

const OWN = ['client_namespace=~"$namespace"', 'client_workload="$workload"'];
/** The same strings as on the graph. */
const OWN_EDGES = ['source="corespan"', 'client_service_namespace=~"$namespace"', 'client="$workload"'];
const EDGE = ['client_service_namespace', 'client', 'server_service_namespace', 'server'];

const LOOKUPS = sum(rate('corespan_lookups_total', ...OWN));
const BUCKETS = rate('traces_service_graph_request_server_seconds_bucket', ...OWN_EDGES);

/** Spans of this workload. Who has no namespace (a node's own processes, for one) is found by name alone. */
const OWN_SPANS =
  'resource.service.name = "$workload" && (resource.service.namespace =~ "$namespace" || resource.service.name =~ "node:.*|unknown|external")';
/** Only the root of a trace tells the outcome of a lookup. */
const LOOKUP_SPANS = `${OWN_SPANS} && span.corespan.lookup.outcome =~ "success|denial|error"`;

export const workload: Board = {
  uid: 'corespan-workload',
  title: 'corespan / Workload',
  description: 'One workload: what it asks for, what goes wrong, how long it waits, and the traces of it.',
  choices: [...OF_CORESPAN, OF_NAMESPACE, OF_WORKLOAD],
  rows: [
    {
      title: 'Now',
      panels: [
        stat({
          title: 'Lookups',
          question: 'Does it ask at all?',
          advice: 'Nothing although it should: its names may be cached, or its queries go to another server.',
          unit: 'reqps',
          expr: LOOKUPS,
          legend: 'lookups',
        }),
        stat({
          title: 'Bad lookups',
          question: 'What share of its lookups fails or takes longer than 250 ms?',
          advice: 'Red above 1 in 1,000, the objective of the alerts. The causes stand below.',
          unit: 'percentunit',
          redFrom: 0.001,
          expr: `${sum(rate('corespan_lookups_bad_total', ...OWN))} / (${LOOKUPS} > 0)`,
          legend: 'bad',
          quiet: 'no lookups',
        }),
        stat({
          title: 'Queries per lookup',
          question: 'How much does its search path cost?',
          advice:
            '2 is perfect (A and AAAA). 8 or 10 is ndots:5 with three or four search domains: a trailing dot or ndots:2 helps.',
          unit: 'short',
          redFrom: 6,
          expr: `${sum(rate('corespan_queries_total', ...OWN))} / (${LOOKUPS} > 0)`,
          legend: 'queries per lookup',
          quiet: 'no lookups',
        }),
        stat({
          title: 'Distinct names',
          question: 'For how many different names does it ask?',
          advice:
            'Thousands from a workload that is no crawler, mail server or resolver: look at its traces.',
          unit: 'short',
          expr: `max(${select('corespan_distinct_names', ...OWN)})`,
          legend: 'names',
        }),
      ],
    },
    {
      title: 'Outcome',
      panels: [
        timeseries({
          title: 'Lookups by outcome',
          question: 'Since when does it fail?',
          advice:
            'error: no usable answer; denial: the name does not exist. Compare the beginning with its roll-outs and with the reloads marked here.',
          unit: 'reqps',
          isStacked: true,
          queries: [
            { expr: sumBy(['outcome'], rate('corespan_lookups_total', ...OWN)), legend: '{{outcome}}' },
          ],
        }),
        timeseries({
          title: 'Bad lookups by cause',
          question: 'Do they fail, or do they take too long?',
          advice:
            'error: look at the response codes below. slow: look at the targets: outside domains point at the upstream resolver, everything at once at CoreDNS.',
          unit: 'reqps',
          isStacked: true,
          queries: [
            { expr: sumBy(['cause'], rate('corespan_lookups_bad_total', ...OWN)), legend: '{{cause}}' },
          ],
        }),
        timeseries({
          title: 'Denied queries by what the denial means',
          question: 'Does it ask for names that do not exist?',
          advice:
            'search: the search path, harmless but a waste. was_valid: something it needs was deleted. other_namespace: the Service exists elsewhere, the name lacks its namespace. never_valid: a typing error or a scan.',
          unit: 'reqps',
          isStacked: true,
          queries: [{ expr: sumBy(['kind'], rate('corespan_nxdomain_total', ...OWN)), legend: '{{kind}}' }],
        }),
        timeseries({
          title: 'Queries by response code',
          question: 'What does the DNS server answer?',
          advice:
            'SERVFAIL: the upstream resolver or CoreDNS itself. REFUSED: no server block for that zone. none: the server gave up without an answer.',
          unit: 'reqps',
          isStacked: true,
          queries: [{ expr: sumBy(['rcode'], rate('corespan_queries_total', ...OWN)), legend: '{{rcode}}' }],
        }),
      ],
    },
    {
      title: 'Time',
      panels: [
        heatmap({
          title: 'Time of lookups',
          question: 'How long does it wait, and which trace shows it?',
          advice:
            'Each diamond is an exported trace: click one of the upper ones. A band at 5 s is a lost query that was asked again. Denied lookups are not in it: they lead to no target.',
          unit: 's',
          expr: sumBy(['le'], BUCKETS),
        }),
        timeseries({
          title: 'Time of lookups, quantiles',
          question: 'Is it slow for everybody or for a few?',
          advice:
            'p50 up: everything is slow, look at CoreDNS. Only p99 up: single targets or lost queries, look at the targets and the traces.',
          unit: 's',
          height: 9,
          hasExemplars: true,
          queries: [0.5, 0.95, 0.99].map((share) => ({
            expr: quantile(share, sumBy(['le'], BUCKETS)),
            legend: `p${share * 100}`,
          })),
        }),
      ],
    },
    {
      title: 'Targets',
      panels: [
        table({
          title: 'Targets',
          question: 'What does it depend on, and which of it is bad?',
          advice:
            'One bad target: its owner, or the upstream resolver if it is outside. All bad: the DNS path of this workload. The links of a row lead to its traces and to who else asks for it.',
          quiet: 'No lookups in this time range.',
          unit: 'short',
          queries: {
            lookups: sumBy(EDGE, inRange('traces_service_graph_request_total', ...OWN_EDGES)),
            failed: sumBy(EDGE, inRange('traces_service_graph_request_failed_total', ...OWN_EDGES)),
            p95: quantile(
              0.95,
              sumBy(
                ['le', ...EDGE],
                inRange('traces_service_graph_request_server_seconds_bucket', ...OWN_EDGES),
              ),
            ),
          },
          columns: [
            { of: 'lookups', title: 'Lookups', unit: 'short' },
            { of: 'failed', title: 'Failed', unit: 'short', redFrom: 1 },
            { of: 'p95', title: 'p95', unit: 's', redFrom: 0.25 },
          ],
          sortBy: 'Failed',
          links: [TO_TRACES_OF_EDGE, TO_CLIENTS_OF_SERVER],
        }),
        timeseries({
          title: 'Queries by type',
          question: 'Which record types does it ask for?',
          advice:
            'A and AAAA are normal, SRV and PTR depend on the program. Much TXT, NULL or ANY from an ordinary workload is worth a look at its traces.',
          unit: 'reqps',
          isStacked: true,
          queries: [{ expr: sumBy(['qtype'], rate('corespan_queries_total', ...OWN)), legend: '{{qtype}}' }],
        }),
        timeseries({
          title: 'Queries by kind of target',
          question: 'Does it ask for the cluster or for the world outside?',
          advice:
            'A sudden share of external or unknown that was not there before: compare with its roll-outs.',
          unit: 'reqps',
          isStacked: true,
          queries: [
            {
              expr: sumBy(['target_class'], rate('corespan_queries_total', ...OWN)),
              legend: '{{target_class}}',
            },
          ],
        }),
      ],
    },
    {
      title: 'Traces',
      panels: [
        traces({
          title: 'Newest traces',
          question: 'What exactly did it ask, step by step?',
          advice:
            'Open one: the children are the queries in order, with the name, the response code and the DNS pod that answered. Sampled: failed, slow and first-seen lookups always, every edge at least once a minute. A Tempo before 2.8 shows the first 20 that it finds, mostly the oldest: choose a short time range.',
          quiet: 'No trace: is --otlp-endpoint set?',
          query: `{ ${LOOKUP_SPANS} } ${NEWEST}`,
        }),
        traces({
          title: 'Newest failed traces',
          question: 'Which name failed, and where?',
          advice:
            'dns.question.name is the name that decided, corespan.resolver.pod the DNS pod. The same pod in all of them: restart or look at that pod. The same name: look at its zone. With a Tempo before 2.8 choose a short time range: it shows the first 20 that it finds, mostly the oldest.',
          quiet: 'Nothing failed in this time range.',
          query: `{ ${OWN_SPANS} && span.corespan.lookup.outcome = "error" } ${NEWEST}`,
        }),
      ],
    },
  ],
};
