/** Can spans leave, without the DNS that is watched? */
import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { Finding } from './rules.ts';

export interface OtlpQuestion {
  readonly endpoint: string;
  /** The address of a Service of that name; undefined if there is none. */
  readonly findService: (host: string) => Promise<string | undefined>;
  /** False outside the cluster, where a Service's address leads nowhere. */
  readonly canReachServices: boolean;
}

/** Milliseconds for a connection. */
const PATIENCE = 3_000;

export async function examineOtlp(question: OtlpQuestion): Promise<Finding[]> {
  const { endpoint, findService, canReachServices } = question;
  const url = new URL(endpoint);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const service = isIP(host) === 0 ? await findService(host) : undefined;
  if (service !== undefined && !canReachServices) return [];
  const findings: Finding[] = [];
  let address = service ?? host;
  if (service === undefined && isIP(host) === 0 && host !== 'localhost') {
    const message = `${host} is no Service that the API server knows`;
    findings.push({
      rule: 'otlp-needs-dns',
      where: endpoint,
      message,
      fix: 'give the address, or the name of a Service',
    });
    try {
      ({ address } = await lookup(host));
    } catch (error) {
      return [...findings, unreachable(endpoint, `${host} does not resolve (${toCode(error)})`)];
    }
  }
  const refusal = await tryConnection(address, port);
  return refusal === undefined
    ? findings
    : [...findings, unreachable(endpoint, `${address}:${port}: ${refusal}`)];
}

function unreachable(where: string, message: string): Finding {
  return {
    rule: 'otlp-unreachable',
    where,
    message,
    fix: 'name the base URL of OTLP over HTTP, which mostly is port 4318; look for NetworkPolicies on the way',
  };
}

/** What stands in the way; undefined if nothing. */
function tryConnection(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE });
    const end = (refusal: string | undefined): void => {
      socket.destroy();
      resolve(refusal);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end(`no connection within ${PATIENCE / 1000} s`));
    socket.once('error', (error) => end(toCode(error)));
  });
}

function toCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
