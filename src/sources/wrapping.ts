/**
 * Takes the container runtime's wrapping off a line.
 *
 *     2026-11-21T12:01:04.820707411Z stdout F [INFO] …            CRI (containerd, CRI-O)
 *     {"log":"[INFO] …\n","stream":"stdout","time":"2026-…Z"}     Docker's json-file
 *     [INFO] …                                                    none
 *
 * Each line is looked at by itself: what somebody copied together may be mixed.
 */

import { BLANK, COLON, NINE, OPENING_BRACE, ZERO } from '../text/ascii.ts';
import { createBareTimeReader } from './bareTimes.ts';
import type { Batch } from './batch.ts';
import { createDockerReader, isDocker } from './docker.ts';
import { createTimeReader, NO_TIME } from './times.ts';
import type { Unwrapped } from './unwrapped.ts';
import { toHalfWord, toWord } from './words.ts';

/** Reads the line `bytes[start..end)`, behind which a line break stands, into row `index`. */
export type Unwrapper = (start: number, end: number, index: number) => Unwrapped;

const STDO = toWord('stdo');
const STDE = toWord('stde');
const UT = toHalfWord('ut');
const RR = toHalfWord('rr');
const UT_F = toWord('ut F');
const RR_F = toWord('rr F');
const UT_P = toWord('ut P');
const RR_P = toWord('rr P');
const STREAM_LENGTH = ' stdout'.length;
const CRI_LENGTH = ' stdout F'.length;

export function createUnwrapper(batch: Batch): Unwrapper {
  const { bytes, view } = batch;
  const readTime = createTimeReader(batch);
  const readBareTime = createBareTimeReader(batch, readTime);
  const readDocker = createDockerReader(batch, readTime);
  const line: Unwrapped = { kind: 'whole', stream: 'stdout', start: 0, end: 0 };

  /** `at`: the blank behind the time. False if what follows is not `<stream> <tags> `. */
  function readCri(at: number, end: number): boolean {
    const stream = view.getInt32(at + 1, true);
    const tag = view.getInt32(at + 5, true);
    if (stream === STDO && (tag === UT_F || tag === UT_P)) {
      line.stream = 'stdout';
      line.kind = tag === UT_F ? 'whole' : 'part';
    } else if (stream === STDE && (tag === RR_F || tag === RR_P)) {
      line.stream = 'stderr';
      line.kind = tag === RR_F ? 'whole' : 'part';
    } else {
      return false;
    }
    const behind = at + CRI_LENGTH;
    // The second holds for an empty line of which something cut the last blank.
    if (view.getUint8(behind) === BLANK || behind === end) line.start = Math.min(behind + 1, end);
    else if (view.getUint8(behind) === COLON) line.start = behindTags(behind, end);
    else return false;
    return true;
  }

  /** Further tags: `F:tag:tag `. */
  function behindTags(at: number, end: number): number {
    const blank = bytes.indexOf(BLANK, at);
    return blank < 0 ? end : Math.min(blank + 1, end);
  }

  /** Nothing that CoreDNS writes begins with the name of a stream, whatever stands before it. */
  function isNamedStream(at: number, end: number): boolean {
    const stream = view.getInt32(at + 1, true);
    const rest = view.getUint16(at + 5, true);
    const behind = at + STREAM_LENGTH;
    const isWord = behind === end || view.getUint8(behind) === BLANK;
    return isWord && ((stream === STDO && rest === UT) || (stream === STDE && rest === RR));
  }

  return (start, end, index) => {
    line.kind = 'bare';
    line.start = start;
    line.end = end;
    const byte = view.getUint8(start);
    if (byte >= ZERO && byte <= NINE) {
      const at = readTime(start, index);
      if (at !== NO_TIME && view.getUint8(at) === BLANK) {
        if (!readCri(at, end) && isNamedStream(at, end)) line.kind = 'broken';
        return line;
      }
    } else if (byte === OPENING_BRACE && isDocker(view, start)) {
      readDocker(line, index);
      return line;
    }
    readBareTime(start, end, index);
    return line;
  };
}
