/** Where a Corefile comes from: a file, or ConfigMaps, one of which may bring what the other imports. */
import { parseAllDocuments } from 'yaml';
import type { FindFiles } from './blocks.ts';

export interface CorefileSource {
  /** For messages. */
  readonly path: string;
  readonly text: string;
  readonly findFiles: FindFiles;
}

export interface ConfigMap {
  readonly name: string;
  /** `data` as it came. */
  readonly data: unknown;
}

/** The text of a Corefile, or of one or more ConfigMaps as kubectl prints them. */
export function toCorefileSource(path: string, text: string): CorefileSource {
  if (!/^\s*"?kind"?:\s*"?(ConfigMap|List)/m.test(text)) return { path, text, findFiles: () => undefined };
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  const objects = (Array.isArray(documents) ? documents : []).flatMap((document) =>
    toObjects(document.toJS() as KubernetesObject | null),
  );
  const source = toMountedSource(objects.map(({ metadata, data }) => ({ name: metadata?.name ?? '', data })));
  return source === undefined ? { path, text: '', findFiles: () => undefined } : { ...source, path };
}

/** The first of the maps that the pods mount and that holds a Corefile; the others bring its imports. */
export function toMountedSource(
  maps: readonly ConfigMap[],
  isMounted: (name: string) => boolean = () => true,
): CorefileSource | undefined {
  for (const map of maps) {
    const files = toFiles(map);
    const text = files.get('Corefile') ?? files.get('Corefile.base');
    if (text === undefined || !isMounted(map.name)) continue;
    const others = maps.filter((other) => other !== map);
    return { path: `ConfigMap ${map.name}`, text, findFiles: findIn(others) };
  }
  return undefined;
}

interface KubernetesObject {
  readonly items?: readonly KubernetesObject[];
  readonly metadata?: { readonly name?: string };
  readonly data?: unknown;
}

function toObjects(object: KubernetesObject | null): readonly KubernetesObject[] {
  return object === null ? [] : (object.items ?? [object]);
}

function toFiles({ data }: ConfigMap): Map<string, string> {
  const entries = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** `/etc/coredns/custom/*.override`: the folder is where a map is mounted, its keys are the files. */
function findIn(maps: readonly ConfigMap[]): FindFiles {
  if (maps.length === 0) return () => undefined;
  const files = maps.flatMap((map) => [...toFiles(map)]);
  return (pattern) => {
    const [before = '', behind] = (pattern.split('/').at(-1) ?? '').split('*');
    return files.flatMap(([name, text]) => (isMatch(name, before, behind) ? [text] : []));
  };
}

/** CoreDNS allows one `*`. */
function isMatch(name: string, before: string, behind: string | undefined): boolean {
  if (behind === undefined) return name === before;
  return name.length >= before.length + behind.length && name.startsWith(before) && name.endsWith(behind);
}
