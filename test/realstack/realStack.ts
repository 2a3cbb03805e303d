/** Checks against the real stack: skipped, counted and told where something is missing, failed where CI demands them. */
import { describe, test } from 'vitest';
import { findMissing, type Needs, toAdvice } from './missing.ts';
import { isRequired } from './required.ts';

/** What a cluster needs (`startCluster`); checks add what they need besides. */
export const CLUSTER_NEEDS: Needs = {
  programs: ['criwriter', 'coredns', 'coredns-prev', 'etcd', 'kube'],
  packages: ['iproute2', 'iptables', 'conntrack', 'socat', 'util-linux', 'bind9-dnsutils'],
};

export function describeRealStack(name: string, needs: Needs, checks: () => void): void {
  const missing = findMissing(needs);
  if (missing.length === 0) describe(name, checks);
  else if (isRequired()) describe(name, () => test('what it needs is there', () => complain(missing)));
  else describe.skip(name, checks);
}

function complain(missing: readonly string[]): never {
  throw new Error(`REALSTACK=required, but missing: ${missing.join(', ')}; ${toAdvice(missing)}`);
}
