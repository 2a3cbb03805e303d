/**
 * The rejection threshold of a share, as OpenTelemetry's consistent probability sampling writes and compares it: 56 bits,
 * of which the text shows four significant hex digits behind the leading ones; a lookup whose random bits are not below it
 * is kept. 1 % is fd70a4 (specification: trace state probability sampling).
 */

export interface Threshold {
  /** The value of `ot=th:` for what is kept; trailing zeros are cut, and 0 itself is `0`. */
  readonly text: string;
  /** The upper 32 bits and the lower 24, as ids.ts makes them. */
  readonly upper: number;
  readonly lower: number;
}

/** Hex digits of the 56 bits. */
const DIGITS = 14;
/** More digits would not change what anybody counts. */
const SIGNIFICANT = 4;

/** Undefined where nothing is decided by chance: every lookup is kept, or none. */
export function toThreshold(ratio: number): Threshold | undefined {
  if (ratio >= 1 || ratio <= 0) return undefined;
  const digits = Math.min(DIGITS, SIGNIFICANT + 1 + Math.floor(-Math.log2(ratio) / 4));
  // The share is rounded, not its complement: 1 - 1e-17 is 1. And it stays a share, however small.
  const kept = BigInt(Math.max(1, Math.round(ratio * 16 ** digits)));
  const hex = (16n ** BigInt(digits) - kept).toString(16).padStart(digits, '0').padEnd(DIGITS, '0');
  return {
    text: hex.replace(/0+$/, '') || '0',
    upper: Number.parseInt(hex.slice(0, 8), 16),
    lower: Number.parseInt(hex.slice(8), 16),
  };
}
