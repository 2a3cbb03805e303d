/** Durations as CoreDNS logs them, in whole nanoseconds. */

/** Nanoseconds of each unit as a power of ten; minutes carry no fraction in Go. */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ['s', 9],
  ['ms', 6],
  ['µs', 3],
  ['μs', 3],
  ['us', 3],
  ['ns', 0],
]);

const MINUTE = 60_000_000_000;

/**
 * Reads `0.000109s` (decimal seconds) and Go's own text, `102.2µs` or `1m2.5s` (CoreDNS before 1.1.4).
 *
 * Rounds half up from the decimal text: CoreDNS prints seconds as the shortest text of a float, which from 1 s
 * on has more than nine decimals in one case of sixteen (`2.2718096660000002s`). Undefined if the text is no
 * duration, or is beyond 104 days, where whole nanoseconds stop being exact.
 */
export function toNanoseconds(text: string): number | undefined {
  const parts = /(\d+)(?:\.(\d+))?(ns|us|µs|μs|ms|s|m)/gy;
  let total = 0;
  let end = 0;
  for (let part = parts.exec(text); part !== null; part = parts.exec(text)) {
    const [, whole = '', fraction = '', unit = ''] = part;
    total += toPart(whole, fraction, unit);
    end = parts.lastIndex;
  }
  return end > 0 && end === text.length && Number.isSafeInteger(total) ? total : undefined;
}

function toPart(whole: string, fraction: string, unit: string): number {
  const decimals = DECIMALS.get(unit);
  if (decimals === undefined) return fraction === '' ? Number(whole) * MINUTE : Number.NaN;
  const kept = fraction.slice(0, decimals).padEnd(decimals, '0');
  const roundsUp = fraction.charAt(decimals) >= '5';
  return Number(whole) * 10 ** decimals + Number(kept) + (roundsUp ? 1 : 0);
}
