/** Reads an exposition back: what a scrape sees, and whether the ledger in it balances. */

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar: { readonly traceId: string; readonly value: number; readonly time: number } | undefined;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? ([^ ]+)(?: # \{trace_id="([0-9a-f]+)"\} ([^ ]+) ([^ ]+))?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Every series of an exposition in either format; throws at a line that is no sample. */
export function parseExposition(text: string): Series[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = LINE.exec(line);
      if (match === null) throw new Error(`no sample: ${line}`);
      const [, name = '', labels = '', value = '', traceId, exemplarValue, time] = match;
      return {
        name,
        labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text])),
        value: Number(value.replace('+Inf', 'Infinity')),
        exemplar:
          traceId === undefined ? undefined : { traceId, value: Number(exemplarValue), time: Number(time) },
      };
    });
}

/** The sum of a family over the series that have all of `labels`. */
export function sumOf(series: readonly Series[], name: string, labels: Record<string, string> = {}): number {
  return series
    .filter(
      (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);
}

/**
 * What does not add up in a scrape, one sentence each: lines, queries, spans (facts in docs/ARCHITECTURE.md).
 * A scrape that has read nothing proves nothing: the caller checks that it looked.
 */
export function findImbalances(text: string): string[] {
  const series = parseExposition(text);
  const sum = (name: string, labels?: Record<string, string>): number => sumOf(series, name, labels);
  const pending = (stage: string): number => sum('corespan_pending', { stage });
  const spansBuilt = sum('corespan_spans_total') - sum('corespan_spans_total', { decision: 'sampled_out' });
  const equations: [string, number, number][] = [
    [
      'lines read = parsed + rejected',
      sum('corespan_lines_read_total'),
      sum('corespan_lines_parsed_total') + sum('corespan_lines_rejected_total'),
    ],
    [
      'queries parsed = counted + forgotten + skipped + pending + dropped',
      sum('corespan_lines_parsed_total', { kind: 'query' }),
      sum('corespan_queries_total') +
        sum('corespan_queries_forgotten_total') +
        sum('corespan_queries_skipped_total') +
        pending('peers') +
        pending('queries') +
        pending('metrics') +
        sum('corespan_dropped_total', { stage: 'queries' }),
    ],
    [
      'spans kept = acked + pending + dropped',
      spansBuilt,
      sum('corespan_acked_total', { stage: 'spans' }) +
        pending('spans') +
        sum('corespan_dropped_total', { stage: 'spans' }),
    ],
  ];
  return equations
    .filter(([, left, right]) => left !== right)
    .map(([equation, left, right]) => `${equation}: ${left} ≠ ${right}`);
}
