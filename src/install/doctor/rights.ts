/** May the accounts that corespan shares list and watch what it needs? */
import { stringify } from 'yaml';
import { type Account, toRights } from '../rights.ts';
import type { DnsPod, MissingRight } from './cluster.ts';
import type { Finding } from './rules.ts';

/** Undefined: that of whoever asks. */
export function examineRights(account: Account | undefined, missing: readonly MissingRight[]): Finding[] {
  return missing.map((right) => ({
    rule: right.isOptional ? 'missing-optional-right' : 'missing-right',
    where: toAccountText(account),
    message: `may not ${right.verb} ${right.resource}`,
    ...(!right.isOptional && right.account !== undefined && { fix: toGrant(right.account) }),
  }));
}

/** The accounts of the pods that corespan shares, or will share. */
export function toAccounts(pods: readonly DnsPod[]): Account[] {
  const accounts = pods.map(({ metadata, spec }) => ({
    namespace: metadata.namespace,
    name: spec.serviceAccountName ?? 'default',
  }));
  return [...new Map(accounts.map((account) => [toAccountText(account), account])).values()];
}

export function toAccountText(account: Account | undefined): string {
  return account === undefined ? 'this account' : `account ${account.namespace}/${account.name}`;
}

/** For this account alone, under a name that no other way in has. */
function toGrant(account: Account): string {
  const name = `corespan-${account.namespace}-${account.name}`;
  const objects = toRights(name, account).map((object) => stringify(object, { indentSeq: false }));
  return `kubectl apply -f - <<'EOF'\n${objects.join('---\n')}EOF`;
}
