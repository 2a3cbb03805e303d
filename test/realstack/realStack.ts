/** Checks against the real stack: skipped, counted and told where something is missing, failed where CI demands them. */
import { describe, test } from 'vitest';
import { findMissing, HOW_TO_GET, type Needs } from './missing.ts';

/** REALSTACK=required turns every skip into a failure. */
export const IS_REQUIRED = process.env['REALSTACK'] === 'required';

/** What a cluster needs (`startCluster`); checks add what they need besides. */
export const CLUSTER_NEEDS: Needs = {
  programs: ['criwriter', 'coredns', 'coredns-prev', 'etcd', 'kube'],
  packages: ['iproute2', 'iptables', 'conntrack', 'socat', 'util-linux', 'bind9-dnsutils'],
};

export function describeRealStack(name: string, needs: Needs, checks: () => void): void {
  const missing = findMissing(needs);
  if (missing.length === 0) describe(name, checks);
  else if (IS_REQUIRED) describe(name, () => test('what it needs is there', () => complain(missing)));
  else describe.skip(name, checks);
}

function complain(missing: readonly string[]): never {
  throw new Error(`REALSTACK=required, but missing: ${missing.join(', ')}; ${HOW_TO_GET}`);
}
