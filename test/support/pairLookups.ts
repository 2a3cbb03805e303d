/**
 * Truth and finding side by side where lookups overlap: the largest pairing of the two, and what is left over, said
 * as what it most likely is.
 */
import type { FoundLookup, TrueLookup } from './truth.ts';

/** What was looked up, and what was found, do not agree; `client` is the one that must never happen. */
export interface Difference {
  readonly kind: 'missing' | 'extra' | 'client' | 'outcome';
  readonly text: string;
}

export interface Pairing<T, F> {
  readonly pairs: readonly (readonly [T, F])[];
  readonly differences: readonly Difference[];
}

export interface PairingOptions<T, F> {
  /** Whom the finding has to name for a lookup of the truth: `namespace/pod`, or the reason why there is none. */
  readonly clientOf: (lookup: T) => string;
  /** Milliseconds by which a line may be stamped after the program had its answer; a busy machine needs many. */
  readonly late: number;
  /** What has to fit besides client, name, type, outcome and time. */
  readonly fits?: (lookup: T, found: F) => boolean;
}

/** A client gives up while the server still waits for its upstream, and logs in the end. */
const GAVE_UP = 12_000;

export function pairLookups<T extends TrueLookup, F extends FoundLookup>(
  truth: readonly T[],
  found: readonly F[],
  options: PairingOptions<T, F>,
): Pairing<T, F> {
  const { clientOf, fits = () => true } = options;
  const byName = Map.groupBy(found, ({ name }) => name);
  const partnerOf = new Map<F, T>();

  function isIn(lookup: T, one: F): boolean {
    const late = options.late + (lookup.outcome === 'no answer' ? GAVE_UP : 0);
    return one.start >= lookup.start - 1 && one.end <= lookup.end + late;
  }

  function isRight(lookup: T, one: F): boolean {
    return (
      one.client === clientOf(lookup) &&
      (lookup.type === undefined || one.type === lookup.type) &&
      isOutcome(lookup, one) &&
      isIn(lookup, one) &&
      fits(lookup, one)
    );
  }

  /** Kuhn's algorithm: takes a partner, if need be one whose own can find another. */
  function pair(lookup: T, tried: Set<F>): boolean {
    for (const one of byName.get(lookup.asked) ?? []) {
      if (tried.has(one) || !isRight(lookup, one)) continue;
      tried.add(one);
      const other = partnerOf.get(one);
      if (other !== undefined && !pair(other, tried)) continue;
      partnerOf.set(one, lookup);
      return true;
    }
    return false;
  }

  const missing = truth.filter((lookup) => !pair(lookup, new Set()));
  const extra = new Set(found.filter((one) => !partnerOf.has(one)));

  /** The leftover that explains best why a lookup of the truth found no partner. */
  function explain(lookup: T): Difference {
    const told = `${clientOf(lookup)} asked for ${lookup.asked} at ${toTime(lookup.start)}`;
    const near = [...extra].filter((one) => one.name === lookup.asked && isIn(lookup, one));
    const own = near.find((one) => one.client === clientOf(lookup));
    const other = near.find((one) => isOutcome(lookup, one));
    const taken = own ?? other;
    if (taken === undefined) return { kind: 'missing', text: `not found: ${told}` };
    extra.delete(taken);
    if (own === undefined) return { kind: 'client', text: `${taken.client} instead: ${told}` };
    return { kind: 'outcome', text: `${own.outcome} ${own.type} instead of ${lookup.outcome}: ${told}` };
  }

  const differences = missing.map(explain);
  for (const { client, name, start, outcome } of extra) {
    const text = `not in the truth: ${client} asked for ${name} at ${toTime(start)} (${outcome})`;
    differences.push({ kind: 'extra', text });
  }
  return { pairs: [...partnerOf].map(([one, lookup]) => [lookup, one]), differences };
}

function isOutcome(lookup: TrueLookup, found: FoundLookup): boolean {
  return lookup.outcome === 'no answer' ? found.outcome !== 'success' : found.outcome === lookup.outcome;
}

function toTime(time: number): string {
  return new Date(time).toISOString();
}
