/** Reads numbers out of bytes in one pass: what is returned is the value, and `stop` says where it ends. */
import { DOT, ZERO } from '../text/ascii.ts';
import { MAX_UINT16 } from './fields.ts';

/** What the fast paths find nothing by: it is the plain parser's turn. */
export const NONE = -1;

export interface Numbers {
  /** Where the number that was read last ends. */
  stop: number;
  /** Whole; NONE if there are no digits before `to`, or more than nine. */
  readonly readNumber: (bytes: Buffer, from: number, to: number) => number;
  /** Nanoseconds of `0.000235741`; NONE if that is no number, has more than nine decimals or takes too long. */
  readonly readSeconds: (bytes: Buffer, from: number, to: number) => number;
}

/** Nine digits fit an int32; CoreDNS writes more only after a decimal point. */
const MAX_DIGITS = 9;
/** Above, whole nanoseconds stop being exact. */
const MAX_SECONDS = 9_000_000;
/** By number of decimals: nanoseconds of the last one. */
const SCALES: readonly number[] = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1];

export function createNumbers(): Numbers {
  const numbers: Numbers = { stop: 0, readNumber, readSeconds };

  function readNumber(bytes: Buffer, from: number, to: number): number {
    let value = 0;
    let at = from;
    for (; at < to; at++) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    numbers.stop = at;
    return at > from && at - from <= MAX_DIGITS ? value : NONE;
  }

  function readSeconds(bytes: Buffer, from: number, to: number): number {
    const seconds = readNumber(bytes, from, to);
    if (seconds === NONE || seconds > MAX_SECONDS) return NONE;
    if (bytes[numbers.stop] !== DOT) return seconds * 1e9;
    const fraction = numbers.stop + 1;
    const digits = readNumber(bytes, fraction, to);
    if (digits === NONE) return NONE;
    return seconds * 1e9 + digits * (SCALES[numbers.stop - fraction] ?? 0);
  }

  return numbers;
}

/** A port or an id; NONE is neither. */
export function isUint16(value: number): boolean {
  return value >= 0 && value <= MAX_UINT16;
}
