/** Reads the body of a watch line by line and tells what it says, until it ends. */
import { broken } from './connection.ts';
import type { Ending } from './decisions.ts';
import { parseJson } from './json.ts';
import { createLineSplitter } from './lineSplitter.ts';
import type { ClusterObject, Resource } from './objects.ts';
import { toWatchLine, type WatchLine } from './watchLine.ts';

export interface WatchListener {
  /** The complete state as of `resourceVersion`. */
  replaced(objects: readonly ClusterObject[], resourceVersion: string): void;
  changed(type: 'put' | 'delete', object: ClusterObject): void;
  /** Everything up to `resourceVersion` has been told. */
  reached(resourceVersion: string): void;
  /** One more line of this type, of those that the stream writes. */
  received(type: WatchLine['type']): void;
  /** A line was left out. */
  dropped(reason: 'oversize' | 'unknown_line'): void;
}

export interface WatchStream {
  readonly resource: Resource;
  readonly chunks: AsyncIterable<Buffer>;
  /** The stream begins with the whole state: everything up to the bookmark that ends it is told at once. */
  readonly hasInitialState: boolean;
  /** Bytes have come in. */
  readonly onChunk: () => void;
}

/** An object is at most 1.5 MiB in etcd; JSON takes more room. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** Rejects if the connection breaks. */
export async function readWatch(stream: WatchStream, listener: WatchListener): Promise<Ending> {
  const splitter = createLineSplitter(MAX_LINE_BYTES, () => listener.dropped('oversize'));
  const take = createTaker(stream.hasInitialState, listener);
  for await (const chunk of stream.chunks) {
    stream.onChunk();
    for (const text of splitter.push(chunk)) {
      const json = parseJson(text.toString());
      if (json === undefined) return broken('bad_json', 'a line of the watch is not JSON');
      const line = toWatchLine(stream.resource, json);
      if (line === undefined) {
        listener.dropped('unknown_line');
        continue;
      }
      listener.received(line.type);
      if (line.type === 'ERROR') return { kind: 'refused', status: line.status, isInStream: true };
      take(line);
    }
  }
  return { kind: 'ended' };
}

function createTaker(
  hasInitialState: boolean,
  listener: WatchListener,
): (line: Exclude<WatchLine, { type: 'ERROR' }>) => void {
  /** The state as it comes in; undefined once it is complete. By uid, since it comes in no order. */
  let initial = hasInitialState ? new Map<string, ClusterObject>() : undefined;

  return (line) => {
    switch (line.type) {
      case 'BOOKMARK':
        if (initial === undefined) {
          listener.reached(line.resourceVersion);
        } else if (line.isInitialEnd) {
          const objects = [...initial.values()];
          // Let go first: whoever is told needs room for them.
          initial = undefined;
          listener.replaced(objects, line.resourceVersion);
        }
        break;
      case 'ADDED':
      case 'MODIFIED':
        if (initial === undefined) listener.changed('put', line.object);
        else initial.set(line.object.uid, line.object);
        break;
      case 'DELETED':
        if (initial === undefined) listener.changed('delete', line.object);
        else initial.delete(line.object.uid);
        break;
    }
  };
}
