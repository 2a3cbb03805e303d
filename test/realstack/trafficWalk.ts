/** What a resolver must send for a name: which names of the search path, and which types of each. */
import type { Resolver } from './resolvers.ts';

export interface Sent {
  /** With a trailing dot. */
  readonly name: string;
  readonly type: string;
}

export interface Walked {
  readonly resolver: Resolver;
  /** As the program asked. */
  readonly name: string;
  readonly type: string;
  /** Namespace of the pod, for its search path; undefined where there is none. */
  readonly namespace: string | undefined;
  /** The full name that answers; undefined if none does. */
  readonly answered: string | undefined;
}

const NDOTS = 5;

/** In order. glibc goes up the search path after a name with dots enough was denied, musl does not. */
export function toSent(walked: Walked): Sent[] {
  const types = walked.type.split('+');
  return toNames(walked).flatMap((name) => types.map((type) => ({ name, type })));
}

function toNames({ resolver, name, type, namespace, answered }: Walked): string[] {
  const isStub = resolver === 'glibc' || resolver === 'musl';
  const absolute = type === 'PTR' ? toReverseName(name) : `${name.replace(/\.$/, '')}.`;
  if (!isStub || name.endsWith('.') || namespace === undefined) return [absolute];
  const suffixed = [`${namespace}.svc.cluster.local.`, 'svc.cluster.local.', 'cluster.local.'].map(
    (suffix) => `${name}.${suffix}`,
  );
  const hasDots = name.split('.').length > NDOTS;
  if (hasDots && resolver === 'musl') return [absolute];
  const path = hasDots ? [absolute, ...suffixed] : [...suffixed, absolute];
  const end = answered === undefined ? -1 : path.indexOf(answered);
  if (answered !== undefined && end === -1)
    throw new Error(`${answered} is not on the search path of ${name}`);
  return end === -1 ? path : path.slice(0, end + 1);
}

/** For an IPv4 address. */
export function toReverseName(address: string): string {
  return `${address.split('.').toReversed().join('.')}.in-addr.arpa.`;
}
