/** Bounds how many different names outside the cluster the graph shows; what comes later leads to `external`. */
import type { Target } from '../records/peer.ts';
import type { End } from './ends.ts';

export interface OutsideNames {
  /** True if `target`, whose end is `server`, is one name outside the cluster too many. */
  isTooMany(target: Target, server: End): boolean;
  /** The first edge leads to `server` now. */
  took(server: End): void;
  /** No edge leads to `server` any more. */
  gave(server: End): void;
}

/** Where names lead that are too many to be told apart. */
export const EXTERNAL = { name: 'external', namespace: '' } as const;

export function createOutsideNames(max: number): OutsideNames {
  let shown = 0;
  return {
    isTooMany: (target, server) => target.class === 'external' && shown >= max && server.edges === 0,
    took({ namespace }) {
      if (namespace === '') shown++;
    },
    gave({ namespace }) {
      if (namespace === '') shown--;
    },
  };
}
