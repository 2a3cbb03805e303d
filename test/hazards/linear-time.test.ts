/** Linear time (45): a line four times as long takes four times as long, however it is made; up to 64 KiB. */
import { describe, expect, test } from 'vitest';
import { createParser } from '../../src/parse/parser.ts';
import type { Lines } from '../../src/records/line.ts';
import { toLines } from '../parse/lines.ts';
import { createTestSelf } from '../support/self.ts';

const LONG = 64 * 1024;
const FORMAT = '{remote} {/a/b} {/c/d} {name} {>rflags} {duration} {/e}';

/** Beginnings that lead the parser somewhere, pieces that are repeated up to the length, and an end that fails. */
const BEGINNINGS: readonly string[] = [
  '',
  '[INFO] ',
  '[INFO] 192.0.2.7:1 - 1 "A IN ',
  '[INFO] 192.0.2.7:1 - 1 "A IN a. udp 1 false 512" ',
  '[INFO] 192.0.2.7:1 - 1 "A IN a. udp 1 false 512" NOERROR ',
  '[INFO] 192.0.2.7:1 - 1 "A IN a. udp 1 false 512" NOERROR qr 1 ',
  '[INFO] 192.0.2.7:1 - 1 "A IN a. udp 1 false 512" NOERROR qr 1 0.1s',
  '[INFO] 192.0.2.7 ',
  '[INFO] [',
  '[ERROR] plugin/errors: 2 ',
  '[ERROR] ',
  '{"time":"',
  '{"plugin":"log","qname":"',
  '{"msg":"192.0.2.7:1 - 1 \\"A IN ',
  'Jun 05 16:41:03 ',
  ' ',
  '\t',
];
const PIECES: readonly string[] = [
  'a',
  'A',
  '1',
  '.',
  ':',
  ' ',
  '"',
  '\\',
  '\\\\',
  '\\"',
  '\\ ',
  '\\255',
  '[',
  ']',
  '[INFO',
  '[x] ',
  '(',
  '()',
  '{',
  '}',
  '/',
  ',',
  '-',
  ' - ',
  '1.',
  '1.1s',
  '1s',
  '1m',
  'a.',
  'a/',
  'qr,',
  '"" ',
  '192.0.2.7',
  '2026-11-21T12:01:04Z ',
  '2018/11/21 06:48:51 ',
  '{"time":"',
  '{"a":',
  '[',
  'plugin/',
  ' {',
  '\t',
  '\r',
  'ü',
  '\u0000',
  ' "0"',
];
const ENDS: readonly string[] = ['', '\u0001'];

function toLine(beginning: string, piece: string, length: number): string {
  return beginning + piece.repeat(Math.ceil(length / piece.length)).slice(0, length - beginning.length);
}

/** Nanoseconds by the clock: not every kernel reckons the work of a thread more finely than in milliseconds. */
function timeOf(accept: (lines: Lines) => unknown, lines: Lines): number {
  const before = process.hrtime.bigint();
  accept(lines);
  return Number(process.hrtime.bigint() - before);
}

interface Best {
  whole: number;
  quarter: number;
}

/** The best of several runs each: what disturbs a run only ever adds to it. The two take turns, and so share what disturbs. */
function measure(
  accept: (lines: Lines) => unknown,
  lines: { whole: Lines; quarter: Lines },
  runs: number,
): Best {
  const best: Best = { whole: Infinity, quarter: Infinity };
  for (let run = 0; run < runs; run++) {
    // As long as the whole takes in all: a quarter that was never undisturbed would excuse anything.
    for (let part = 0; part < 4; part++) best.quarter = Math.min(best.quarter, timeOf(accept, lines.quarter));
    best.whole = Math.min(best.whole, timeOf(accept, lines.whole));
  }
  return best;
}

/** Times below this are noise; a line of 64 KiB that takes no longer is read fast enough. */
const NOISE_NS = 400_000;
/** Linear is 4, quadratic 16. */
const MAX_RATIO = 8;

function isLinear(accept: (lines: Lines) => unknown, toText: (length: number) => string): boolean {
  const lines = { whole: toLines([toText(LONG)]), quarter: toLines([toText(LONG / 4)]) };
  // What looks bad is looked at longer.
  for (const runs of [5, 20, 80]) {
    const { whole, quarter } = measure(accept, lines, runs);
    if (whole < NOISE_NS || whole < MAX_RATIO * quarter) return true;
  }
  return false;
}

describe.each([undefined, FORMAT])('format %s', (format) => {
  test.each(BEGINNINGS)('%j and then anything', (beginning) => {
    const parser = createParser({ format }, createTestSelf().parse);
    const accept = (lines: Lines): unknown => parser.accept(lines);
    for (const piece of PIECES) {
      for (const end of ENDS) {
        const verdict = isLinear(accept, (length) => toLine(beginning, piece, length) + end);
        expect({ piece, end, isLinear: verdict }).toEqual({ piece, end, isLinear: true });
      }
    }
  });
});

test('twin: a search that begins anew at many places is found out', () => {
  const quadratic = ({ bytes, start, end }: Lines): number => {
    const text = bytes.toString('latin1', start[0], end[0]);
    let found = 0;
    for (let at = 0; at < text.length; at += 8) found += text.indexOf('b', at);
    return found;
  };
  expect(isLinear(quadratic, (length) => 'a'.repeat(length))).toBe(false);
});
