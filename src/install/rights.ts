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

/** Rules of a ClusterRole. */
export function toRules(): { apiGroups: string[]; resources: string[]; verbs: string[] }[] {
  const groups = [...new Set(RIGHTS.map(({ apiGroup }) => apiGroup))];
  return groups.map((group) => ({
    apiGroups: [group],
    resources: RIGHTS.filter(({ apiGroup }) => apiGroup === group).map(({ resource }) => resource),
    verbs: [...VERBS],
  }));
}
