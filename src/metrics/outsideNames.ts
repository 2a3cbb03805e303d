/** Bounds how many different names outside the cluster the graph shows; what comes later leads to `external`. */
import type { Target } from '../records/peer.ts';

export interface OutsideNames {
  /** The target itself; EXTERNAL if it is one name outside the cluster too many. */
  fold(target: Target): Target | typeof EXTERNAL;
  /** An edge leads there now. */
  took(name: string, namespace: string): void;
  /** An edge leads there no more. */
  gave(name: string, namespace: string): void;
}

/** Where names lead that are too many to be told apart. */
export const EXTERNAL = { name: 'external', namespace: '' } as const;

export function createOutsideNames(max: number): OutsideNames {
  /** How many edges lead to each. */
  const uses = new Map<string, number>();
  return {
    fold(target) {
      const isOneTooMany = target.class === 'external' && uses.size >= max && !uses.has(target.name);
      return isOneTooMany ? EXTERNAL : target;
    },
    took(name, namespace) {
      if (namespace === '') uses.set(name, (uses.get(name) ?? 0) + 1);
    },
    gave(name, namespace) {
      if (namespace !== '') return;
      const left = (uses.get(name) ?? 1) - 1;
      if (left > 0) uses.set(name, left);
      else uses.delete(name);
    },
  };
}
