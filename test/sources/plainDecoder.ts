/** The decoder as one would write it without a thought for speed: what the real one is compared with. */

export interface PlainLine {
  readonly text: string;
  /** Milliseconds since the epoch; NaN if the line has none. */
  readonly time: number;
  /** Of the line, or of its first part, in the file. */
  readonly offset: number;
}

export interface Decoded {
  readonly lines: readonly PlainLine[];
  readonly rejected: readonly string[];
}

const TIME = /^(\d{4})([-/])(\d\d)\2(\d\d)([T ])(\d\d):(\d\d):([0-6]\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?/;
const CRI = /^ (stdout|stderr) ([PF])(?::[^ ]*)?(?: |$)/;
const STREAM = /^ (?:stdout|stderr)(?: |$)/;
const DOCKER = '{"log":"';
const JSON_TIME = '{"time":"';

/** `bytes` is a whole file, as latin1 text: one character is one byte. */
export function decodePlainly(bytes: string, lineLimit: number): Decoded {
  const lines: PlainLine[] = [];
  const rejected: string[] = [];
  const chains = new Map<string, PlainLine>();
  let offset = 0;

  function end(stream: string, chain: PlainLine): void {
    chains.delete(stream);
    if (chain.text.length > lineLimit) rejected.push('oversize');
    else lines.push(chain);
  }

  function read(line: string): void {
    const hole = /^\0*/.exec(line)?.[0].length ?? 0;
    const whole = line.slice(hole);
    const at = offset + hole;
    if (whole.length + 1 > lineLimit) {
      rejected.push('oversize');
      return;
    }
    const unwrapped = unwrap(whole.replace(/\r$/, ''));
    if (unwrapped === undefined) {
      rejected.push('bad_wrapping');
      return;
    }
    const { text, time, stream, isPart } = unwrapped;
    const chain = stream === undefined ? undefined : chains.get(stream);
    const joined = chain === undefined ? { text, time, offset: at } : { ...chain, text: chain.text + text };
    if (stream === undefined) lines.push(joined);
    else if (isPart) chains.set(stream, joined);
    else if (chain === undefined) lines.push(joined);
    else end(stream, joined);
  }

  const pieces = bytes.split('\n');
  // A hole at the end is no line.
  if (/^\0*$/.test(pieces.at(-1) ?? '')) pieces.pop();
  for (const piece of pieces) {
    read(piece);
    offset += piece.length + 1;
  }
  for (const stream of ['stdout', 'stderr']) {
    const chain = chains.get(stream);
    if (chain !== undefined) end(stream, chain);
  }
  return { lines, rejected };
}

interface Unwrapped {
  readonly text: string;
  readonly time: number;
  /** Undefined for a line without wrapping. */
  readonly stream: string | undefined;
  readonly isPart: boolean;
}

function unwrap(line: string): Unwrapped | undefined {
  if (line.startsWith(DOCKER)) return unwrapDocker(line);
  const { time, rest } = readTime(line);
  if (!Number.isNaN(time)) {
    const [wrapping, stream, tag] = CRI.exec(rest) ?? [];
    if (wrapping !== undefined) {
      return { text: rest.slice(wrapping.length), time, stream, isPart: tag === 'P' };
    }
    if (STREAM.test(rest)) return undefined;
  }
  return { text: line, time: readBareTime(line), stream: undefined, isPart: false };
}

function unwrapDocker(line: string): Unwrapped | undefined {
  try {
    const { log, stream, time } = JSON.parse(Buffer.from(line, 'latin1').toString()) as Record<
      string,
      string
    >;
    if (log === undefined || time === undefined) return undefined;
    const written = readTime(time);
    if (written.rest !== '') return undefined;
    const text = Buffer.from(log.replace(/\r?\n$/, '')).toString('latin1');
    return { text, time: written.time, stream, isPart: !log.endsWith('\n') };
  } catch {
    return undefined;
  }
}

function readBareTime(line: string): number {
  if (line.startsWith(JSON_TIME)) return readTime(line.slice(JSON_TIME.length)).time;
  if (line.startsWith('{')) return Number.NaN;
  const own = readTime(line);
  if (!Number.isNaN(own.time) && /^(?: |$)/.test(own.rest)) return own.time;
  const blank = line.indexOf(' ');
  if (blank < 0 || blank >= 256) return Number.NaN;
  const behind = readTime(line.slice(blank + 1));
  if (!Number.isNaN(behind.time) && /^(?: |$)/.test(behind.rest)) return behind.time;
  const [, when = ''] =
    /^ - \[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]/.exec(line.slice(blank)) ?? [];
  return Date.parse(when.replaceAll('/', ' ').replace(':', ' '));
}

/** NaN if the text does not begin with a time. */
function readTime(text: string): { readonly time: number; readonly rest: string } {
  const none = { time: Number.NaN, rest: text };
  const [whole, year, , month, day, gap, hour, minute, second, fraction = '', zone] = TIME.exec(text) ?? [];
  if (whole === undefined || (gap === 'T' && zone === undefined)) return none;
  const clock = `${year}-${month}-${day}T${hour}:${minute}`;
  const date = new Date(`${clock}:00Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(clock)) return none;
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'));
  const time = date.getTime() + Number(second) * 1000 + nanoseconds / 1e6;
  const isZoned = gap === 'T' && zone !== undefined;
  // Without a `T` there is no zone: what looks like one belongs to the text.
  const length = isZoned || zone === undefined ? whole.length : whole.length - zone.length;
  return { time: isZoned ? time - toMinutes(zone) * 60_000 : time, rest: text.slice(length) };
}

function toMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return zone.startsWith('-') ? -minutes : minutes;
}
