/** Reads a list page by page, each page cut down to what is kept of its objects before the next is asked for. */

import { copyText } from '../text/copy.ts';
import { broken, type Opened } from './connection.ts';
import type { Ending } from './decisions.ts';
import { listAt, parseJson, property, textAt } from './json.ts';
import type { ClusterObject, Resource } from './objects.ts';
import { toClusterObject } from './project.ts';
import { MAX_BODY_BYTES, readBody } from './readBody.ts';

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

/** Rejects if the connection breaks. */
export async function readList({ resource, isWhole, open, onChunk }: ListOptions): Promise<Listed> {
  const objects = new Map<string, ClusterObject>();
  for (let page = ''; ; ) {
    const opened = await open(page);
    if (opened.kind !== 'accepted') return opened;
    const text = await readBody(opened.body, onChunk);
    if (text === undefined) return broken('oversize', `a page is longer than ${MAX_BODY_BYTES} bytes`);
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
      return { kind: 'listed', objects: [...objects.values()], resourceVersion: copyText(resourceVersion) };
    }
  }
}
