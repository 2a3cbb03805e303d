/** Points in time as the API and the recordings write them (RFC 3339), as milliseconds since the epoch. */

/** Date, time of day to the second, fraction, zone. */
const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Milliseconds since the epoch with a fraction, or undefined if the text is no time. `Date.parse` alone would cut
 * a recording's nanoseconds to whole milliseconds, and an address is handed on within less.
 */
export function parseTime(text: string | undefined): number | undefined {
  const [, seconds, fraction = '', zone] = RFC_3339.exec(text ?? '') ?? [];
  if (seconds === undefined || zone === undefined) return undefined;
  const time = Date.parse(seconds + zone) + Number(`0${fraction}`) * 1000;
  return Number.isNaN(time) ? undefined : time;
}
