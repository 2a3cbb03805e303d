/** corespan-search-path: who wastes queries on the search path, and what a change of it brought. */
import { OF_CORESPAN, OF_NAMESPACE } from '../build/choices.ts';
import { TO_WORKLOAD } from '../build/links.ts';
import { type Board, heatmap, stat, table, timeseries } from '../build/panels.ts';
import { inRange, rate, type StoredName, select, sum, sumBy, withWho } from '../build/promql.ts';

const CHOSEN = 'client_namespace=~"$namespace"';
const SEARCH = 'kind="search"';
const WORKLOAD = ['client_namespace', 'client_workload'];

/** How the increments of a counter are taken. */
type Counting = (name: StoredName, ...matchers: readonly string[]) => string;

/**
 * By workload, those that look something up. The queries of a NodeLocal DNSCache are the hops of what its clients asked:
 * they count as its own queries, but make no lookups and no denials of its own, and beside those they would count twice.
 */
function byClient(counting: Counting, name: StoredName, ...matchers: readonly string[]): string {
  const own = sumBy(WORKLOAD, counting(name, CHOSEN, ...matchers));
  return `(${own} and ${sumBy(WORKLOAD, counting('corespan_lookups_total', CHOSEN))} > 0)`;
}

function shareOf(counting: Counting): string {
  return `${wastedOf(counting)} / (${sum(byClient(counting, 'corespan_queries_total'))} > 0)`;
}

function wastedOf(counting: Counting): string {
  return sum(counting('corespan_nxdomain_total', CHOSEN, SEARCH));
}

/** A rate as it was some time ago; the window has to stand before the offset. */
function before(name: StoredName, ...matchers: readonly string[]): string {
  return `rate(${select(name, ...matchers)}[$__rate_interval] offset $before)`;
}

export const searchPath: Board = {
  uid: 'corespan-search-path',
  title: 'corespan / Search path',
  description:
    'Queries that only walked the search path: who makes them, what they cost, what a change saved.',
  choices: [...OF_CORESPAN, OF_NAMESPACE],
  constants: [{ name: 'before', label: 'Compare with', values: ['1d', '1h', '6h', '7d'] }],
  rows: [
    {
      title: 'Now',
      panels: [
        stat({
          title: 'Share of queries wasted',
          question: 'How much of the load of the DNS servers is search path?',
          advice:
            'Without the hops behind a NodeLocal DNSCache, which would count a query twice. 75 % is what ndots:5 costs for outside names. Write such names with a trailing dot, or set ndots:2 in the dnsConfig of the workloads below.',
          unit: 'percentunit',
          redFrom: 0.5,
          width: 8,
          expr: shareOf(rate),
          legend: 'wasted',
          quiet: 'no queries',
        }),
        stat({
          title: 'Queries that could be saved',
          question: 'What would a perfect search path save?',
          advice: 'As many queries a second fewer for CoreDNS, and for clients as many round trips.',
          unit: 'reqps',
          width: 8,
          expr: wastedOf(rate),
          legend: 'saved',
        }),
        stat({
          title: 'Queries per lookup, all namespaces',
          question: 'How many queries does one wish of a program cost?',
          advice: '2 is perfect: A and AAAA. Each search domain that is tried in vain adds 2.',
          unit: 'short',
          redFrom: 6,
          width: 8,
          expr: `${sum(rate('corespan_lookup_queries_sum'))} / (${sum(rate('corespan_lookup_queries_count'))} > 0)`,
          legend: 'queries per lookup',
          quiet: 'no lookups',
        }),
      ],
    },
    {
      title: 'Who',
      panels: [
        table({
          title: 'Workloads by waste',
          question: 'Whose search path is worth repairing first?',
          advice:
            'Begin at the top. A share near 75 % with an outside name behind it: trailing dot or ndots:2. A share near 50 % within the cluster: write svc.namespace.svc.cluster.local. in full, or at least svc.namespace.',
          quiet: 'No queries in this time range.',
          unit: 'short',
          height: 10,
          queries: {
            wasted: byClient(inRange, 'corespan_nxdomain_total', SEARCH),
            queries: byClient(inRange, 'corespan_queries_total'),
            share: `${byClient(inRange, 'corespan_nxdomain_total', SEARCH)} / (${byClient(inRange, 'corespan_queries_total')} > 0)`,
            each: `${byClient(inRange, 'corespan_queries_total')} / (${sumBy(WORKLOAD, inRange('corespan_lookups_total', CHOSEN))} > 0)`,
          },
          columns: [
            { of: 'wasted', title: 'Wasted', unit: 'short' },
            { of: 'queries', title: 'Queries', unit: 'short' },
            { of: 'share', title: 'Share', unit: 'percentunit', redFrom: 0.5 },
            { of: 'each', title: 'Queries per lookup', unit: 'short', redFrom: 6 },
          ],
          sortBy: 'Wasted',
          links: [TO_WORKLOAD],
        }),
        timeseries({
          title: 'Wasted queries by workload',
          question: 'Since when does somebody waste so many?',
          advice: 'A step up is a new version or a new dnsConfig, a step down is your repair.',
          unit: 'reqps',
          queries: [
            {
              expr: `topk(10, ${withWho('client_namespace', 'client_workload', sumBy(WORKLOAD, rate('corespan_nxdomain_total', CHOSEN, SEARCH)))})`,
              legend: '{{who}}',
            },
          ],
        }),
        heatmap({
          title: 'Queries per lookup, all namespaces',
          question: 'How are they spread?',
          advice: 'Bands at 2, 4, 6 and 8 are none, one, two and three search domains tried in vain.',
          unit: 'short',
          height: 8,
          hasExemplars: false,
          expr: sumBy(['le'], rate('corespan_lookup_queries_bucket')),
        }),
      ],
    },
    {
      title: 'Before and after',
      panels: [
        timeseries({
          title: 'Share of queries wasted, now and before',
          question: 'What did the change bring?',
          advice: 'Choose "Compare with" so that the older line lies before the change.',
          quiet: 'The older line needs that much history.',
          unit: 'percentunit',
          queries: [
            { expr: shareOf(rate), legend: 'now' },
            { expr: shareOf(before), legend: '$before ago' },
          ],
        }),
        timeseries({
          title: 'Denied queries by what the denial means',
          question: 'Does a smaller search path break names?',
          advice:
            'After lowering ndots, never_valid and other_namespace must not rise: if they do, a program relied on a search domain. Its traces show the name.',
          unit: 'reqps',
          isStacked: true,
          queries: [{ expr: sumBy(['kind'], rate('corespan_nxdomain_total', CHOSEN)), legend: '{{kind}}' }],
        }),
      ],
    },
  ],
};
