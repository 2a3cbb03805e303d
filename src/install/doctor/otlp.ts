/** Can spans leave, without the DNS that is watched? */
import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { FoundService } from './cluster.ts';
import type { Finding } from './rules.ts';

export interface OtlpQuestion {
  readonly endpoint: string;
  /** The Service of that name; undefined if there is none. */
  readonly findService: (host: string) => Promise<FoundService | undefined>;
  /**
   * What may be tried from here. Outside the cluster a Service's address leads nowhere; and where somebody else sends
   * spans to, what does not answer here may answer there.
   */
  readonly reach: 'everything' | 'no services' | 'nothing';
}

/** Milliseconds for a connection. */
const PATIENCE = 3_000;

export async function examineOtlp(question: OtlpQuestion): Promise<Finding[]> {
  const { endpoint, findService, reach } = question;
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol)) return [toWrong(endpoint)];
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const service = isIP(host) === 0 ? await findService(host) : undefined;
  const findings: Finding[] = [];
  let address = service?.address ?? host;
  const isName = service?.address === undefined && isIP(host) === 0 && host !== 'localhost';
  if (isName) {
    const message =
      service === undefined
        ? `${host} is no Service that the API server knows`
        : `${host} is a headless Service, which has no address of its own`;
    findings.push({
      rule: 'otlp-needs-dns',
      where: endpoint,
      message,
      fix: 'give the address, or the name of a Service that has one',
    });
  }
  if (reach === 'nothing' || (service !== undefined && reach === 'no services')) return findings;
  if (isName) {
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

function toWrong(where: string): Finding {
  const message = 'is no URL that begins with http:// or https://';
  return { rule: 'otlp-wrong', where, message, fix: `name it as in http://${where.replace(/^\/*/, '')}` };
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
