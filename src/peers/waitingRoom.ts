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
  readonly size: number;
}

interface Guest {
  readonly query: Query;
  readonly until: number;
}

/** More than this many queries do not wait at once: at 10,000 queries/s a new deployment must not fill memory. */
const MAX_GUESTS = 20_000;
/** Addresses for which nobody came stay strangers for a while, so that SNAT traffic is not delayed for ever. */
const STRANGER_MS = 10 * 60_000;
const MAX_STRANGERS = 10_000;

export function createWaitingRoom(graceMs: number): WaitingRoom {
  let guests: Guest[] = [];
  const called = new Set<string>();
  /** Until when, by the log's clock; in the order in which they became strangers. */
  const strangers = new Map<string, number>();

  function isStranger(address: string, now: number): boolean {
    return now < (strangers.get(address) ?? -Infinity);
  }

  function addStranger(address: string, now: number): void {
    strangers.delete(address);
    strangers.set(address, now + STRANGER_MS);
    const [oldest] = strangers.keys();
    if (oldest !== undefined && strangers.size > MAX_STRANGERS) strangers.delete(oldest);
  }

  return {
    hold(query, now) {
      const until = query.time + graceMs;
      if (until <= now || guests.length >= MAX_GUESTS || isStranger(query.client, now)) return false;
      guests.push({ query, until });
      return true;
    },
    call(address) {
      strangers.delete(address);
      if (guests.length > 0) called.add(address);
    },
    due(now) {
      if (guests.length === 0 || (called.size === 0 && (guests[0]?.until ?? Infinity) > now)) return [];
      const ready: Query[] = [];
      const rest: Guest[] = [];
      for (const guest of guests) {
        const { client } = guest.query;
        if (called.has(client) || guest.until <= now) ready.push(guest.query);
        else rest.push(guest);
        if (guest.until <= now && !called.has(client)) addStranger(client, now);
      }
      guests = rest;
      called.clear();
      return ready;
    },
    clear() {
      const ready = guests.map((guest) => guest.query);
      guests = [];
      return ready;
    },
    all: () => guests.map((guest) => guest.query),
    get size() {
      return guests.length;
    },
  };
}
