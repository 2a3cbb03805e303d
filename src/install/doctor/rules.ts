/** Everything that the doctor can find: how bad it is, and why it matters. The reference is made from it. */

export type Level = 'error' | 'warning' | 'note';

interface Rule {
  readonly level: Level;
  readonly why: string;
}

export const RULES = {
  'no-query-log': {
    level: 'error',
    why: 'Every server block needs a `log` of its own; without it corespan sees nothing of what the block answers.',
  },
  'poor-log-format': {
    level: 'error',
    why: 'The format of the log does not tell who asked, for what, or how it ended.',
  },
  'corefile-broken': {
    level: 'error',
    why: 'CoreDNS would refuse this Corefile, or serve nothing that stands in it.',
  },
  'partial-query-log': { level: 'warning', why: 'Only some answers or some names are logged.' },
  'unread-import': {
    level: 'warning',
    why: 'An imported file was not given, so nobody knows whether it says `log`.',
  },
  'no-dns-pods': {
    level: 'warning',
    why: 'No pod has the labels or the name that DNS pods are known by: neither their Corefile nor their rights were looked at.',
  },
  'log-missing': { level: 'error', why: 'Where the log should be there is none of a DNS server.' },
  'log-unreadable': { level: 'error', why: 'The log is there and may not be read.' },
  'log-empty': { level: 'warning', why: 'Nothing was written yet: is the query log on, does anybody ask?' },
  'missing-right': { level: 'error', why: 'Without the right to list and watch, clients stay addresses.' },
  'missing-optional-right': {
    level: 'note',
    why: 'Nodes are then known from the pods that run on them, as with the account of CoreDNS.',
  },
  'watch-not-synced': { level: 'error', why: 'Clients stay unnamed until the watch holds a complete state.' },
  'otlp-off': { level: 'note', why: 'No endpoint is given: there are metrics, and no traces.' },
  'otlp-wrong': { level: 'error', why: 'Spans cannot be sent to what is no URL of HTTP.' },
  'otlp-unreachable': { level: 'error', why: 'Spans are built, dropped and counted.' },
  'otlp-needs-dns': {
    level: 'warning',
    why: 'The name of the endpoint is no Service: it is looked up through the DNS that is watched, or through the node.',
  },
  'memory-too-small': {
    level: 'warning',
    why: 'At its limit the container is ended, and the DNS pod is unready meanwhile.',
  },
  'heap-above-limit': {
    level: 'error',
    why: 'The heap may grow beyond the limit of the container, which then ends instead of collecting.',
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

export interface Finding {
  readonly rule: RuleName;
  /** `ConfigMap coredns:3`, a file, a resource. */
  readonly where: string;
  /** A sentence about this place. */
  readonly message: string;
  /** What to type or to apply. */
  readonly fix?: string;
}

/** One question of the doctor and its answer. */
export interface Examination {
  readonly name: 'corefile' | 'log' | 'rights' | 'watch' | 'otlp' | 'memory';
  /** What was looked at; where nothing could be, why. */
  readonly looked: string;
  readonly isSkipped: boolean;
  readonly findings: readonly Finding[];
}

const LEVELS: readonly Level[] = ['note', 'warning', 'error'];

/** Undefined if there is nothing. */
export function toWorst(findings: readonly Finding[]): Level | undefined {
  return LEVELS.findLast((level) => findings.some(({ rule }) => RULES[rule].level === level));
}
