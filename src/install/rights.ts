/** What corespan asks the API server for, and so the rights that its account needs: to list and watch, nothing else. */

export interface Right {
  readonly apiGroup: string;
  readonly resource: string;
  /** Without it something is missing, but clients have names. */
  readonly isOptional: boolean;
}

/** CoreDNS's own account has all but the optional one. */
export const RIGHTS: readonly Right[] = [
  { apiGroup: '', resource: 'pods', isOptional: false },
  { apiGroup: '', resource: 'services', isOptional: false },
  { apiGroup: '', resource: 'nodes', isOptional: true },
  { apiGroup: 'discovery.k8s.io', resource: 'endpointslices', isOptional: false },
];

export const VERBS = ['list', 'watch'] as const;

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/**
 * All that corespan may see, for one account. Each way in has a role of its own: what takes one away must not take the
 * rights of another, and Helm takes over nothing that others made.
 */
export function toRights(
  name: string,
  account: Account,
  labels?: Readonly<Record<string, string>>,
): [role: object, binding: object] {
  const group = 'rbac.authorization.k8s.io';
  const metadata = { name, ...(labels && { labels }) };
  const roleRef = { apiGroup: group, kind: 'ClusterRole', name };
  const subjects = [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }];
  return [
    { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata, rules: toRules() },
    { apiVersion: `${group}/v1`, kind: 'ClusterRoleBinding', metadata, roleRef, subjects },
  ];
}

/** Rules of a ClusterRole. */
function toRules(): { apiGroups: string[]; resources: string[]; verbs: string[] }[] {
  const groups = [...new Set(RIGHTS.map(({ apiGroup }) => apiGroup))];
  return groups.map((group) => ({
    apiGroups: [group],
    resources: RIGHTS.filter(({ apiGroup }) => apiGroup === group).map(({ resource }) => resource),
    verbs: [...VERBS],
  }));
}
