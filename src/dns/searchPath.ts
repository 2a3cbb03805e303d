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
import { isEscapedAt } from './names.ts';

/** 0 `<ns>.svc.Z`, 1 `svc.Z`, 2 `Z`, 3 a suffix of the host, 4 the name as typed. */
export type SearchLevel = 0 | 1 | 2 | 3 | 4;

/** Two names of one walk: what they share, and where on the path each stands. */
export interface CommonBase {
  /** Without trailing dot. */
  readonly base: string;
  readonly levels: readonly [SearchLevel, SearchLevel];
}

/**
 * Names are compared where they stand, by the places at which a suffix may have been put on: nothing is cut out of a
 * name before it is known to belong to a walk. Most queries are steps of walks, and most comparisons fail.
 */
export interface SearchPath {
  /**
   * Where `name` stands on the path of `base`: it is that with the suffix of a level behind it. A suffix that belongs
   * to no cluster domain is the host's.
   */
  levelOf(base: string, name: string): SearchLevel | undefined;
  /**
   * If two different names are expansions of one base, that base with their levels, else undefined. Readings with a
   * cluster's suffix come before readings with one of the host's.
   */
  commonBaseOf(a: string, b: string): CommonBase | undefined;
  /** What a client in `namespace` asked for, if `name` is that with the first suffix of its path. */
  askedFrom(namespace: string, name: string): string | undefined;
}

/**
 * Where the bases of a name end, by level; `NONE` where it cannot have come from there. Level 3 needs knowledge of the
 * host's search list and is not guessed here.
 */
type Ends = Record<0 | 1 | 2 | 4, number>;

const NONE = -1;
const DOT = 46;
const CLUSTER_LEVELS = [0, 1, 2] as const;
/** The most telling one, with the longest suffix, comes first. */
const LEVELS = [...CLUSTER_LEVELS, 4] as const;

/** `domains` with a trailing dot. */
export function createSearchPath(domains: readonly string[]): SearchPath {
  const services = new Map(domains.map((domain) => [domain, `.svc.${domain}`]));
  /** Made once, and read before they are filled anew: a comparison allocates nothing. */
  const ends = createEnds();
  const endsOfOther = createEnds();

  /** False if `name` lies in no cluster domain. */
  function readEnds(name: string, into: Ends): boolean {
    into[0] = NONE;
    into[1] = NONE;
    into[2] = NONE;
    into[4] = name.length - 1;
    const domain = clusterDomainOf(name, domains);
    if (domain === undefined) return false;
    if (name.length === domain.length) return true;
    into[2] = name.length - domain.length - 1;
    const service = services.get(domain) ?? domain;
    if (!name.endsWith(service)) return true;
    const end = name.length - service.length;
    if (isEscapedAt(name, end)) return true;
    const dot = lastDotBefore(name, end);
    into[1] = end;
    // A namespace called svc would look like the second step of every walk, and hardly anybody has one.
    if (dot > 0 && !(end - dot === 4 && name.startsWith('svc', dot + 1))) into[0] = dot;
    return true;
  }

  /** The level at which `name` stands if its base ends at `end`. */
  function levelAt(name: string, end: number): SearchLevel | undefined {
    if (end === name.length - 1) return 4;
    const isInCluster = readEnds(name, endsOfOther);
    for (const level of CLUSTER_LEVELS) if (endsOfOther[level] === end) return level;
    return isInCluster ? undefined : 3;
  }

  return {
    levelOf(base, name) {
      const end = base.length;
      return name.charCodeAt(end) === DOT && name.startsWith(base) ? levelAt(name, end) : undefined;
    },
    commonBaseOf(a, b) {
      const common = lengthInCommon(a, b);
      readEnds(a, ends);
      let hosts: CommonBase | undefined;
      for (const from of LEVELS) {
        const end = ends[from];
        // The dot behind the base is common too.
        if (end === NONE || end >= common) continue;
        const to = levelAt(b, end);
        if (to === undefined || to === from) continue;
        const found: CommonBase = { base: a.slice(0, end), levels: [from, to] };
        if (to !== 3) return found;
        // `www.example.org.` is `www.example` with a suffix of the host only if nothing else can be meant.
        hosts ??= found;
      }
      if (hosts !== undefined) return hosts;
      // Left is that `a` has a suffix of the host, which no reading of `a` alone shows: `db.corp.example.org.`, `db.`
      const isSuffixed = common === b.length && levelAt(a, b.length - 1) === 3;
      return isSuffixed ? { base: b.slice(0, -1), levels: [3, 4] } : undefined;
    },
    askedFrom(namespace, name) {
      readEnds(name, ends);
      const own = ends[0];
      const hasNamespace = ends[1] - own - 1 === namespace.length && name.startsWith(namespace, own + 1);
      return own !== NONE && hasNamespace ? name.slice(0, own) : undefined;
    },
  };
}

/** Of those that part labels; NONE, which is before every name, if there is none. */
function lastDotBefore(name: string, end: number): number {
  let dot = name.lastIndexOf('.', end - 1);
  while (dot > 0 && isEscapedAt(name, dot)) dot = name.lastIndexOf('.', dot - 1);
  return dot;
}

function createEnds(): Ends {
  return { 0: NONE, 1: NONE, 2: NONE, 4: NONE };
}

function lengthInCommon(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
