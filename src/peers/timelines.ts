/**
 * Lives under keys: what stood under each of them, from when to when; one life after another, sometimes two at once.
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
import { createShelves, isList, type Several, toList } from './shelves.ts';

export interface Life {
  readonly from: number;
  /** Undefined while it lasts: Infinity would be a number in a box of its own, 16 bytes for each that lives. */
  to: number | undefined;
}

/** When something was told to be there; -Infinity: it was there when the watch began. */
export interface Sighting {
  readonly at: number;
  /** Since when it has been there by its own account; it counts if nobody was known under the key before. */
  readonly since: number | undefined;
}

export interface Timelines<One extends Life> {
  /** Stands under its keys from now on. */
  begin(life: One): void;
  end(life: One, at: number): void;
  /** All that are known under a key, in their order. */
  under(key: string): readonly One[];
  /** The newest under a key that lasts and is `wanted`. */
  find(key: string, wanted: (life: One) => boolean): One | undefined;
  /** Those at that moment, the newest first. */
  allAt(key: string, moment: Moment): Iterable<One>;
  /** Those that had ended by then, the last first. */
  allBefore(key: string, moment: Moment): Iterable<One>;
  /** Those that last; a life with several keys comes as often. */
  living(): Iterable<One>;
  /** Forgets lives that ended before `time`. */
  forgetBefore(time: number): void;
}

/** Beyond `maxEnded` the lives that ended first are forgotten. The keys of a life never change. */
export function createTimelines<One extends Life>(
  maxEnded: number,
  keysOf: (life: One) => Iterable<string>,
): Timelines<One> {
  const shelves = createShelves<One>();
  const source = { generation: 0 };
  /** In the order in which their ends were told. */
  const ended = createQueue<One>();

  function forgetOldest(): void {
    const oldest = ended.take();
    if (oldest === undefined) return;
    for (const key of keysOf(oldest)) shelves.remove(key, oldest);
    source.generation++;
  }

  return {
    begin(life) {
      for (const key of keysOf(life)) shelves.add(key, life);
      source.generation++;
    },
    end(life, at) {
      life.to = at;
      for (const key of keysOf(life)) moveToEnded(shelves.get(key), life);
      ended.push(life);
      if (ended.size() > maxEnded) forgetOldest();
      source.generation++;
    },
    under: (key) => toList(shelves.get(key)),
    find(key, wanted) {
      const known = toList(shelves.get(key));
      for (let place = known.length - 1; place >= 0; place--) {
        const life = known[place];
        if (life === undefined || life.to !== undefined) return undefined;
        if (wanted(life)) return life;
      }
      return undefined;
    },
    allAt(key, moment) {
      readFrom(moment, source);
      const known = shelves.get(key);
      // Most names that are asked for are nobody's.
      return known === undefined ? [] : walk(known, moment);
    },
    allBefore(key, moment) {
      readFrom(moment, source);
      const known = shelves.get(key);
      return known === undefined ? [] : walkEnded(known, moment);
    },
    *living() {
      for (const key of shelves.keys()) {
        for (const life of toList(shelves.get(key))) if (life.to === undefined) yield life;
      }
    },
    forgetBefore(time) {
      for (let first = ended.first(); first !== undefined; first = ended.first()) {
        if ((first.to ?? Infinity) >= time) return;
        forgetOldest();
      }
    },
  };
}

/** When a life begins; `isFirst` says that nobody was known under the key before. */
export function toBeginning({ at, since }: Sighting, isFirst: boolean): number {
  if (at === -Infinity) return since ?? at;
  return isFirst ? Math.min(since ?? at, at) : at;
}

function* walk<One extends Life>(known: Several<One>, moment: Moment): Generator<One> {
  const list = toList(known);
  for (let place = list.length - 1; place >= 0; place--) {
    const life = list[place];
    if (life === undefined || hasEnded(life, moment)) return;
    narrow(moment, life.from);
    if (life.from <= moment.time) yield life;
  }
}

function* walkEnded<One extends Life>(known: Several<One>, moment: Moment): Generator<One> {
  const list = toList(known);
  for (let place = list.length - 1; place >= 0; place--) {
    const life = list[place];
    if (life !== undefined && hasEnded(life, moment)) yield life;
  }
}

function hasEnded({ to }: Life, moment: Moment): boolean {
  if (to === undefined) return false;
  narrow(moment, to);
  return to <= moment.time;
}

/** From among the living to its place among the ended; ends that are told out of order are put in order. */
function moveToEnded<One extends Life>(known: Several<One> | undefined, life: One): void {
  if (known === undefined || !isList(known)) return;
  let place = known.lastIndexOf(life);
  for (; place > 0; place--) {
    const before = known[place - 1];
    if (before === undefined || (before.to ?? Infinity) <= (life.to ?? Infinity)) break;
    known[place] = before;
  }
  known[place] = life;
}
