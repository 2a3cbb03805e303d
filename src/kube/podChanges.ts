/**
 * Makes one account of pods out of two watches: all pods with an address of their own, and the few NodeLocal
 * DNSCaches that the first selector leaves out.
 *
 * A `replace` tells that everything else is gone. So the caches are told one by one, and are put into every
 * `replace` of the others.
 */
import type { Change, ClusterObject } from './objects.ts';

export interface PodChanges {
  /** For the changes of the pods with an address of their own. */
  readonly main: (change: Change) => void;
  /** For the changes of the caches. */
  readonly caches: (change: Change) => void;
}

export function createPodChanges(accept: (change: Change) => void): PodChanges {
  let caches = new Map<string, ClusterObject>();
  return {
    main(change) {
      if (change.type !== 'replace' || caches.size === 0) accept(change);
      else accept({ ...change, objects: [...change.objects, ...caches.values()] });
    },
    caches(change) {
      switch (change.type) {
        case 'put':
          caches.set(change.object.uid, change.object);
          accept(change);
          break;
        case 'delete':
          caches.delete(change.object.uid);
          accept(change);
          break;
        case 'replace': {
          const { at } = change;
          const before = caches;
          caches = new Map(change.objects.map((object) => [object.uid, object]));
          for (const [uid, object] of before) if (!caches.has(uid)) accept({ type: 'delete', at, object });
          for (const object of caches.values()) accept({ type: 'put', at, object });
          break;
        }
      }
    },
  };
}
