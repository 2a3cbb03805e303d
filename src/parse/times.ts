/** The times that CoreDNS or a log viewer puts in front of a message, and the one in a JSON line. */

const RFC_3339 = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)(?: |$)/y;
const GO_LOG = /\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: |$)/y;

/**
 * Where the text goes on behind a time that begins at `at`, and one blank; -1 if none begins there. RFC 3339 (CoreDNS
 * 1.2.6–1.6.2, `kubectl logs --timestamps`) or that of Go's log package (≤ 1.2.5); its shape counts, even if it is no
 * moment.
 */
export function endOfTime(text: string, at: number): number {
  for (const shape of [RFC_3339, GO_LOG]) {
    shape.lastIndex = at;
    if (shape.test(text)) return shape.lastIndex;
  }
  return -1;
}

/** A whole text that is one RFC 3339 time, as milliseconds since the epoch with a fraction; NaN if it is none. */
export function parseTime(text: string): number {
  RFC_3339.lastIndex = 0;
  const [whole, clock = '', fraction = '', zone = ''] = RFC_3339.exec(text) ?? [];
  return whole === text ? toTime(clock, fraction, zone) : Number.NaN;
}

/** `Date.parse` checks the ranges but keeps milliseconds only; the fraction goes on top of the second. */
function toTime(clock: string, fraction: string, zone: string): number {
  const second = Date.parse(`${clock}${zone}`);
  return fraction === '' ? second : second + Number(`0.${fraction}`) * 1000;
}
