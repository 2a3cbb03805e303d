/** Records who is who: every watch event of pods, Services and endpoints as it arrives, and in the end all lists. */
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { Api, KubeObject } from './api.ts';

export interface ClusterRecording {
  /** Lists everything once more, and ends the watches. */
  stop(): Promise<void>;
}

const WATCHED = {
  pods: '/api/v1/pods',
  services: '/api/v1/services',
  endpointslices: '/apis/discovery.k8s.io/v1/endpointslices',
} as const;
const LISTED = { ...WATCHED, nodes: '/api/v1/nodes', namespaces: '/api/v1/namespaces' } as const;
/** A WatchList: what is there comes first, then a bookmark says that it was all. */
const WATCH = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';

/** Writes into `folder`, in the form that `--cluster` reads. */
export async function recordCluster(api: Api, folder: string): Promise<ClusterRecording> {
  mkdirSync(folder, { recursive: true });
  const events = createWriteStream(join(folder, 'events.jsonl'));
  const watches = await Promise.all(
    Object.entries(WATCHED).map(async ([resource, path]) => {
      const stream = await api.open(`${path}?${WATCH}`);
      // We end it ourselves, in the middle of an answer.
      stream.on('error', () => {});
      return { stream, lines: createInterface({ input: stream }).on('line', (line) => keep(resource, line)) };
    }),
  );

  function keep(resource: string, line: string): void {
    const at = toNanoseconds(Date.now());
    const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: KubeObject };
    events.write(`${JSON.stringify({ at, resource, type, object: withoutFields(object) })}\n`);
  }

  return {
    async stop() {
      for (const [resource, path] of Object.entries(LISTED)) {
        const { items, ...list } = await api.get(path);
        const objects = (items as readonly KubeObject[]).map(withoutFields);
        writeFileSync(join(folder, `${resource}.json`), `${JSON.stringify({ ...list, items: objects })}\n`);
      }
      for (const { stream, lines } of watches) {
        lines.close();
        stream.destroy();
      }
      events.end();
      await finished(events);
    },
  };
}

/** Who owns which field is half of every object, and tells nothing about names and addresses. */
function withoutFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function toNanoseconds(time: number): string {
  return new Date(time).toISOString().replace('Z', '000000Z');
}
