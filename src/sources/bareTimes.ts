/**
 * Finds the time that a line without wrapping says it was written at. The text keeps it: the parser takes it off, but
 * does not read it again.
 *
 *     2019-01-24T16:18:08.501Z [INFO] …                      at its beginning
 *     node-cache 2026-11-21T12:01:04.8Z [INFO] …             behind a viewer's word
 *     {"time":"2026-11-21T11:37:08.955801501Z","level":…     CoreDNS with -log-format=json
 *     192.0.2.1:4053 - [21/Nov/2018:06:48:51 +0000] …        CoreDNS ≤ 1.2.5
 */

import { BLANK, NINE, OPENING_BRACE, ZERO } from '../text/ascii.ts';
import type { Batch } from './batch.ts';
import { NO_TIME, type TimeReader } from './times.ts';
import { toWord } from './words.ts';

/** Reads the time of the line `bytes[start..end)` into row `index`; NaN if it has none. */
export type BareTimeReader = (start: number, end: number, index: number) => void;

const JSON_BEGIN = '{"time":"';
const JSON_WORDS = [toWord('{"ti'), toWord('me":')] as const;
const WHEN_BEGIN = toWord(' - [');
const WHEN_BEGIN_LENGTH = 4;
const WHEN_LENGTH = '02/Jan/2006:15:04:05 -0700]'.length;
const WHEN = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)\]$/;

/** A viewer's word, or an address, ends before; the name of a container in brackets is the longest. */
const WORD_LIMIT = 256;

export function createBareTimeReader({ bytes, view, time }: Batch, readTime: TimeReader): BareTimeReader {
  function readAt(at: number, end: number, index: number): boolean {
    const byte = view.getUint8(at);
    if (byte < ZERO || byte > NINE) return false;
    const behind = readTime(at, index);
    return behind === end || (behind !== NO_TIME && view.getUint8(behind) === BLANK);
  }

  function read(start: number, end: number, index: number): boolean {
    const isJson =
      view.getInt32(start, true) === JSON_WORDS[0] && view.getInt32(start + 4, true) === JSON_WORDS[1];
    if (isJson) return readTime(start + JSON_BEGIN.length, index) !== NO_TIME;
    if (view.getUint8(start) === OPENING_BRACE) return false;
    if (readAt(start, end, index)) return true;
    const blank = bytes.indexOf(BLANK, start);
    if (blank < 0 || blank >= Math.min(end, start + WORD_LIMIT)) return false;
    if (readAt(blank + 1, end, index)) return true;
    if (view.getInt32(blank, true) !== WHEN_BEGIN) return false;
    const when = blank + WHEN_BEGIN_LENGTH;
    time[index] = parseWhen(bytes.toString('latin1', when, Math.min(end, when + WHEN_LENGTH)));
    return true;
  }

  return (start, end, index) => {
    if (!read(start, end, index)) time[index] = Number.NaN;
  };
}

/** `21/Nov/2018:06:48:51 +0000]`; NaN if it is something else. */
function parseWhen(text: string): number {
  const [, day = '', month = '', year = '', clock = '', hours = '', minutes = ''] = WHEN.exec(text) ?? [];
  return Date.parse(`${day} ${month} ${year} ${clock} ${hours}${minutes}`);
}
