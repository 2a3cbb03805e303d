/** Histograms as plain arrays: buckets, a sum, and for some buckets the trace to look at. */

/** A trace that was exported and shows what a bucket counts. */
export interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly time: number;
}

export interface Histogram {
  /** Not cumulative; the last one counts what is above all bounds. */
  readonly counts: number[];
  sum: number;
  /** Same indices as `counts`; undefined until the first one. */
  exemplars: (Exemplar | undefined)[] | undefined;
}

export function createHistogram(bounds: readonly number[]): Histogram {
  return { counts: [...bounds.map(() => 0), 0], sum: 0, exemplars: undefined };
}

export function observe(histogram: Histogram, bounds: readonly number[], value: number): void {
  const bucket = toBucket(bounds, value);
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
  histogram.sum += value;
}

export function attachExemplar(histogram: Histogram, bounds: readonly number[], exemplar: Exemplar): void {
  histogram.exemplars ??= [];
  histogram.exemplars[toBucket(bounds, exemplar.value)] = exemplar;
}

/** Index of the first bound that is not below `value`. A dozen bounds: a loop beats a search. */
function toBucket(bounds: readonly number[], value: number): number {
  let bucket = 0;
  while (bucket < bounds.length && (bounds[bucket] ?? Infinity) < value) bucket++;
  return bucket;
}
