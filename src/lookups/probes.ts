/** Queries that DNS servers ask themselves; they are nobody's question. */
import type { ResolvedQuery } from '../records/lookup.ts';

/**
 * True for the loop plugin's `HINFO <int>.<int>.<zone>` (plugin/loop/setup.go) and for the forward plugin's
 * health check, `. IN NS` without EDNS (plugin/pkg/proxy/health.go): 17 bytes, which no pod's resolver sends.
 */
export function isProbe({ query, client }: ResolvedQuery): boolean {
  const { qtype, qname, size } = query.question;
  if (qtype === 'HINFO') return /^\d+\.\d+\./.test(qname);
  return qtype === 'NS' && qname === '.' && size === 17 && client.result !== 'pod';
}
