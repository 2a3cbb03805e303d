/**
 * Holds every query for a moment, so that what belongs together is seen together.
 *
 * CoreDNS writes a line after the answer went out: the line of one query can come after the line of the query
 * that its answer caused (measured: 0.7 ms late on a busy machine). And the line for the target of a CNAME is
 * written before the line of the query that asked for it, with the same client, port and id
 * (plugin/pkg/upstream). So queries wait at least `AFTER_END`, leave in the order of their start, and an outer
 * line takes its inner lines along.
 */
import type { Peer, Target } from '../records/peer.ts';
import { isSameName, type Query, startOf } from '../records/query.ts';
import { createOrderedQueue } from './orderedQueue.ts';
import type { HeldQuery } from './state.ts';

export interface Settling {
  hold(query: Query, client: Peer, target: Target): HeldQuery;
  /** The next query whose wait is over at `clock`, in order of start. */
  next(clock: number): HeldQuery | undefined;
  all(): Iterable<HeldQuery>;
  size(): number;
}

/** Milliseconds that a query waits after its end for the line around it and for lines that come late. */
const AFTER_END = 20;
/** Milliseconds by which a query may be sorted before its end. */
const REACH = 30;
/** Milliseconds between a query's place in the queue and its leaving. */
const UNTIL_RELEASE = REACH + AFTER_END;
/**
 * What an inner line may stand out by: lines are stamped one after the other (measured: 2.3 ms on a busy machine; of two
 * processes up to 14). More would let a client that never changes its port and id hide what it asks one after the other.
 */
const TOLERANCE = 20;
/**
 * A chain of CNAMEs that CoreDNS chases is at most this long (plugin/kubernetes maxCNAMEs is 10), with what its links have
 * taken along: nobody hides more behind one question.
 */
const MAX_INNER = 10;
const NONE: readonly Query[] = [];
/**
 * Places for the newest query of a port and id; a power of two. Two queries in one place: the older is forgotten, and is
 * no inner line then. At 10,000 queries/s that befalls some 0.3 % of inner lines that come 2.3 ms before their outer one
 * (derived).
 */
const PLACES = 8192;
/** Milliseconds between the ends of an inner and an outer line: longer, and the inner one has left. */
const MAX_APART = UNTIL_RELEASE + TOLERANCE;
/** Held queries that are searched for inner lines: 100 ms of them at 10,000 queries/s. */
const MAX_LOOKED_AT = 1024;

export function createSettling(): Settling {
  const queue = createOrderedQueue<HeldQuery>();
  /** Port and id of the newest query in each place, and its end: a number keeps nothing alive and costs no look. */
  const keys = new Int32Array(PLACES);
  const ends = new Float64Array(PLACES);

  /** Finds the inner lines of `held`, and makes it known to an outer one. */
  function relate(held: HeldQuery): void {
    const { port, id, time } = held.query;
    // DoH and DoQ ask everything with id 0 (RFC 8484 4.1, RFC 9250 4.2.1): there it tells nothing.
    if (id === undefined || id === 0) return;
    const place = (Math.imul(port, 31) + id) & (PLACES - 1);
    const key = (port << 16) | id;
    const isAgain = keys[place] === key && time - (ends[place] ?? 0) < MAX_APART;
    keys[place] = key;
    ends[place] = time;
    if (isAgain) takeInner(held);
  }

  /** Marks the lines that `outer` encloses. They were written just before it: the newest are looked at first. */
  function takeInner(outer: HeldQuery): void {
    let left = MAX_INNER - outer.inner.length;
    const oldest = Math.max(0, queue.size() - MAX_LOOKED_AT);
    for (let at = queue.size() - 1; at >= oldest && left > 0; at--) {
      const held = queue.at(at);
      if (held === undefined || held === outer || held.isInner || held.inner.length >= left) continue;
      if (!isInside(held, outer)) continue;
      held.isInner = true;
      outer.inner = [...held.inner, held.query, ...outer.inner];
      left -= 1 + held.inner.length;
    }
  }

  return {
    hold(query, client, target) {
      const held: HeldQuery = {
        query,
        client,
        target,
        nxdomain: undefined,
        inner: NONE,
        hop: undefined,
        isInner: false,
        phase: 'settling',
        next: undefined,
      };
      queue.insert(held, toPlace(held));
      relate(held);
      return held;
    },
    next(clock) {
      const held = queue.at(0);
      if (held === undefined || queue.firstOrder() + UNTIL_RELEASE > clock) return undefined;
      queue.shift();
      held.phase = 'open';
      return held;
    },
    *all() {
      for (let at = 0; at < queue.size(); at++) {
        const held = queue.at(at);
        if (held !== undefined) yield held;
      }
    },
    size: queue.size,
  };
}

/** Where a query stands in the queue: its start, but a long query does not jump the queue by its whole duration. */
function toPlace({ query }: HeldQuery): number {
  return Math.max(startOf(query), query.time - REACH);
}

/** The moment at which a query leaves: everything that belongs beside it has been read by then. */
export function toRelease(held: HeldQuery): number {
  return toPlace(held) + UNTIL_RELEASE;
}

/** Same client, port, id and server, another name, nested in time. */
function isInside(inner: HeldQuery, outer: HeldQuery): boolean {
  const a = inner.query;
  const b = outer.query;
  return (
    a.id === b.id &&
    a.port === b.port &&
    a.client === b.client &&
    a.file === b.file &&
    a.question.qtype === b.question.qtype &&
    !isSameName(a.question, b.question) &&
    a.duration <= b.duration &&
    a.time <= b.time + TOLERANCE &&
    startOf(a) >= startOf(b) - TOLERANCE
  );
}
