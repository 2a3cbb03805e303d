/** Traffic with its ground truth: whoever asks, every lookup is written down as the program knew it. */
import type { TrueLookup } from '../support/truth.ts';
import type { RealPod } from './kubelet.ts';
import type { Asked, Resolver, ResolverPrograms } from './resolvers.ts';
import type { Sandbox } from './sandbox.ts';
import type { Ends, Wish } from './trafficNames.ts';
import { type Sent, toReverseName, toSent } from './trafficWalk.ts';
import { until } from './until.ts';

/** Who asks, and what the DNS servers can know of it. */
export interface Client {
  readonly sandbox: Sandbox;
  /** `namespace/pod`, or the reason why nobody can be named. */
  readonly identity: string;
  /** The graph's client. */
  readonly workload: Ends;
  /** What the first DNS server sees. */
  readonly address: string;
  /** Of the search path; undefined where there is none. */
  readonly namespace: string | undefined;
  readonly asks: 'coredns' | 'node-cache';
  /** Where dig asks, for places without a resolv.conf of the cluster. */
  readonly server?: string;
  /** undefined for a process of the host network. */
  readonly pod: RealPod | undefined;
}

export interface TrafficLookup extends TrueLookup {
  readonly by: Client;
  readonly resolver: Resolver;
  readonly wish: Wish;
  /** What must have been sent; failing names more than once. */
  readonly sent: readonly Sent[];
  /** What was answered, from programs that tell it. */
  readonly address: string | undefined;
}

export interface Traffic {
  /** Everything that was looked up so far. */
  readonly lookups: readonly TrafficLookup[];
  /** Asks, so many at once; rejects if a program was told something else than the wish promises. */
  ask(by: Client, resolver: Resolver, wishes: readonly Wish[], atOnce?: number): Promise<void>;
  /** Asks by dig, again and again, until the answer is what the wish promises: servers learn of changes late. */
  askUntil(by: Client, wish: Wish): Promise<void>;
  /** Asks once, and takes the outcome as it comes; resolves to it. */
  observe(by: Client, resolver: Resolver, wish: Wish): Promise<Asked['outcome']>;
}

export function createTraffic(programs: ResolverPrograms): Traffic {
  const lookups: TrafficLookup[] = [];

  function askBy(by: Client, resolver: Resolver, wishes: readonly Wish[], atOnce = 1): Promise<Asked[]> {
    const { sandbox, server } = by;
    const place = { sandbox, resolver, ...(server !== undefined && { server }) };
    return programs.ask(place, wishes, atOnce);
  }

  async function observe(by: Client, resolver: Resolver, wish: Wish): Promise<Asked['outcome']> {
    const [one] = await askBy(by, resolver, [wish]);
    if (one === undefined) throw new Error(`${wish.name} was not asked`);
    const { outcome } = one;
    // A name that is not there leads nowhere, and is looked for up to the end of the search path.
    const isSame = outcome === wish.outcome;
    const lost = outcome === 'success' ? {} : { answered: undefined };
    const met = isSame ? wish : { ...wish, ...lost, outcome };
    lookups.push(toLookup({ by, resolver, wish: met }, one));
    return outcome;
  }

  return {
    lookups,
    async ask(by, resolver, wishes, atOnce) {
      const asked = toInterchangeable(await askBy(by, resolver, wishes, atOnce));
      for (const [number, wish] of wishes.entries()) {
        const one = asked[number];
        if (one === undefined) throw new Error(`${wish.name} was not asked`);
        lookups.push(toLookup({ by, resolver, wish }, one));
      }
    },

    async askUntil(by, wish) {
      await until(`${wish.outcome} for ${wish.name}`, async () => {
        return (await observe(by, 'dig', wish)) === wish.outcome || undefined;
      });
    },

    observe,
  };
}

/**
 * Of lookups of one pod for one name at one time nothing tells whose step is whose: each has the time of all that
 * overlap. Of lookups one after another this changes nothing.
 */
function toInterchangeable(asked: readonly Asked[]): Asked[] {
  const latest = new Map<string, { start: number; end: number }>();
  const times = asked
    .toSorted((a, b) => a.start - b.start)
    .map((one) => {
      const key = `${one.asking.type} ${one.asking.name}`;
      const open = latest.get(key);
      const span = open !== undefined && one.start <= open.end ? open : { start: one.start, end: one.end };
      span.end = Math.max(span.end, one.end);
      latest.set(key, span);
      return [one, span] as const;
    });
  const byAsked = new Map(times);
  return asked.map((one) => ({ ...one, ...byAsked.get(one) }));
}

export function toPodClient(pod: RealPod, workload: string, asks: Client['asks'] = 'coredns'): Client {
  return {
    sandbox: pod.sandbox,
    identity: `${pod.namespace}/${pod.name}`,
    workload: { name: workload, namespace: pod.namespace },
    address: pod.address,
    namespace: pod.namespace,
    asks,
    pod,
  };
}

function toLookup(
  { by, resolver, wish }: Pick<TrafficLookup, 'by' | 'resolver' | 'wish'>,
  { start, end, outcome, address }: Asked,
): TrafficLookup {
  const expected = wish.said ?? wish.outcome;
  // dig reads the header, as the log does.
  const isAsExpected = outcome === expected || (resolver === 'dig' && outcome === wish.outcome);
  if (!isAsExpected) {
    throw new Error(`${by.identity} by ${resolver}: ${wish.name} ${wish.type}: ${outcome}, not ${expected}`);
  }
  const { name, type } = wish;
  return {
    start,
    end,
    client: by.identity,
    asked: (type === 'PTR' ? toReverseName(name) : name).replace(/\.$/, ''),
    type: type.includes('+') ? undefined : type,
    outcome: wish.outcome,
    by,
    resolver,
    wish,
    sent: toSent({ resolver, ...wish, namespace: by.namespace }),
    address,
  };
}
