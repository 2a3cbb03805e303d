/** Names outside the cluster, folded to the domain that somebody registered: `cdn.shop.example.co.uk` → `example.co.uk`. */
import { getDomain } from 'tldts';
import { withoutTrailingDot } from '../dns/names.ts';

/** A label with anything else in it is hostile or garbage, and never reaches a metric. */
const CLEAN = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/** The registrable domain by the public suffix list (tldts); "external" if the name has none or is not clean. */
export function toRegistrableDomain(name: string): string {
  const domain = getDomain(withoutTrailingDot(name), { validateHostname: false });
  return domain !== null && CLEAN.test(domain) ? domain : 'external';
}
