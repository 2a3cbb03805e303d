/** What the doctor reads from the API server: DNS pods, their Corefiles, nodes, and what their accounts may list. */
import { text } from 'node:stream/consumers';
import type { Credentials } from '../../kube/authorization.ts';
import { SYSTEM_CLOCK } from '../../kube/clock.ts';
import { createConnection } from '../../kube/connection.ts';
import type { ConfigMap } from '../corefile/source.ts';
import { RIGHTS, type Right } from '../rights.ts';

export interface DnsPod {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly containers: readonly {
      readonly name: string;
      readonly env?: readonly { readonly name: string; readonly value?: string }[];
      readonly resources?: { readonly limits?: { readonly memory?: string } };
    }[];
    readonly volumes?: readonly { readonly configMap?: { readonly name?: string } }[];
  };
}

export interface Node {
  readonly kubeletVersion: string;
  readonly providerId: string;
}

/** Every function resolves to a sentence where the server refuses or cannot be reached. */
export interface ClusterReader {
  dnsPods(selector: string | undefined): Promise<readonly DnsPod[] | Refused>;
  configMap(namespace: string, name: string): Promise<ConfigMap | Refused>;
  nodes(): Promise<readonly Node[] | Refused>;
  countPods(): Promise<number | Refused>;
  /** The cluster address of a Service; undefined if there is none. */
  serviceAddress(namespace: string, name: string): Promise<string | undefined>;
  /** What this account, or ours, may not list. */
  missingRights(account: Account | undefined): Promise<readonly Right[] | Refused>;
  close(): void;
}

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

export interface Refused {
  readonly refused: string;
  readonly status: number;
}

const DNS_PODS = 'k8s-app in (kube-dns,coredns,node-local-dns)';
/** Milliseconds for one answer. */
const PATIENCE = 10_000;

export function createClusterReader(credentials: Credentials): ClusterReader {
  const open = [createConnection(credentials, SYSTEM_CLOCK)];

  async function ask<T>(path: string, [connection] = open): Promise<T | Refused> {
    if (connection === undefined) return { refused: 'closed', status: 0 };
    const answer = await connection.get(path, AbortSignal.timeout(PATIENCE));
    switch (answer.kind) {
      case 'accepted':
        return JSON.parse(await text(answer.body)) as T;
      case 'refused':
        return { refused: answer.status.message, status: answer.status.code };
      case 'broken':
        return { refused: answer.message, status: 0 };
    }
  }

  async function list<T>(path: string): Promise<readonly T[] | Refused> {
    const answer = await ask<{ readonly items: readonly T[] }>(path);
    return 'refused' in answer ? answer : answer.items;
  }

  return {
    dnsPods: (selector) =>
      list<DnsPod>(`/api/v1/pods?labelSelector=${encodeURIComponent(selector ?? DNS_PODS)}&limit=500`),

    async configMap(namespace, name) {
      const map = await ask<{ readonly data?: unknown }>(
        `/api/v1/namespaces/${namespace}/configmaps/${name}`,
      );
      return 'refused' in map ? map : { name, data: map.data };
    },

    async nodes() {
      const nodes = await list<{
        readonly spec: { readonly providerID?: string };
        readonly status: { readonly nodeInfo?: { readonly kubeletVersion?: string } };
      }>('/api/v1/nodes?limit=20');
      if ('refused' in nodes) return nodes;
      return nodes.map(({ spec, status }) => ({
        kubeletVersion: status.nodeInfo?.kubeletVersion ?? '',
        providerId: spec.providerID ?? '',
      }));
    },

    async countPods() {
      // The server says how many are left behind the first page.
      const path = '/api/v1/pods?limit=1&fieldSelector=';
      const page = await ask<{
        readonly metadata: { readonly remainingItemCount?: number };
        readonly items: unknown[];
      }>(path);
      return 'refused' in page ? page : page.items.length + (page.metadata.remainingItemCount ?? 0);
    },

    async serviceAddress(namespace, name) {
      const path = `/api/v1/namespaces/${namespace}/services?fieldSelector=metadata.name%3D${name}`;
      const found = await list<{ readonly spec: { readonly clusterIP?: string } }>(path);
      return 'refused' in found ? undefined : found[0]?.spec.clusterIP;
    },

    async missingRights(account) {
      const connection = createConnection(
        account === undefined ? credentials : as(account, credentials),
        SYSTEM_CLOCK,
      );
      open.push(connection);
      const missing: Right[] = [];
      for (const right of RIGHTS) {
        const answer = await ask(`${toRoot(right)}/${right.resource}?limit=1`, [connection]);
        if (!isRefused(answer)) continue;
        if (answer.status !== 403 || answer.refused.includes('impersonate')) return answer;
        missing.push(right);
      }
      return missing;
    },

    close() {
      for (const connection of open) connection.close();
    },
  };
}

export function isRefused(answer: unknown): answer is Refused {
  return typeof answer === 'object' && answer !== null && 'refused' in answer;
}

function toRoot({ apiGroup }: Right): string {
  return apiGroup === '' ? '/api/v1' : `/apis/${apiGroup}/v1`;
}

/** The server answers as it would answer that account; whoever asks needs the right to impersonate. */
function as({ namespace, name }: Account, credentials: Credentials): Credentials {
  return {
    ...credentials,
    async authorize() {
      const authorization = await credentials.authorize();
      const headers = {
        'impersonate-user': `system:serviceaccount:${namespace}:${name}`,
        'impersonate-group': 'system:authenticated',
      };
      return { ...authorization, headers: { ...authorization.headers, ...headers } };
    },
  };
}
