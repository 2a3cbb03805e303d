/** When lookups close: a wheel of time slots, so that neither waiting nor moving a deadline costs a search. */

export interface Timed {
  /** Milliseconds since the epoch; `set` again after it was moved. */
  due: number;
  isClosed: boolean;
  /** The wheel's own: the slot that it will look into. */
  slot: number | undefined;
}

export interface Deadlines<T extends Timed> {
  /** Takes note of a deadline, new or moved. Moving it later costs nothing now. */
  set(timed: T): void;
  /** Everything that is due at `clock`, roughly in order; the first call says where time begins. */
  take(clock: number): T[];
  /** The one that is due first, or nearly so: for closing early when there is no room. */
  takeFirst(): T | undefined;
  /** Everything; time begins anew. */
  takeAll(): T[];
}

/** Milliseconds a slot. */
const SLOT = 25;
/** 12.8 s round: longer than any lookup waits. */
const SLOTS = 512;

export function createDeadlines<T extends Timed>(): Deadlines<T> {
  const wheel: T[][] = Array.from({ length: SLOTS }, () => []);
  /** Every slot up to this one has been emptied; undefined before anybody said what time it is. */
  let reached: number | undefined;

  function toSlot(due: number): number {
    const slot = Math.ceil(due / SLOT);
    // Nobody has said yet what time it is: it is not later than one round before the first deadline.
    reached ??= slot - SLOTS;
    return Math.max(reached + 1, Math.min(slot, reached + SLOTS - 1));
  }

  function contentOf(slot: number): T[] {
    return wheel[((slot % SLOTS) + SLOTS) % SLOTS] ?? [];
  }

  /** A deadline that moved earlier stands in two slots; only the one it knows of counts. */
  function isLive(timed: T, slot: number): boolean {
    return !timed.isClosed && timed.slot === slot;
  }

  function set(timed: T): void {
    const slot = toSlot(timed.due);
    if (timed.slot !== undefined && timed.slot <= slot) return;
    timed.slot = slot;
    contentOf(slot).push(timed);
  }

  return {
    set,
    take(clock) {
      const target = Math.floor(clock / SLOT);
      reached ??= target;
      const due: T[] = [];
      // More than one round at once: every slot is looked into once.
      const last = Math.min(target, reached + SLOTS);
      const waiting: T[] = [];
      for (let slot = reached + 1; slot <= last; slot++) {
        for (const timed of contentOf(slot).splice(0)) {
          if (!isLive(timed, slot)) continue;
          timed.slot = undefined;
          if (timed.due <= clock) due.push(timed);
          else waiting.push(timed);
        }
      }
      reached = Math.max(reached, target);
      for (const timed of waiting) set(timed);
      return due;
    },
    takeFirst() {
      const from = reached ?? 0;
      for (let slot = from + 1; slot < from + SLOTS; slot++) {
        const content = contentOf(slot);
        for (let timed = content.shift(); timed !== undefined; timed = content.shift()) {
          if (isLive(timed, slot)) return timed;
        }
      }
      return undefined;
    },
    takeAll() {
      const all = new Set(wheel.flatMap((content) => content.splice(0)).filter((timed) => !timed.isClosed));
      reached = undefined;
      return [...all].sort((a, b) => a.due - b.due);
    },
  };
}
