/** When lookups close: a wheel of time slots, so that neither waiting nor moving a deadline costs a search. */

export interface Timed<T> {
  /** Milliseconds since the epoch; `set` again after it was moved. */
  due: number;
  /** The wheel's own: where it stands; undefined: nowhere. */
  entry: Entry<T> | undefined;
}

/**
 * A place in a slot. What has moved to an earlier one, or has closed, leaves its entry empty behind: most lookups close
 * 6 s before their first deadline, and a slot that kept them until then would hold most of the memory.
 */
export interface Entry<T> {
  readonly slot: number;
  timed: T | undefined;
}

export interface Deadlines<T extends Timed<T>> {
  /** Takes note of a deadline, new or moved. Moving it later costs nothing now. */
  set(timed: T): void;
  /** Lets go of what was closed before its time. */
  forget(timed: T): void;
  /** Everything that is due at `clock`, roughly in order; the first call says where time begins. */
  take(clock: number): readonly T[];
  /** The one that is due first, or nearly so: for closing early when there is no room. */
  takeFirst(): T | undefined;
  /** Everything; time begins anew. */
  takeAll(): T[];
}

/** Milliseconds a slot. */
const SLOT = 25;
/** 12.8 s round: longer than any lookup waits. */
const SLOTS = 512;
const NOTHING: readonly never[] = [];

export function createDeadlines<T extends Timed<T>>(): Deadlines<T> {
  const wheel: Entry<T>[][] = Array.from({ length: SLOTS }, () => []);
  /** Every slot up to this one has been emptied; undefined before anybody said what time it is. */
  let reached: number | undefined;

  function toSlot(due: number): number {
    const slot = Math.ceil(due / SLOT);
    // Nobody has said yet what time it is: it is not later than one round before the first deadline.
    reached ??= slot - SLOTS;
    return Math.max(reached + 1, Math.min(slot, reached + SLOTS - 1));
  }

  function contentOf(slot: number): Entry<T>[] {
    return wheel[((slot % SLOTS) + SLOTS) % SLOTS] ?? [];
  }

  function set(timed: T): void {
    const slot = toSlot(timed.due);
    if (timed.entry !== undefined && timed.entry.slot <= slot) return;
    forget(timed);
    timed.entry = { slot, timed };
    contentOf(slot).push(timed.entry);
  }

  function forget(timed: T): void {
    if (timed.entry !== undefined) timed.entry.timed = undefined;
    timed.entry = undefined;
  }

  /** What stands there, which then stands nowhere. */
  function takeFrom({ timed }: Entry<T>): T | undefined {
    if (timed !== undefined) timed.entry = undefined;
    return timed;
  }

  return {
    set,
    forget,
    take(clock) {
      const target = Math.floor(clock / SLOT);
      reached ??= target;
      // Asked for each query; time enters a new slot once for some hundred of them.
      if (target <= reached) return NOTHING;
      const due: T[] = [];
      // More than one round at once: every slot is looked into once.
      const last = Math.min(target, reached + SLOTS);
      const waiting: T[] = [];
      for (let slot = reached + 1; slot <= last; slot++) {
        for (const entry of contentOf(slot).splice(0)) {
          const timed = takeFrom(entry);
          if (timed === undefined) continue;
          if (timed.due <= clock) due.push(timed);
          else waiting.push(timed);
        }
      }
      reached = target;
      for (const timed of waiting) set(timed);
      return due;
    },
    takeFirst() {
      const from = reached ?? 0;
      for (let slot = from + 1; slot < from + SLOTS; slot++) {
        const content = contentOf(slot);
        for (let entry = content.shift(); entry !== undefined; entry = content.shift()) {
          const timed = takeFrom(entry);
          if (timed !== undefined) return timed;
        }
      }
      return undefined;
    },
    takeAll() {
      const all = wheel.flatMap((content) => content.splice(0)).flatMap((entry) => takeFrom(entry) ?? []);
      reached = undefined;
      return all.sort((a, b) => a.due - b.due);
    },
  };
}
