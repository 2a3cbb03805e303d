/**
 * The variables that Kubernetes puts into every container for each Service of its namespace (kubelet, `envvars`). A
 * Service `corespan-metrics` makes `CORESPAN_METRICS_PORT=tcp://10.96.0.7:9464` and eight more, which nobody misspelt.
 */
import { isIP } from 'node:net';

interface Shape {
  readonly name: RegExp;
  readonly isValue: (text: string) => boolean;
}

const isNumber = (text: string): boolean => /^\d{1,5}$/.test(text);
const isAddress = (text: string): boolean => isIP(text) !== 0;
const isUrl = (text: string): boolean => /^(tcp|udp|sctp):\/\/[^/]+:\d+$/i.test(text);
const PORT = String.raw`_PORT_\d+_(TCP|UDP|SCTP)`;

const SHAPES: readonly Shape[] = [
  { name: /_SERVICE_HOST$/, isValue: isAddress },
  // The port by its number, and by each of its names.
  { name: /_SERVICE_PORT(_[A-Z0-9_]+)?$/, isValue: isNumber },
  // As Docker's links once had it.
  { name: /_PORT$/, isValue: isUrl },
  { name: new RegExp(`${PORT}$`), isValue: isUrl },
  { name: new RegExp(`${PORT}_PROTO$`), isValue: (text) => /^(tcp|udp|sctp)$/i.test(text) },
  { name: new RegExp(`${PORT}_PORT$`), isValue: isNumber },
  { name: new RegExp(`${PORT}_ADDR$`), isValue: isAddress },
];

export function isServiceLink(variable: string, text: string): boolean {
  return SHAPES.some(({ name, isValue }) => name.test(variable) && isValue(text));
}
