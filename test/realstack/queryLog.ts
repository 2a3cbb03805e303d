/** The queries in a DNS server's log, read by a plain pattern that shares nothing with the product's parser. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { until } from './until.ts';

export interface LoggedQuery {
  /** When it was answered, in milliseconds since the epoch. */
  readonly end: number;
  /** What the server took for it. */
  readonly seconds: number;
  readonly client: string;
  readonly type: string;
  readonly name: string;
  readonly protocol: string;
  readonly rcode: string;
}

/** <time> stdout F [INFO] 10.244.1.7:42211 - 7 "A IN web.shop. udp 43 false 512" NOERROR qr,aa,rd 84 0.0001s */
const QUERY =
  /^(?<time>\S+) stdout F \[INFO\] (?<client>[0-9.]+):\d+ - \d+ "(?<type>\S+) IN (?<name>\S+) (?<protocol>\S+) \d+ \S+ \d+" (?<rcode>\S+) \S+ \S+ (?<seconds>[\d.]+)s$/;

/** All that the folder holds of a container, rotated files and restarts included, oldest first. */
export function readQueries(logFolder: string): LoggedQuery[] {
  return listLogs(logFolder)
    .flatMap((name) => readLines(join(logFolder, name)))
    .map((line) => QUERY.exec(line)?.groups)
    .filter((groups) => groups !== undefined)
    .map(({ time = '', seconds = '', client = '', type = '', name = '', protocol = '', rcode = '' }) => ({
      end: toMilliseconds(time),
      seconds: Number(seconds),
      client,
      type,
      name,
      protocol,
      rcode,
    }));
}

/** As many queries for the name as are expected: a log line may come later than the answer. */
export async function untilQueried(logFolder: string, name: string, count: number): Promise<LoggedQuery[]> {
  return await until(`${count} queries for ${name} in ${logFolder}`, () => {
    const found = readQueries(logFolder).filter((query) => query.name === name);
    return found.length >= count ? found : undefined;
  });
}

/** `0.log.<time>` before `0.log` before `1.log`. */
function listLogs(folder: string): string[] {
  const logs = readdirSync(folder).filter((name) => !name.endsWith('.tmp'));
  return logs.toSorted(
    (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || b.length - a.length || (a < b ? -1 : 1),
  );
}

function readLines(path: string): string[] {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n');
}

/** 2026-11-21T12:00:00.123456789Z, of which Date knows milliseconds only. */
function toMilliseconds(time: string): number {
  const [whole, fraction = '0'] = time.slice(0, -1).split('.');
  return Date.parse(`${whole}Z`) + Number(`0.${fraction}`) * 1000;
}
