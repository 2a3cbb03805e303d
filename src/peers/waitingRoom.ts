/** Where queries wait, briefly, for the change that names their client. */
import type { Query } from '../records/query.ts';

export interface WaitingRoom {
  /** Takes the query in unless waiting is pointless; false means that it has to be resolved as it stands. */
  hold(query: Query, now: number): boolean;
  /** A change named this address: its queries need wait no longer. */
  call(address: string): void;
  /** Queries whose address was called or whose time is up, in the order they came. */
  due(now: number): readonly Query[];
  /** Everybody out. */
  clear(): readonly Query[];
  all(): Iterable<Query>;
  size(): number;
}

interface Guest {
  readonly query: Query;
  /** Never further ahead than the grace, of whatever time is told: a line may be stamped with tomorrow. */
  until: number;
}

/** More than this many queries do not wait at once: at 10,000 queries/s a new deployment must not fill memory. */
const MAX_GUESTS = 20_000;
/** Addresses for which nobody came stay strangers for a while, so that SNAT traffic is not delayed for ever. */
const STRANGER_MS = 10 * 60_000;
const MAX_STRANGERS = 10_000;

export function createWaitingRoom(graceMs: number): WaitingRoom {
  let guests: Guest[] = [];
  /** When the first of them has to go. */
  let earliest = Infinity;
  /** What time it was when somebody last said. */
  let told = -Infinity;
  const called = new Set<string>();
  /** Until when, by the log's clock; in the order in which they became strangers. */
  const strangers = new Map<string, number>();

  function isStranger(address: string, now: number): boolean {
    const until = strangers.get(address);
    return until !== undefined && now < until && until <= now + STRANGER_MS;
  }

  function addStranger(address: string, now: number): void {
    strangers.delete(address);
    strangers.set(address, now + STRANGER_MS);
    const [oldest] = strangers.keys();
    if (oldest !== undefined && strangers.size > MAX_STRANGERS) strangers.delete(oldest);
  }

  return {
    hold(query, now) {
      const until = Math.min(query.time, now) + graceMs;
      if (until <= now || guests.length >= MAX_GUESTS || isStranger(query.client, now)) return false;
      guests.push({ query, until });
      earliest = Math.min(earliest, until);
      told = now;
      return true;
    },
    call(address) {
      strangers.delete(address);
      if (guests.length > 0) called.add(address);
    },
    due(now) {
      const isSetBack = now < told;
      told = now;
      if (guests.length === 0 || (called.size === 0 && earliest > now && !isSetBack)) return [];
      const ready: Query[] = [];
      const rest: Guest[] = [];
      earliest = Infinity;
      for (const guest of guests) {
        const { client } = guest.query;
        const isOver = guest.until <= now;
        if (isOver || called.has(client)) ready.push(guest.query);
        else {
          guest.until = Math.min(guest.until, now + graceMs);
          earliest = Math.min(earliest, guest.until);
          rest.push(guest);
        }
        if (isOver && !called.has(client)) addStranger(client, now);
      }
      guests = rest;
      called.clear();
      return ready;
    },
    clear() {
      const ready = guests.map((guest) => guest.query);
      guests = [];
      earliest = Infinity;
      return ready;
    },
    all: () => guests.map((guest) => guest.query),
    size: () => guests.length,
  };
}
