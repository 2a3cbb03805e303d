/**
 * Reads the times that stand before a line's text out of the bytes, without making anything anew.
 *
 *     2026-11-21T12:01:04.820707411Z      CRI; CoreDNS 1.2.6–1.6.2; kubectl logs --timestamps
 *     2026-11-21T13:01:04.82+01:00        CRI on a node outside UTC
 *     2018/11/21 06:48:51                 Go's log package: CoreDNS ≤ 1.2.5, node-cache at its start
 *     2026-05-05 19:48:40.015             journald
 *
 * The last two name no zone; containers run in UTC, so UTC it is.
 */

import { BLANK, COLON, DASH, DOT, LETTER_T, LETTER_Z, PLUS, SLASH, ZERO } from '../text/ascii.ts';
import type { Batch } from './batch.ts';
import { toWord } from './words.ts';

/**
 * Reads a time that begins at byte `at` into `time[index]`, as milliseconds since the epoch; returns where it ends,
 * or NO_TIME. The bytes must end in something that is no digit: it looks for the end by itself.
 */
export type TimeReader = (at: number, index: number) => number;

export const NO_TIME = -1;

const NOT_DIGITS = -1;
/** The same in each byte of a word. */
const ZEROS = 0x30303030;
const SIXES = 0x06060606;
const HIGH_HALVES = 0xf0f0f0f0 | 0;

const MINUTE_MS = 60_000;
/** Nobody writes more than nanoseconds; what comes behind is read over. */
const MAX_DIGITS = 9;
/** By number of digits: nanoseconds of the last one. */
const SCALES: readonly number[] = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1];

/** `2026-11-21T12:01` is four loads; as long as they are the same, nothing but the seconds is computed. */
export function createTimeReader({ view, time }: Pick<Batch, 'view' | 'time'>): TimeReader {
  // The epoch's, so that there is a minute at any moment: zeros would be those of a hole in a file.
  let first = toWord('1970');
  let second = toWord('-01-');
  let third = toWord('01T0');
  let fourth = toWord('0:00');
  let minute = 0;
  let isZoned = true;

  /** Takes up another minute; false if there is none. */
  function turn(at: number): boolean {
    const turned = toMinute(view, at);
    if (Number.isNaN(turned)) return false;
    minute = turned;
    isZoned = view.getUint8(at + 10) === LETTER_T;
    first = view.getInt32(at, true);
    second = view.getInt32(at + 4, true);
    third = view.getInt32(at + 8, true);
    fourth = view.getInt32(at + 12, true);
    return true;
  }

  return (at, index) => {
    const isSame =
      view.getInt32(at, true) === first &&
      view.getInt32(at + 4, true) === second &&
      view.getInt32(at + 8, true) === third &&
      view.getInt32(at + 12, true) === fourth;
    if (!isSame && !turn(at)) return NO_TIME;

    const tens = view.getUint8(at + 17) - ZERO;
    const ones = view.getUint8(at + 18) - ZERO;
    // 60 is a leap second.
    if (view.getUint8(at + 16) !== COLON || tens < 0 || tens > 6 || ones < 0 || ones > 9) return NO_TIME;
    let end = at + 19;
    let nanoseconds = 0;
    if (view.getUint8(end) === DOT) {
      const begin = ++end;
      for (let group = 0; group < 2; group++) {
        const four = fourDigits(view, end);
        if (four < 0) break;
        nanoseconds = nanoseconds * 10_000 + four;
        end += 4;
      }
      for (let digit = digitAt(view, end); digit >= 0; digit = digitAt(view, end)) {
        if (end < begin + MAX_DIGITS) nanoseconds = nanoseconds * 10 + digit;
        end++;
      }
      if (end === begin) return NO_TIME;
      nanoseconds *= SCALES[Math.min(end - begin, MAX_DIGITS)] ?? 0;
    }
    const written = minute + (tens * 10 + ones) * 1000 + nanoseconds / 1e6;
    if (!isZoned || view.getUint8(end) === LETTER_Z) {
      time[index] = written;
      return isZoned ? end + 1 : end;
    }
    const zone = toZone(view, end);
    if (Number.isNaN(zone)) return NO_TIME;
    time[index] = written - zone * MINUTE_MS;
    return end + '+00:00'.length;
  };
}

/** `yyyy-mm-ddThh:mm` or with `/` and a blank in between; NaN if it is something else. */
function toMinute(view: DataView, at: number): number {
  const dash = view.getUint8(at + 4);
  const gap = view.getUint8(at + 10);
  const isDate = view.getUint8(at + 7) === dash && (dash === DASH || dash === SLASH);
  if (!isDate || (gap !== LETTER_T && gap !== BLANK) || view.getUint8(at + 13) !== COLON) return Number.NaN;
  const year = twoDigits(view, at) * 100 + twoDigits(view, at + 2);
  const month = twoDigits(view, at + 5);
  const day = twoDigits(view, at + 8);
  const hour = twoDigits(view, at + 11);
  const minute = twoDigits(view, at + 14);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute));
  // A day or an hour that does not exist has been carried over; NaN equals nothing.
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
  return isReal && date.getUTCMinutes() === minute ? date.getTime() : Number.NaN;
}

/** `+01:00` in minutes; NaN if it is something else. */
function toZone(view: DataView, at: number): number {
  const sign = view.getUint8(at);
  if ((sign !== PLUS && sign !== DASH) || view.getUint8(at + 3) !== COLON) return Number.NaN;
  const minutes = twoDigits(view, at + 1) * 60 + twoDigits(view, at + 4);
  return sign === PLUS ? minutes : -minutes;
}

function twoDigits(view: DataView, at: number): number {
  const tens = view.getUint8(at) - ZERO;
  const ones = view.getUint8(at + 1) - ZERO;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? Number.NaN : tens * 10 + ones;
}

/** -1 if it is none. */
function digitAt(view: DataView, at: number): number {
  const digit = view.getUint8(at) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : NOT_DIGITS;
}

/** The value of four digits in one load, a seventh of the time; -1 if one of them is none. */
function fourDigits(view: DataView, at: number): number {
  const word = view.getInt32(at, true);
  // Digits are 0x30 to 0x39: adding 6 to a byte must not change its upper half, which has to be 3.
  if ((word & HIGH_HALVES) !== ZEROS || ((word + SIXES) & HIGH_HALVES) !== ZEROS) return NOT_DIGITS;
  const digits = word - ZEROS;
  const pairs = digits * 10 + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}
