/** What a contender counted: two that read the same log have to agree before either is timed. */
import type { Query } from '../../src/records/query.ts';

export interface Tally {
  readonly queries: number;
  /** Lines that are no query. */
  readonly notices: number;
  /** Of all durations, as text: more than a double holds exactly. */
  readonly nanoseconds?: string | undefined;
  readonly rcodes?: Readonly<Record<string, number>> | undefined;
}

export interface Counting {
  query(query: Pick<Query, 'duration' | 'rcode'>): void;
  tally(notices: number): Tally;
}

export function createCounting(): Counting {
  const rcodes = new Map<string, number>();
  let queries = 0;
  let sum = 0;
  let nanoseconds = 0n;
  return {
    query({ duration, rcode }) {
      queries++;
      rcodes.set(rcode, (rcodes.get(rcode) ?? 0) + 1);
      sum += duration;
      // A double holds whole numbers up to 2^53: that is 104 days.
      if (sum < Number.MAX_SAFE_INTEGER / 2) return;
      nanoseconds += BigInt(sum);
      sum = 0;
    },
    tally: (notices) => ({
      queries,
      notices,
      nanoseconds: String(nanoseconds + BigInt(sum)),
      rcodes: Object.fromEntries(rcodes),
    }),
  };
}

/** How `own` differs from `expected` in what both tell, one sentence each. */
export function findDifferences(own: Tally, expected: Tally): string[] {
  return (['queries', 'notices', 'nanoseconds', 'rcodes'] as const).flatMap((key) => {
    const [a, b] = [toText(own[key]), toText(expected[key])];
    return own[key] === undefined || expected[key] === undefined || a === b
      ? []
      : [`${key}: ${a} instead of ${b}`];
  });
}

function toText(value: Tally[keyof Tally]): string {
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).map(([key, count]) => `${key} ${count}`);
  return entries.sort((a, b) => a.localeCompare(b)).join(', ');
}
