/** The times that CoreDNS or a log viewer puts in front of a message. */

export interface WrittenTime {
  /** Milliseconds since the epoch with a fraction; NaN if it has the shape of a time but is none. */
  readonly time: number;
  /** Where the text goes on: behind the time and one blank. */
  readonly end: number;
}

const RFC_3339 = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)(?: |$)/y;
/** Go's log package writes the local time without a zone; containers run in UTC. */
const GO_LOG = /(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?: |$)/y;
const COMMON_LOG = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A time that begins at `at`: RFC 3339 (CoreDNS 1.2.6–1.6.2, `kubectl logs --timestamps`) or Go's (≤ 1.2.5). */
export function readTime(text: string, at: number): WrittenTime | undefined {
  RFC_3339.lastIndex = at;
  const rfc = RFC_3339.exec(text);
  if (rfc !== null) {
    const [, clock = '', fraction = '', zone = ''] = rfc;
    return { time: toTime(clock, fraction, zone), end: RFC_3339.lastIndex };
  }
  GO_LOG.lastIndex = at;
  const go = GO_LOG.exec(text);
  if (go === null) return undefined;
  const [, year = '', month = '', day = '', clock = '', fraction = ''] = go;
  return { time: toTime(`${year}-${month}-${day}T${clock}`, fraction, 'Z'), end: GO_LOG.lastIndex };
}

/** A whole text that is one RFC 3339 time; NaN if it is none. */
export function parseTime(text: string): number {
  const written = readTime(text, 0);
  return written?.end === text.length ? written.time : Number.NaN;
}

/** What stood in brackets up to CoreDNS 1.2.5: `21/Nov/2018:06:48:51 +0000`; NaN if it is something else. */
export function parseWhen(text: string): number {
  const [, day = '', name = '', year = '', clock = '', hours = '', minutes = ''] =
    COMMON_LOG.exec(text) ?? [];
  const month = String(MONTHS.indexOf(name) + 1).padStart(2, '0');
  return toTime(`${year}-${month}-${day}T${clock}`, '', `${hours}:${minutes}`);
}

/** `Date.parse` checks the ranges but keeps milliseconds only; the fraction goes on top of the second. */
function toTime(clock: string, fraction: string, zone: string): number {
  const second = Date.parse(`${clock}${zone}`);
  return fraction === '' ? second : second + Number(`0.${fraction}`) * 1000;
}
