/** Names outside the cluster, folded to the domain that somebody registered: `cdn.shop.example.co.uk` → `example.co.uk`. */
import { getDomain } from 'tldts';
import { toLabels } from '../dns/names.ts';

/** A label with anything else in it is hostile or garbage, and never reaches a metric. */
const CLEAN = /^[a-z0-9_-]+$/i;

/** A name is no URL: with its own reading of hosts, tldts would see `evil.com` in `evil.com/x.example.org`. */
const AS_IT_IS = { extractHostname: false, validateHostname: false } as const;

/**
 * The registrable domain by the public suffix list (tldts); "external" if the name has none or it is not clean. Labels
 * below it may hold anything, as those of a tunnel do.
 */
export function toRegistrableDomain(name: string): string {
  const labels = toLabels(name);
  // Only what is right of the last bad label is asked for: an escaped dot in a label would be one more dot to tldts.
  const clean = labels.slice(labels.findLastIndex((label) => !CLEAN.test(label)) + 1);
  return getDomain(clean.join('.').toLowerCase(), AS_IT_IS) ?? 'external';
}
