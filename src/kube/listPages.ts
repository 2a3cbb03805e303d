/** Reads a list page by page, each page cut down to what is kept of its objects before the next is asked for. */
import type { IncomingMessage } from 'node:http';
import { broken, type Opened } from './connection.ts';
import type { Ending } from './decisions.ts';
import { listAt, parseJson, property, textAt } from './json.ts';
import type { ClusterObject, Resource } from './objects.ts';
import { toClusterObject } from './project.ts';
import { copyOf } from './texts.ts';

export interface ListOptions {
  readonly resource: Resource;
  /** All pages, or only the first. */
  readonly isWhole: boolean;
  /** Asks for the page that `page` names, "" for the first. */
  readonly open: (page: string) => Promise<Opened>;
  readonly onChunk: () => void;
}

/** The complete list, or why there is none. */
export type Listed =
  | { readonly kind: 'listed'; readonly objects: readonly ClusterObject[]; readonly resourceVersion: string }
  | Exclude<Ending, { kind: 'answered' | 'ended' | 'silent' }>;

/** Bytes of one page: 250 objects of 9 kB are 2 MB. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024;

/** Rejects if the connection breaks. */
export async function readList({ resource, isWhole, open, onChunk }: ListOptions): Promise<Listed> {
  const objects = new Map<string, ClusterObject>();
  for (let page = ''; ; ) {
    const opened = await open(page);
    if (opened.kind !== 'accepted') return opened;
    const text = await readText(opened.body, onChunk);
    if (text === undefined) return broken('oversize', `a page is longer than ${MAX_PAGE_BYTES} bytes`);
    const json = parseJson(text);
    const metadata = property(json, 'metadata');
    const resourceVersion = textAt(metadata, 'resourceVersion');
    if (resourceVersion === undefined) return broken('bad_json', 'the answer is no list');
    for (const entry of listAt(json, 'items')) {
      const object = toClusterObject(resource, entry);
      if (object !== undefined) objects.set(object.uid, object);
    }
    page = textAt(metadata, 'continue') ?? '';
    if (page === '' || !isWhole) {
      return { kind: 'listed', objects: [...objects.values()], resourceVersion: copyOf(resourceVersion) };
    }
  }
}

async function readText(body: IncomingMessage, onChunk: () => void): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    onChunk();
    length += chunk.length;
    if (length > MAX_PAGE_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length).toString();
}
