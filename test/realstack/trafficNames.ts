/**
 * The names that the traffic asks for, each with what has to come of it: who answers, and which edge it draws.
 *
 * Outcomes are those of the log. A name that exists without the asked type is a denial for the program, but a
 * success in CoreDNS's default format, which does not tell how many answers there were.
 */
import { SERVFAIL_ZONE, SILENT_ZONE } from './corefiles.ts';
import type { Asked, Asking } from './resolvers.ts';

/** A name as typed, and its meaning. */
export interface Wish extends Asking {
  /** The full name that answers, with its dot; undefined if none does. */
  readonly answered: string | undefined;
  readonly outcome: Asked['outcome'];
  /** What the program says of it, where that is another thing than the log says. */
  readonly said?: Asked['outcome'];
  /** Where the edge leads; undefined: to nowhere. */
  readonly target: Ends | undefined;
}

/** One end of an edge; outside the cluster there is no namespace. */
export interface Ends {
  readonly name: string;
  readonly namespace: string;
}

/** How a Service is written: short within its namespace only. */
export type Spelling = 'short' | 'ns' | 'svc' | 'zone' | 'absolute';

export function toServiceWish({ name, namespace }: Ends, spelling: Spelling, type = 'A+AAAA'): Wish {
  const full = `${name}.${namespace}.svc.cluster.local.`;
  const typed = {
    short: name,
    ns: `${name}.${namespace}`,
    svc: `${name}.${namespace}.svc`,
    zone: full.slice(0, -1),
    absolute: full,
  } as const satisfies Record<Spelling, string>;
  const isThere = { answered: full, outcome: 'success', target: { name, namespace } } as const;
  return { name: typed[spelling], type, ...isThere, ...(type === 'AAAA' && { said: 'denial' }) };
}

/** A pod of a headless Service; the edge leads to the Service. */
export function toHostWish(host: string, { name, namespace }: Ends): Wish {
  return { ...toServiceWish({ name, namespace }, 'ns'), ...toBelow(host, { name, namespace }) };
}

function toBelow(host: string, { name, namespace }: Ends): Pick<Wish, 'name' | 'answered'> {
  return {
    name: `${host}.${name}.${namespace}`,
    answered: `${host}.${name}.${namespace}.svc.cluster.local.`,
  };
}

/** A name outside the cluster; the edge leads to the domain that somebody registered. */
export function toOutsideWish(name: string, type = 'A+AAAA'): Wish {
  const full = `${name.replace(/\.$/, '')}.`;
  const domain = full.split('.').slice(-3, -1).join('.');
  return { name, type, answered: full, outcome: 'success', target: { name: domain, namespace: '' } };
}

export function toDeniedWish(name: string, type = 'A+AAAA'): Wish {
  return { name, type, answered: undefined, outcome: 'denial', target: undefined };
}

/** A Service that is not there any more, or not yet; where it is nevertheless, the edge leads to it. */
export function toGoneWish(service: Ends, type = 'A'): Wish {
  return { ...toServiceWish(service, 'absolute', type), answered: undefined, outcome: 'denial' };
}

/** An answer of SERVFAIL; `label` makes the name one of its own, since a second try belongs to the first. */
export function toFailingWish(label: string, type = 'A+AAAA'): Wish {
  const target = { name: SERVFAIL_ZONE, namespace: '' };
  return { name: `${label}.${SERVFAIL_ZONE}.`, type, answered: undefined, outcome: 'error', target };
}

/** Nobody answers: the program gives up, CoreDNS logs a failure in the end. */
export function toSilentWish(label: string, type = 'A+AAAA'): Wish {
  const target = { name: SILENT_ZONE, namespace: '' };
  const silent = { outcome: 'no answer', said: 'error' } as const;
  return { name: `${label}.${SILENT_ZONE}.`, type, answered: undefined, ...silent, target };
}

/** True for names that resolvers ask for as often as they like, until they give up. */
export function isRetried(name: string): boolean {
  return [SERVFAIL_ZONE, SILENT_ZONE].some((zone) => name.endsWith(`${zone}.`));
}
