/** Tells scrapers apart, as far as a server can. */
import type { IncomingMessage } from 'node:http';

/**
 * One text for whoever comes again and again; undefined for a person with curl or a browser, who names no format of
 * metrics. Two servers in high availability differ in their address (behind a proxy of ours in what that forwards), two
 * jobs of one server in the format at most.
 */
export function toScraper({ socket, headers }: IncomingMessage): string | undefined {
  const { accept = '', 'user-agent': agent = '', 'x-forwarded-for': forwarded = '' } = headers;
  if (!METRIC_FORMATS.test(accept)) return undefined;
  return `${socket.remoteAddress ?? ''} ${String(forwarded)} ${agent} ${accept}`.slice(0, MAX_LENGTH);
}

/** What every scraper names in one order or another; `text/html` and a bare star are people. */
const METRIC_FORMATS = /openmetrics-text|text\/plain/;

const MAX_LENGTH = 500;
