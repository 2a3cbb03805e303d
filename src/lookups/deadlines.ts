/**
 * When lookups close: a wheel of time slots, so that neither waiting nor moving a deadline costs a search.
 *
 * What stands in one slot is linked, so that it leaves without a search too: most lookups close 6 s before their first
 * deadline, and a slot that kept them until then would hold most of the memory.
 */

export interface Timed<T> {
  /** Milliseconds since the epoch; `set` again after it was moved. */
  due: number;
  /** The wheel's own: the slot that it stands in, `NO_SLOT` at first, and who stands before and behind it there. */
  slot: number;
  before: T | undefined;
  behind: T | undefined;
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
/** 12.8 s round: longer than any lookup waits; a power of two. */
const SLOTS = 512;
export const NO_SLOT = -1;
const NOTHING: readonly never[] = [];

interface Slot<T> {
  first: T | undefined;
  last: T | undefined;
}

export function createDeadlines<T extends Timed<T>>(): Deadlines<T> {
  const wheel: Slot<T>[] = Array.from({ length: SLOTS }, () => ({ first: undefined, last: undefined }));
  /** As many slots after the epoch: everything up to there has been taken; undefined before anybody said what time it is. */
  let reached: number | undefined;
  /** Where on the wheel that is. A remainder of numbers beyond 2³¹ is a call into C, so it is taken once a slot. */
  let hand = 0;

  function reach(slot: number): void {
    reached = slot;
    hand = ((slot % SLOTS) + SLOTS) % SLOTS;
  }

  /** How many slots `due` lies ahead of what has been reached: at least one, and less than a round. */
  function toDistance(due: number): number {
    const slot = Math.ceil(due / SLOT);
    // Nobody has said yet what time it is: it is not later than one round before the first deadline.
    if (reached === undefined) reach(slot - SLOTS);
    return Math.max(1, Math.min(slot - (reached ?? 0), SLOTS - 1));
  }

  function slotAt(distance: number): number {
    return (hand + distance) & (SLOTS - 1);
  }

  function set(timed: T): void {
    const distance = toDistance(timed.due);
    if (timed.slot !== NO_SLOT && ((timed.slot - hand) & (SLOTS - 1)) <= distance) return;
    forget(timed);
    add(timed, slotAt(distance));
  }

  function add(timed: T, slot: number): void {
    const content = wheel[slot];
    if (content === undefined) return;
    timed.slot = slot;
    timed.before = content.last;
    if (content.last === undefined) content.first = timed;
    else content.last.behind = timed;
    content.last = timed;
  }

  function forget(timed: T): void {
    const content = wheel[timed.slot];
    if (content === undefined) return;
    const { before, behind } = timed;
    if (before === undefined) content.first = behind;
    else before.behind = behind;
    if (behind === undefined) content.last = before;
    else behind.before = before;
    timed.slot = NO_SLOT;
    timed.before = undefined;
    timed.behind = undefined;
  }

  /** The first one of a slot, which then stands nowhere. */
  function takeFrom(slot: number): T | undefined {
    const timed = wheel[slot]?.first;
    if (timed !== undefined) forget(timed);
    return timed;
  }

  return {
    set,
    forget,
    take(clock) {
      const target = Math.floor(clock / SLOT);
      if (reached === undefined) reach(target);
      // Asked for each query; time enters a new slot once for some hundred of them.
      const passing = target - (reached ?? target);
      if (passing <= 0) return NOTHING;
      const due: T[] = [];
      // More than one round at once: every slot is looked into once.
      const passed = Math.min(passing, SLOTS);
      const waiting: T[] = [];
      for (let distance = 1; distance <= passed; distance++) {
        const slot = slotAt(distance);
        for (let timed = takeFrom(slot); timed !== undefined; timed = takeFrom(slot)) {
          if (timed.due <= clock) due.push(timed);
          else waiting.push(timed);
        }
      }
      reach(target);
      for (const timed of waiting) set(timed);
      return due;
    },
    takeFirst() {
      for (let distance = 1; distance < SLOTS; distance++) {
        const timed = takeFrom(slotAt(distance));
        if (timed !== undefined) return timed;
      }
      return undefined;
    },
    takeAll() {
      const all: T[] = [];
      for (let slot = 0; slot < SLOTS; slot++) {
        for (let timed = takeFrom(slot); timed !== undefined; timed = takeFrom(slot)) all.push(timed);
      }
      reached = undefined;
      return all.sort((a, b) => a.due - b.due);
    },
  };
}
