/**
 * The search path of a pod and the walk that a stub resolver makes along it.
 *
 * resolv.conf of a pod: `search <ns>.svc.Z svc.Z Z [host entries]`, `ndots:5` (kubelet). A resolver tries one
 * suffix after another until one answers, then the name as it stands (glibc res_search, musl lookup_name.c).
 *
 *     api.pay  →  api.pay.shop.svc.Z  →  api.pay.svc.Z  →  api.pay.Z  →  [api.pay.<host>]  →  api.pay
 *     level          0                     1                2              3                   4
 */
import { clusterDomainOf } from './clusterNames.ts';
import { isInZone } from './names.ts';

/** 0 `<ns>.svc.Z`, 1 `svc.Z`, 2 `Z`, 3 a suffix of the host, 4 the name as typed. */
export type SearchLevel = 0 | 1 | 2 | 3 | 4;

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

/** Two names of one walk: what they share, and where on the path each stands. */
export interface CommonBase {
  readonly base: string;
  readonly levels: readonly [SearchLevel, SearchLevel];
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
