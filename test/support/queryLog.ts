/** Lines of a query log, each of them a lookup of its own: another name, another port. */

export interface QueryLogOptions {
  /** Time of the first line, in milliseconds since the epoch; undefined: bare lines, as `kubectl logs` prints them. */
  readonly start?: number;
  /** Milliseconds between two lines. */
  readonly step?: number;
  /** Number of the first line. */
  readonly first?: number;
  readonly rcode?: string;
}

export function toQueryLog(count: number, options: QueryLogOptions = {}): string {
  const { start, step = 1, first = 0, rcode = 'NOERROR' } = options;
  return Array.from({ length: count }, (_, at) => {
    const n = first + at;
    const time = start === undefined ? '' : `${new Date(start + at * step).toISOString()} stdout F `;
    const question = `A IN n${n}.example.org. udp 40 false 1232`;
    return `${time}[INFO] 10.244.1.7:${10_000 + (n % 50_000)} - ${n % 65_536} "${question}" ${rcode} qr,rd,ra 80 0.0002s\n`;
  }).join('');
}
