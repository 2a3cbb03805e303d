/** Parses lines with a parser of their own, and says what became of each. */
import { createParser } from '../../src/parse/parser.ts';
import type { Lines } from '../../src/records/line.ts';
import type { Query } from '../../src/records/query.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';

export interface Fates {
  readonly queries: readonly Query[];
  /** Lines that are no query, by kind. */
  readonly notices: Readonly<Record<string, number>>;
  /** By reason. */
  readonly rejected: Readonly<Record<string, number>>;
}

export function parse(lines: Lines, format?: string): Fates {
  const self = createTestSelf();
  const queries = createParser({ format }, self.parse).accept(lines);
  const { query = 0, ...notices } = countsOf(self, 'corespan_lines_parsed_total');
  if (query !== queries.length) throw new Error(`${queries.length} queries, and ${query} counted`);
  return { queries, notices, rejected: countsOf(self, 'corespan_lines_rejected_total') };
}

type Ledger = 'corespan_lines_parsed_total' | 'corespan_lines_rejected_total';

/** Of all pods, by kind or by reason. */
function countsOf(self: TestSelf, ledger: Ledger): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { labels, value } of self.registry.samples(ledger)) {
    const key = labels[1] ?? '';
    if (value > 0) counts[key] = (counts[key] ?? 0) + value;
  }
  return counts;
}
