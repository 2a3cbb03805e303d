/**
 * What held under a key, from when to when: one life after another, sometimes two at once.
 *
 *     pay/api      [service──────)     [headless)[service─────▶
 *     10.96.0.20          [pay/api─────────)
 *                              [pay/web─────────────────▶
 *
 * Under each key stand the ended lives first, in the order of their ends, then the living ones in the order of their
 * beginnings. A walk from the back stops at the first life that had ended by then: what a look-up costs does not
 * grow with the past.
 */
import { type Moment, narrow, readFrom } from './moment.ts';
import { createQueue } from './queue.ts';

export interface Life<Value> {
  readonly key: string;
  readonly value: Value;
  readonly from: number;
  /** Infinity while it lasts. */
  to: number;
  /** How many say so (two slices may list one endpoint); the life ends with the last of them. */
  holders: number;
}

/** When something was told to be there; -Infinity: it was there when the watch began. */
export interface Sighting {
  readonly at: number;
  /** Since when it has been there by its own account; it counts if nobody was known under the key before. */
  readonly since: number | undefined;
}

export interface Lives<Value> {
  /** One more says that `value` holds under `key`. */
  hold(key: string, value: Value, seen: Sighting): void;
  /** One less says so. */
  release(key: string, value: Value, at: number): void;
  /** The life at that moment, the newest if there are several. */
  at(key: string, moment: Moment): Life<Value> | undefined;
  /** All lives at that moment, the newest first. */
  allAt(key: string, moment: Moment): Iterable<Life<Value>>;
  /** The last life that had ended by then. */
  lastBefore(key: string, moment: Moment): Life<Value> | undefined;
  /** The newest of those that last. */
  now(key: string): Life<Value> | undefined;
  /** Forgets lives that ended before `time`. */
  forgetBefore(time: number): void;
}

/** Beyond `maxEnded` the lives that ended first are forgotten. */
export function createLives<Value>(maxEnded: number): Lives<Value> {
  const byKey = new Map<string, Life<Value>[]>();
  const source = { generation: 0 };
  /** In the order in which their ends were told. */
  const ended = createQueue<Life<Value>>();

  function begin(key: string, value: Value, { at, since }: Sighting): void {
    const known = byKey.get(key);
    const isFirst = known === undefined || at === -Infinity;
    const from = isFirst ? Math.min(since ?? at, at === -Infinity ? Infinity : at) : at;
    const life = { key, value, from, to: Infinity, holders: 1 };
    if (known === undefined) byKey.set(key, [life]);
    else known.push(life);
    source.generation++;
  }

  function end(life: Life<Value>, at: number): void {
    life.to = at;
    moveToEnded(byKey.get(life.key) ?? [], life);
    ended.push(life);
    if (ended.size > maxEnded) forgetOldest();
    source.generation++;
  }

  function forgetOldest(): void {
    const oldest = ended.take();
    if (oldest === undefined) return;
    const known = byKey.get(oldest.key) ?? [];
    known.splice(known.indexOf(oldest), 1);
    if (known.length === 0) byKey.delete(oldest.key);
    source.generation++;
  }

  function* walk(known: readonly Life<Value>[], moment: Moment): Generator<Life<Value>> {
    for (let place = known.length - 1; place >= 0; place--) {
      const life = known[place];
      if (life === undefined) return;
      narrow(moment, life.to);
      if (life.to <= moment.time) return;
      narrow(moment, life.from);
      if (life.from <= moment.time) yield life;
    }
  }

  return {
    hold(key, value, seen) {
      const held = findLiving(byKey.get(key), value);
      if (held === undefined) begin(key, value, seen);
      else held.holders++;
    },
    release(key, value, at) {
      const held = findLiving(byKey.get(key), value);
      if (held === undefined) return;
      held.holders--;
      if (held.holders === 0) end(held, at);
    },
    at(key, moment) {
      readFrom(moment, source);
      const known = byKey.get(key);
      // Most names that are asked for are no Service's.
      if (known === undefined) return undefined;
      for (const life of walk(known, moment)) return life;
      return undefined;
    },
    allAt(key, moment) {
      readFrom(moment, source);
      const known = byKey.get(key);
      return known === undefined ? [] : walk(known, moment);
    },
    lastBefore(key, moment) {
      readFrom(moment, source);
      return byKey.get(key)?.findLast((life) => {
        narrow(moment, life.to);
        return life.to <= moment.time;
      });
    },
    now(key) {
      const last = byKey.get(key)?.at(-1);
      return last?.to === Infinity ? last : undefined;
    },
    forgetBefore(time) {
      while ((ended.first()?.to ?? Infinity) < time) forgetOldest();
    },
  };
}

function findLiving<Value>(known: readonly Life<Value>[] | undefined, value: Value): Life<Value> | undefined {
  if (known === undefined) return undefined;
  for (let place = known.length - 1; place >= 0; place--) {
    const life = known[place];
    if (life === undefined || life.to !== Infinity) return undefined;
    if (life.value === value) return life;
  }
  return undefined;
}

/** From among the living to its place among the ended; ends that are told out of order are put in order. */
function moveToEnded<Value>(known: Life<Value>[], life: Life<Value>): void {
  let place = known.lastIndexOf(life);
  for (; place > 0; place--) {
    const before = known[place - 1];
    if (before === undefined || before.to <= life.to) break;
    known[place] = before;
  }
  known[place] = life;
}
