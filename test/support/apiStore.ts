/** What the fake API server holds: objects with versions, the history of their changes, selectors and pages. */
import type { Resource } from '../../src/kube/objects.ts';
import { KINDS } from '../../src/kube/project.ts';

export type Json = { readonly [key: string]: unknown };

/** A change as it happened; a watch with a selector may see it differently. */
export interface StoredChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: Resource;
  readonly version: number;
  readonly object: Json;
  readonly previous: Json | undefined;
}

export interface SeenChange {
  readonly type: StoredChange['type'];
  readonly object: Json;
}

export interface Store {
  put(resource: Resource, object: Json): StoredChange;
  remove(resource: Resource, name: string): StoredChange;
  list(resource: Resource, query: Query): Json;
  /** What a watch is told first, and how it sees what comes later. */
  watch(
    resource: Resource,
    query: Query,
  ): {
    readonly missed: readonly SeenChange[];
    readonly toSeen: (change: StoredChange) => SeenChange | undefined;
  };
  bookmark(resource: Resource, isInitialEnd: boolean): Json;
  isExpired(resourceVersion: string | undefined): boolean;
  isExpiredPage(token: string | undefined): boolean;
  compact(): void;
  restore(version: number): void;
}

type Query = Readonly<Record<string, string>>;

export function createStore(): Store {
  const objects = new Map<string, Json>();
  const history: StoredChange[] = [];
  const snapshots = new Map<string, readonly Json[]>();
  let version = 100;
  let oldest = 0;

  function record(change: Omit<StoredChange, 'version'>): StoredChange {
    const stored = { ...change, version, object: withVersion(change.object, version) };
    history.push(stored);
    return stored;
  }

  function held(resource: Resource, query: Query): Json[] {
    return [...objects]
      .filter(([key, object]) => key.startsWith(`${resource}/`) && isSelected(object, query))
      .map(([, object]) => object);
  }

  return {
    put(resource, object) {
      version++;
      const key = `${resource}/${nameOf(object)}`;
      const previous = objects.get(key);
      const change = record({ type: previous ? 'MODIFIED' : 'ADDED', resource, object, previous });
      objects.set(key, change.object);
      return change;
    },
    remove(resource, name) {
      version++;
      const key = `${resource}/${name}`;
      const previous = objects.get(key);
      if (previous === undefined) throw new Error(`there is no ${key} to remove`);
      objects.delete(key);
      return record({ type: 'DELETED', resource, object: previous, previous });
    },
    list(resource, query) {
      const token = query['continue'] ?? `0:${version}`;
      const all = snapshots.get(`${resource} ${token}`) ?? held(resource, query);
      const [from = 0, at = version] = token.split(':').map(Number);
      const to = from + Number(query['limit'] ?? all.length);
      const hasMore = to < all.length;
      // Every page is of the moment of the first.
      if (hasMore) snapshots.set(`${resource} ${to}:${at}`, all);
      return {
        kind: `${KINDS[resource]}List`,
        metadata: { resourceVersion: String(at), ...(hasMore ? { continue: `${to}:${at}` } : {}) },
        items: all.slice(from, to),
      };
    },
    watch(resource, query) {
      const toSeen = (change: StoredChange) => see(change, query);
      const from = query['resourceVersion'] ?? '';
      const missed =
        from === ''
          ? held(resource, query).map((object) => ({ type: 'ADDED' as const, object }))
          : history
              .filter((change) => change.resource === resource && change.version > Number(from))
              .flatMap((change) => toSeen(change) ?? []);
      return { missed, toSeen };
    },
    bookmark(resource, isInitialEnd) {
      const annotations = isInitialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
      return { kind: KINDS[resource], metadata: { resourceVersion: String(version), ...annotations } };
    },
    isExpired: (resourceVersion) => (resourceVersion ?? '') !== '' && Number(resourceVersion) < oldest,
    isExpiredPage: (token) => token !== undefined && Number(token.split(':')[1]) < oldest,
    compact() {
      version++;
      oldest = version;
      snapshots.clear();
    },
    restore(older) {
      version = older;
    },
  };
}

/** An object that no longer matches is told as deleted, with its previous state and the new version. */
function see(change: StoredChange, query: Query): SeenChange | undefined {
  const isNow = change.type !== 'DELETED' && isSelected(change.object, query);
  const wasBefore = change.previous !== undefined && isSelected(change.previous, query);
  if (isNow) return { type: wasBefore ? 'MODIFIED' : 'ADDED', object: change.object };
  if (!wasBefore || change.previous === undefined) return undefined;
  return { type: 'DELETED', object: withVersion(change.previous, change.version) };
}

function isSelected(object: Json, query: Query): boolean {
  const fields = (query['fieldSelector'] ?? '').split(',').filter(Boolean);
  const labels = (query['labelSelector'] ?? '').split(',').filter(Boolean);
  return fields.every((term) => isMatch(object, term)) && labels.every((term) => hasLabel(object, term));
}

function isMatch(object: Json, term: string): boolean {
  const [, path = '', operator, wanted] = /^([\w.]+)(!?=)(.*)$/.exec(term) ?? [];
  const value = path.split('.').reduce<unknown>((at, key) => (at as Json | undefined)?.[key], object);
  // `spec.hostNetwork` is absent where it is false, and is selected as "false".
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? false);
  return (text === wanted) === (operator === '=');
}

function hasLabel(object: Json, term: string): boolean {
  const [key = '', value] = term.split('=');
  const labels = (object['metadata'] as Json)['labels'] as Json | undefined;
  return labels?.[key] === value;
}

function nameOf(object: Json): string {
  const { namespace, name } = object['metadata'] as { namespace?: string; name: string };
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function withVersion(object: Json, version: number): Json {
  return { ...object, metadata: { ...(object['metadata'] as Json), resourceVersion: String(version) } };
}
