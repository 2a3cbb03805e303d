/**
 * Goes on in a log where an earlier stream of it broke off: asks for little more than the last second again, and
 * knows which lines of that were told already.
 *
 *     told      12:00:01.2 a   12:00:01.7 b   12:00:01.9 c ╳
 *     again     12:00:01.2 a   12:00:01.7 b   12:00:01.9 c   12:00:02.3 d      `sinceTime` has whole seconds
 *                         told already               ▲ found: everything behind is new
 *
 * A log is a sequence: behind the line that was told last everything is new, whatever its time. If a later time comes
 * before that line was met, the line is not there any more, and nobody knows what stood between.
 */
import { parseTime } from './times.ts';

export type Verdict =
  | 'new'
  | 'told'
  /** New, but the line that was told last should have come before. */
  | 'unmet'
  /** Not of the log: the runtime gives every line a time. It is what the kubelet has to say instead. */
  | 'no_time';

export interface LogResume {
  /** For `sinceTime`; undefined: from the beginning. */
  since(): string | undefined;
  /** A new stream begins. */
  begin(): void;
  /** Judges the next line of the stream; behind an unmet one the stream is of no use. */
  take(line: Buffer): Verdict;
  /** The line that was told last is not looked for any more: the next stream has only new ones. */
  accept(): void;
  /** To be called before the bytes of the lines change: what is still needed of them is copied. */
  settle(): void;
}

const BLANK = 32;
/** Lines of one time beyond which a clock stands still; the older ones are forgotten. */
const MOST_EQUAL = 1000;
/** Milliseconds by which a line may be stamped before the one that it stands behind: stdout and stderr are two. */
const MOST_DISORDER = 100;
/** Of RFC 3339 with nine digits and a zone. */
const MAX_TIME_BYTES = 40;

/** `start`: milliseconds since the epoch before which nothing is asked for; undefined: everything is. */
export function createLogResume(start: number | undefined): LogResume {
  /** The lines that were told last and have one time, in order; with nanoseconds that is one line. */
  let last: Buffer[] = [];
  /** Of those lines. */
  let time = start;
  /** The latest of all: stdout and stderr may be written in another order than they were stamped. */
  let latest = -Infinity;
  /** How often the last line must be met before a line is new; 0 if the stream has got there. */
  let missing = 0;

  function tell(line: Buffer, at: number): Verdict {
    if (at !== time || last.length >= MOST_EQUAL) last = [];
    last.push(line);
    time = at;
    latest = Math.max(latest, at);
    return 'new';
  }

  function search(line: Buffer, at: number): Verdict {
    if (last.at(-1)?.equals(line)) {
      missing--;
      return 'told';
    }
    return at > latest ? 'unmet' : 'told';
  }

  return {
    since: () =>
      time === undefined ? undefined : toWholeSecond(last.length === 0 ? time : time - MOST_DISORDER),
    begin() {
      const newest = last.at(-1);
      missing = newest === undefined ? 0 : last.filter((line) => line.equals(newest)).length;
    },
    take(line) {
      const at = readTime(line);
      if (at === undefined) return 'no_time';
      return missing > 0 ? search(line, at) : tell(line, at);
    },
    accept() {
      last = [];
    },
    settle() {
      last = last.map((line) => Buffer.from(line));
    },
  };
}

/** Where the time of a line ends; -1 if it cannot have one. */
export function endOfTime(line: Buffer): number {
  const end = line.indexOf(BLANK);
  return end <= MAX_TIME_BYTES ? end : -1;
}

function readTime(line: Buffer): number | undefined {
  const end = endOfTime(line);
  return end < 0 ? undefined : parseTime(line.toString('latin1', 0, end));
}

function toWholeSecond(time: number): string {
  return `${new Date(Math.floor(time / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
