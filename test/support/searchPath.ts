/**
 * The search path as it reads most plainly: every way in which a name can have come from it, as a list. The twin of
 * `src/dns/searchPath.ts`, which compares names in place.
 */
import { clusterDomainOf } from '../../src/dns/clusterNames.ts';
import { isInZone } from '../../src/dns/names.ts';
import type { CommonBase, SearchLevel } from '../../src/dns/searchPath.ts';

/** One way to read a queried name: `base` (no trailing dot) with the suffix of `level` behind it. */
export interface Expansion {
  readonly base: string;
  readonly level: SearchLevel;
  /** The searching client's namespace; only level 0 tells. */
  readonly namespace?: string;
}

/**
 * Every way in which `name` can have come from a search path, most telling (longest suffix) first; the last is
 * always the name as it stands. Level 3 needs knowledge of the host's search list and is not guessed here.
 */
export function toExpansions(name: string, domains: readonly string[]): Expansion[] {
  const asTyped = toTyped(name);
  const bare = asTyped.base;
  const domain = clusterDomainOf(name, domains);
  if (domain === undefined || name.length <= domain.length) return [asTyped];

  const zone = domain.slice(0, -1);
  const below = bare.slice(0, bare.length - zone.length - 1);
  const expansions: Expansion[] = [];
  if (below.endsWith('.svc')) {
    const withNamespace = below.slice(0, -'.svc'.length);
    const dot = withNamespace.lastIndexOf('.');
    // A namespace called svc would look like the second step of every walk, and hardly anybody has one.
    if (dot > 0 && withNamespace.slice(dot + 1) !== 'svc') {
      expansions.push({
        base: withNamespace.slice(0, dot),
        level: 0,
        namespace: withNamespace.slice(dot + 1),
      });
    }
    expansions.push({ base: withNamespace, level: 1 });
  }
  expansions.push({ base: below, level: 2 }, asTyped);
  return expansions;
}

/**
 * If two different names are expansions of one base, that base with their levels, else undefined. Readings with a
 * cluster's suffix come before readings with one of the host's.
 */
export function toCommonBase(a: string, b: string, domains: readonly string[]): CommonBase | undefined {
  let hosts: CommonBase | undefined;
  for (const from of toExpansions(a, domains)) {
    const to = toExpansionOf(from.base, b, domains);
    if (to === undefined || to.level === from.level) continue;
    const common: CommonBase = { base: from.base, levels: [from.level, to.level] };
    if (to.level !== 3) return common;
    // `www.example.org.` is `www.example` with a suffix of the host only if nothing else can be meant.
    hosts ??= common;
  }
  if (hosts !== undefined) return hosts;
  // Left is that `a` has a suffix of the host, which no reading of `a` alone shows: `db.corp.example.org.`, `db.`
  const typed = toTyped(b);
  const suffixed = toExpansionOf(typed.base, a, domains);
  return suffixed?.level === 3 ? { base: typed.base, levels: [3, 4] } : undefined;
}

/** Reads `name` as an expansion of `base`; a suffix that belongs to no cluster domain is the host's. */
export function toExpansionOf(base: string, name: string, domains: readonly string[]): Expansion | undefined {
  if (name === `${base}.`) return { base, level: 4 };
  if (!name.startsWith(`${base}.`)) return undefined;
  const inCluster = toExpansions(name, domains).find((e) => e.base === base && e.level !== 4);
  if (inCluster !== undefined) return inCluster;
  return domains.some((domain) => isInZone(name, domain)) ? undefined : { base, level: 3 };
}

function toTyped(name: string): Expansion {
  return { base: name === '.' ? '.' : name.slice(0, -1), level: 4 };
}
