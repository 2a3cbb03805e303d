/** Writes the truth of a recording as `truth.tsv`: every lookup, in the order in which they began. */
import { writeFileSync } from 'node:fs';
import type { TrafficLookup } from './traffic.ts';

const HEADER = ['start', 'end', 'pod_ns', 'pod', 'resolver', 'server', 'asked', 'result'];

/** What programs print; `readTruth` (test/support/truth.ts) reads it back. */
const RESULTS = { denial: 'Name does not resolve', error: 'Try again', 'no answer': '' } as const;

export function writeTruth(path: string, lookups: readonly TrafficLookup[]): void {
  const rows = lookups.toSorted((a, b) => a.start - b.start).map(toRow);
  writeFileSync(path, [HEADER, ...rows].map((row) => `${row.join('\t')}\n`).join(''));
}

function toRow({ start, end, by, resolver, wish, outcome, address }: TrafficLookup): string[] {
  const isDig = resolver === 'dig';
  const type = isDig && wish.type !== 'PTR' ? ` ${wish.type}` : '';
  return [
    toText(start),
    toText(end),
    by.pod?.namespace ?? '',
    by.pod?.name ?? 'node1 (host)',
    toProgram(resolver, wish),
    by.asks,
    `${wish.name.replace(/\.$/, '')}${type}`,
    outcome === 'success' ? (address ?? 'NOERROR') : RESULTS[outcome],
  ];
}

function toProgram(resolver: string, { type, transport }: TrafficLookup['wish']): string {
  if (resolver !== 'dig') return resolver;
  if (type === 'PTR') return 'dig -x';
  return transport === 'tcp' ? 'dig +tcp' : 'dig';
}

/** Microseconds, as clocks give them. */
function toText(time: number): string {
  const micros = Math.round(time * 1000);
  const below = String(micros % 1_000_000).padStart(6, '0');
  return `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19)}.${below}Z`;
}
