/** What one line of a watch says: what happened to an object, or to the watch itself. */

import { copyText } from '../text/copy.ts';
import { type ApiStatus, toApiStatus } from './apiStatus.ts';
import { property, textAt } from './json.ts';
import type { ClusterObject, Resource } from './objects.ts';
import { toClusterObject } from './project.ts';

export type WatchLine =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: ClusterObject }
  | {
      readonly type: 'BOOKMARK';
      readonly resourceVersion: string;
      /** The initial state that was asked for is complete. */
      readonly isInitialEnd: boolean;
    }
  | { readonly type: 'ERROR'; readonly status: ApiStatus };

const INITIAL_END = 'k8s.io/initial-events-end';

/** A parsed line of a watch of `resource`; undefined if it is none that corespan knows. Never throws. */
export function toWatchLine(resource: Resource, json: unknown): WatchLine | undefined {
  const type = textAt(json, 'type') ?? '';
  const object = property(json, 'object');
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED': {
      const kept = toClusterObject(resource, object);
      return kept === undefined ? undefined : { type, object: kept };
    }
    case 'BOOKMARK':
      return toBookmark(property(object, 'metadata'));
    case 'ERROR':
      return { type, status: toApiStatus(object, 500) };
    default:
      return undefined;
  }
}

function toBookmark(metadata: unknown): WatchLine | undefined {
  const resourceVersion = textAt(metadata, 'resourceVersion');
  if (resourceVersion === undefined) return undefined;
  return {
    type: 'BOOKMARK',
    resourceVersion: copyText(resourceVersion),
    isInitialEnd: textAt(property(metadata, 'annotations'), INITIAL_END) === 'true',
  };
}
