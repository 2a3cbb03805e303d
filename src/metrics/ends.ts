/**
 * What stands at the ends of edges: one object for each name, whichever peer or target bears it, so that an edge is
 * found without building a text for each lookup.
 */
import { toKey } from './text.ts';

/** Whatever has a name on the graph: a peer, a target. Equal ones are one object mostly, and found by identity. */
export interface Named {
  readonly name: string;
  readonly namespace: string;
}

export interface End extends Named {
  /** Equal for all that bear the name. */
  readonly key: string;
  /** Edges that begin or end here; an end with edges is kept. */
  edges: number;
  /** True once it was let go: peers and targets may still lead here. */
  isForgotten: boolean;
}

export interface Ends<E extends End> {
  of(named: Named): E;
}

/** Ends without edges that are remembered: names without end may be asked for, and most never get an edge. */
const MAX_SPARE = 10_000;

/** `create` makes an end without edges. */
export function createEnds<E extends End>(create: (named: Named, key: string) => E): Ends<E> {
  const byName = new Map<string, E>();
  const byBearer = new WeakMap<Named, E>();
  let room = MAX_SPARE;

  function find(named: Named): E {
    const key = toKey(named.namespace, named.name);
    const end = byName.get(key) ?? add(create(named, key));
    byBearer.set(named, end);
    return end;
  }

  function add(end: E): E {
    if (byName.size >= room) letGo();
    byName.set(end.key, end);
    return end;
  }

  function letGo(): void {
    for (const end of byName.values()) {
      if (end.edges > 0) continue;
      end.isForgotten = true;
      byName.delete(end.key);
    }
    room = byName.size + MAX_SPARE;
  }

  return {
    of(named) {
      const known = byBearer.get(named);
      return known === undefined || known.isForgotten ? find(named) : known;
    },
  };
}
