/** The zones of server blocks and of `log`, as CoreDNS compares them. */
import { withTrailingDot } from '../../dns/names.ts';

export interface Zone {
  readonly transport: string;
  /** Lower case, with the dot at its end. */
  readonly zone: string;
  /** Empty if none is named. */
  readonly port: string;
}

/** `dns://Example.org:1053`; without a scheme it is dns, whose port is 53. */
export function toZone(key: string): Zone {
  const [, transport = 'dns', rest = key] = /^([a-z0-9]+):\/\/(.*)$/.exec(key) ?? [];
  const [, zone = rest, port = transport === 'dns' ? '53' : ''] = /^(.*):(\d+)$/.exec(rest) ?? [];
  return { transport, zone: toFullName(zone), port };
}

export function toFullName(name: string): string {
  return withTrailingDot(name.toLowerCase());
}
