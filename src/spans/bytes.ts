/** Bytes that are written one behind the other, into a buffer that grows and is used again. */
import { ZERO } from '../text/ascii.ts';

export interface Bytes {
  /** Forgets what was written. */
  begin(): void;
  put(bytes: Uint8Array): void;
  /** As UTF-8. */
  text(text: string): void;
  /** A whole number from 0 on, with zeros before it if it has less than `width` digits. */
  digits(value: number, width: number): void;
  /** A whole number from 0 on as protobuf writes it: seven bits a byte, the lowest first. */
  varint(value: number): void;
  /** Hex digits as the bytes that they stand for. */
  hex(digits: string): void;
  /** So many seconds and nanoseconds as nanoseconds, 64 bits, the lowest first. */
  nanos(seconds: number, nanos: number): void;
  /** Takes back so many bytes of what was written last. */
  takeBack(length: number): void;
  /** What was written since `begin`; it stands there until that is called again. */
  written(): Uint8Array;
}

const FIRST_SIZE = 4_096;

export function createBytes(): Bytes {
  let buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  let end = 0;

  function makeRoom(length: number): void {
    if (end + length <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (end + length));
    larger.set(buffer.subarray(0, end));
    buffer = larger;
  }

  return {
    begin() {
      end = 0;
    },
    put(bytes) {
      makeRoom(bytes.length);
      buffer.set(bytes, end);
      end += bytes.length;
    },
    text(text) {
      makeRoom(MOST_BYTES * text.length);
      end += buffer.write(text, end);
    },
    digits(value, width) {
      makeRoom(MOST_DIGITS);
      let length = width;
      for (let bound = 10 ** width; value >= bound; bound *= 10) length++;
      let rest = value;
      for (let at = end + length - 1; at >= end; at--) {
        const tens = Math.floor(rest / 10);
        buffer[at] = ZERO + (rest - 10 * tens);
        rest = tens;
      }
      end += length;
    },
    varint(value) {
      makeRoom(MOST_VARINT);
      let rest = value;
      for (; rest > 127; rest = Math.floor(rest / 128)) buffer[end++] = (rest % 128) | 128;
      buffer[end++] = rest;
    },
    hex(digits) {
      makeRoom(digits.length);
      end += buffer.write(digits, end, 'hex');
    },
    nanos(seconds, nanos) {
      makeRoom(8);
      // The product needs 61 bits, a number has 53: the lower half is exact by itself, and the upper one is what the rest
      // is nearest to.
      const lower = (Math.imul(seconds, 1e9) + nanos) >>> 0;
      end = buffer.writeUInt32LE(lower, end);
      end = buffer.writeUInt32LE(Math.round((seconds * 1e9 + nanos - lower) / 2 ** 32), end);
    },
    takeBack(length) {
      end -= length;
    },
    written: () => buffer.subarray(0, end),
  };
}

/** Of one UTF-16 code unit in UTF-8. */
const MOST_BYTES = 3;
const MOST_DIGITS = 20;
/** Of a number of 64 bits. */
const MOST_VARINT = 10;
