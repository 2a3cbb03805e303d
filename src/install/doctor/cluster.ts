/** What the doctor reads from the API server: DNS pods, their Corefiles, nodes, and what their accounts may list. */
import { text } from 'node:stream/consumers';
import type { Credentials } from '../../kube/authorization.ts';
import { SYSTEM_CLOCK } from '../../kube/clock.ts';
import { type Connection, createConnection, type Opened } from '../../kube/connection.ts';
import { toErrorText } from '../../text/errors.ts';
import type { ConfigMap } from '../corefile/source.ts';
import { DNS_SELECTORS, hasContainer, hasDnsName } from '../dnsPods.ts';
import { type Account, RIGHTS, type Right, VERBS } from '../rights.ts';

export interface DnsPod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly spec: {
    readonly nodeName?: string;
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
  /**
   * Those of the selector; without one, those with labels that inject knows. Where no pod has them, those with a name
   * that it knows, and one of `containers`.
   */
  dnsPods(selector: string | undefined, containers: readonly string[]): Promise<readonly DnsPod[] | Refused>;
  configMap(namespace: string, name: string): Promise<ConfigMap | Refused>;
  nodes(): Promise<readonly Node[] | Refused>;
  /** Of the cluster, or of one node. */
  countPods(nodeName: string | undefined): Promise<number | Refused>;
  /** Undefined if there is no Service of that name. */
  findService(namespace: string, name: string): Promise<FoundService | undefined>;
  /** What this account, or ours, may not list, or may list and not watch. */
  missingRights(account: Account | undefined): Promise<readonly MissingRight[] | Refused>;
  close(): void;
}

export interface MissingRight extends Right {
  readonly verb: (typeof VERBS)[number];
  /** Whom the server refused, by its own words. */
  readonly account: Account | undefined;
}

/** A headless Service has no address of its own. */
export interface FoundService {
  readonly address: string | undefined;
}

export interface Refused {
  readonly refused: string;
  readonly status: number;
}

/** Milliseconds for one answer. */
const PATIENCE = 10_000;
/** Pods of one answer where all of the cluster are gone through: few, for the doctor may share corespan's memory. */
const PAGE = 100;

interface PodPage {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly DnsPod[];
}

export function createClusterReader(credentials: Credentials): ClusterReader {
  const own = createConnection(credentials, SYSTEM_CLOCK);
  const open = [own];

  async function ask<T>(path: string, connection = own): Promise<T | Refused> {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await connection.get(path, signal);
    if (answer.kind !== 'accepted') return toRefused(answer);
    try {
      const value: unknown = JSON.parse(await text(answer.body));
      return isObject(value) ? (value as T) : { refused: `the answer to ${path} is no object`, status: 0 };
    } catch (error) {
      const isLate = signal.aborted;
      const refused = isLate ? `no whole answer within ${PATIENCE / 1000} seconds` : toErrorText(error);
      return { refused, status: 0 };
    }
  }

  /** Whether a watch would begin; it ends at once. */
  async function tryWatch(path: string, connection: Connection): Promise<Refused | undefined> {
    const answer = await connection.get(path, AbortSignal.timeout(PATIENCE));
    if (answer.kind !== 'accepted') return toRefused(answer);
    answer.body.destroy();
    return undefined;
  }

  async function list<T>(path: string): Promise<readonly T[] | Refused> {
    const answer = await ask<{ readonly items?: readonly T[] }>(path);
    if (isRefused(answer)) return answer;
    return answer.items ?? { refused: `the answer to ${path} is no list`, status: 0 };
  }

  async function findByLabels(selectors: readonly string[]): Promise<readonly DnsPod[] | Refused> {
    // A pod may have several of the labels.
    const found = new Map<string, DnsPod>();
    for (const selector of selectors) {
      const pods = await list<DnsPod>(`/api/v1/pods?labelSelector=${encodeURIComponent(selector)}&limit=500`);
      if (isRefused(pods)) return pods;
      for (const pod of pods) found.set(pod.metadata.uid, pod);
    }
    return [...found.values()];
  }

  /** No selector knows parts of a name, so every pod of the cluster is looked at. */
  async function findByName(containers: readonly string[]): Promise<readonly DnsPod[] | Refused> {
    const found: DnsPod[] = [];
    let next = '';
    do {
      const page = await ask<PodPage>(`/api/v1/pods?limit=${PAGE}&continue=${encodeURIComponent(next)}`);
      if (isRefused(page)) return page;
      const pods = page.items ?? [];
      found.push(
        ...pods.filter(({ metadata, spec }) => hasDnsName(metadata.name) && hasContainer(spec, containers)),
      );
      next = page.metadata?.continue ?? '';
    } while (next !== '');
    return found;
  }

  return {
    async dnsPods(selector, containers) {
      if (selector !== undefined) return await findByLabels([selector]);
      const labelled = await findByLabels(DNS_SELECTORS);
      return isRefused(labelled) || labelled.length > 0 ? labelled : await findByName(containers);
    },

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

    async countPods(nodeName) {
      if (nodeName !== undefined) {
        const pods = await list(
          `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${nodeName}`)}`,
        );
        return 'refused' in pods ? pods : pods.length;
      }
      // The server says how many are left behind the first page, unless fields are selected.
      const path = '/api/v1/pods?limit=1';
      const page = await ask<{
        readonly metadata?: { readonly remainingItemCount?: number };
        readonly items?: unknown[];
      }>(path);
      if (isRefused(page)) return page;
      return (page.items?.length ?? 0) + (page.metadata?.remainingItemCount ?? 0);
    },

    async findService(namespace, name) {
      const path = `/api/v1/namespaces/${namespace}/services?fieldSelector=metadata.name%3D${name}`;
      const found = await list<{ readonly spec: { readonly clusterIP?: string } }>(path);
      const [service] = 'refused' in found ? [] : found;
      if (service === undefined) return undefined;
      const { clusterIP } = service.spec;
      return { address: clusterIP === 'None' ? undefined : clusterIP };
    },

    async missingRights(account) {
      const connection = createConnection(
        account === undefined ? credentials : as(account, credentials),
        SYSTEM_CLOCK,
      );
      open.push(connection);
      const missing: MissingRight[] = [];
      for (const right of RIGHTS) {
        const path = `${toRoot(right)}/${right.resource}`;
        const tries = {
          list: () => ask(`${path}?limit=1`, connection),
          // Of a name that no object has: an empty stream.
          watch: () =>
            tryWatch(`${path}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3D-`, connection),
        };
        for (const verb of VERBS) {
          const answer = await tries[verb]();
          if (!isRefused(answer)) continue;
          if (answer.status !== 403 || answer.refused.includes('impersonate')) return answer;
          missing.push({ ...right, verb, account: account ?? toAccount(answer.refused) });
          break;
        }
      }
      return missing;
    },

    close() {
      for (const connection of open) connection.close();
    },
  };
}

function toRefused(answer: Exclude<Opened, { readonly kind: 'accepted' }>): Refused {
  return answer.kind === 'refused'
    ? { refused: answer.status.message, status: answer.status.code }
    : { refused: answer.message, status: 0 };
}

export function isRefused(answer: unknown): answer is Refused {
  return isObject(answer) && 'refused' in answer;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** `User "system:serviceaccount:kube-system:coredns" cannot list resource …` */
function toAccount(refused: string): Account | undefined {
  const [, namespace, name] = /system:serviceaccount:([^:"]+):([^:"]+)"/.exec(refused) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
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
      // Without groups the server puts in those of the account, to which rights may be bound too.
      const headers = { 'impersonate-user': `system:serviceaccount:${namespace}:${name}` };
      return { ...authorization, headers: { ...authorization.headers, ...headers } };
    },
  };
}
