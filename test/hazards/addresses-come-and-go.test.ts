/** Pods get, change and give up addresses, watched or not, and lines come early and late: nobody is ever named wrongly. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Change, PodObject } from '../../src/kube/objects.ts';
import { podObject } from '../support/objects.ts';
import { createTestPeers, list, put, remove } from '../support/peers.ts';
import { NOON } from '../support/queries.ts';

const PODS = ['a', 'b', 'c'] as const;
const ADDRESSES = ['10.244.1.5', '10.244.1.6'] as const;
/** The test's clock, in milliseconds after noon, begins here. */
const BEGIN = 10_000;

/** What happens to the cluster and to the watch, one after another. */
const pod = fc.constantFrom(...PODS);
const address = fc.constantFrom(...ADDRESSES);
const step = fc.record({
  pause: fc.integer({ min: 1, max: 8_000 }),
  happens: fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('start' as const), pod, address }) },
    {
      weight: 6,
      // The kubelet reports the first address of a pod a while after the pod began to use it.
      arbitrary: fc.record({ kind: fc.constant('get' as const), pod, address, reported: fc.nat(2_000) }),
    },
    {
      weight: 9,
      arbitrary: fc.record({ kind: fc.constantFrom('lose', 'stop', 'end', 'rename'), pod }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('break', 'relist') }) },
  ),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Hold {
  readonly pod: string;
  readonly address: string;
  readonly from: number;
  to: number;
}

interface Life {
  readonly pod: string;
  readonly from: number;
  to: number;
}

/** The true history, and what the watch told of it. */
interface World {
  readonly lives: readonly Life[];
  readonly holds: readonly Hold[];
  readonly changes: readonly Change[];
  readonly end: number;
}

function play(steps: readonly Step[]): World {
  const living = new Map<string, PodObject>();
  const lives: Life[] = [];
  const holds: Hold[] = [];
  const changes: Change[] = [list('pods', BEGIN)];
  const untold = new Set<string>();
  let isWatched = true;
  let now = BEGIN;

  function tell(change: Change): void {
    if (isWatched) changes.push(change);
  }
  function change(key: string, state: PodObject): void {
    living.set(key, state);
    tell(put(state, now));
  }
  function start(key: string, address: string): void {
    const name = `${key}${lives.length}`;
    lives.push({ pod: name, from: now, to: Infinity });
    // What is told first of a pod that begins unwatched says nothing of what came before: it has one address, at once.
    const isGiven = !isWatched && isFree(address);
    if (isGiven) holds.push({ pod: name, address, from: now, to: Infinity });
    if (!isWatched) untold.add(name);
    // The API writes start times in whole seconds.
    const started = Math.floor((NOON + now) / 1000) * 1000;
    change(key, podObject(name, { started, addresses: isGiven ? [address] : [] }));
  }
  function close(spans: readonly { readonly pod: string; to: number }[], name: string): void {
    for (const span of spans) if (span.pod === name && span.to === Infinity) span.to = now;
  }
  function isFree(address: string): boolean {
    return !holds.some((hold) => hold.address === address && hold.to === Infinity);
  }
  function hasHeld(name: string, address: string): boolean {
    return holds.some((hold) => hold.pod === name && hold.address === address);
  }
  function relist(): void {
    isWatched = true;
    untold.clear();
    tell(list('pods', now, ...living.values()));
  }

  for (const { pause, happens } of steps) {
    now += pause;
    if (!('pod' in happens)) {
      if (happens.kind === 'relist') relist();
      else isWatched = false;
      continue;
    }
    const state = living.get(happens.pod);
    if (state === undefined) {
      if (happens.kind === 'start') start(happens.pod, happens.address);
      continue;
    }
    switch (happens.kind) {
      case 'start':
        break;
      case 'get': {
        if (!isFree(happens.address) || untold.has(state.name)) break;
        // One that has its old address again after the outage had it all along, as far as anybody can know.
        if (!isWatched && hasHeld(state.name, happens.address)) break;
        close(holds, state.name);
        const isFirst = state.addresses.length === 0;
        const from = isFirst ? Math.max(now - happens.reported, now - pause) : now;
        holds.push({ pod: state.name, address: happens.address, from, to: Infinity });
        change(happens.pod, { ...state, addresses: [happens.address] });
        break;
      }
      case 'lose':
        if (untold.has(state.name)) break;
        close(holds, state.name);
        change(happens.pod, { ...state, addresses: [] });
        break;
      case 'stop':
        change(happens.pod, { ...state, deleted: NOON + now });
        break;
      case 'end':
        close(holds, state.name);
        close(lives, state.name);
        living.delete(happens.pod);
        tell(remove(state, now));
        break;
      case 'rename':
        change(happens.pod, { ...state, annotations: new Map([['service.name', `since-${now}`]]) });
        break;
    }
  }
  // Whoever is not told what happened cannot know: it ends with a complete state.
  now++;
  relist();
  return { lives, holds, changes, end: now };
}

interface Naming {
  readonly address: string;
  readonly at: number;
  readonly pod: string;
  readonly holder: string | undefined;
}

/** Who is named every half second and on both sides of every hand-over, by lines that come when everything was told. */
function nameAll({ holds, changes, end }: World): Naming[] {
  const peers = createTestPeers();
  for (const change of changes) peers.apply(change);
  const times = holds.flatMap(({ from, to }) => [from - 1, from, Math.min(to, end) - 1, Math.min(to, end)]);
  for (let at = BEGIN - 2_000; at < end + 1_000; at += 500) times.push(at);
  return ADDRESSES.flatMap((address) =>
    times.flatMap((at) => {
      const pod = peers.clientAt(address, at);
      const hold = holds.find((one) => one.address === address && isAt(one, at));
      return /^[abc]\d+$/.test(pod) ? [{ address, at, pod, holder: hold?.pod }] : [];
    }),
  );
}

function isAt({ from, to }: { readonly from: number; readonly to: number }, at: number): boolean {
  return from <= at && at < to;
}

/** Another one held the address; or nobody, and the pod was not about to get it either. */
function isWrong({ pod, holder, at }: Naming, { lives, holds }: World): boolean {
  if (holder !== undefined) return holder !== pod;
  const hasOther = holds.some((hold) => hold.pod === pod && isAt(hold, at));
  return (
    hasOther || !lives.some((life) => life.pod === pod && isAt({ ...life, from: life.from - 1_000 }, at))
  );
}

function findWrong(world: World): Naming[] {
  return nameAll(world).filter((naming) => isWrong(naming, world));
}

it('names only who held the address then, or was getting it from nobody (property)', () => {
  let named = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 40 }), (steps) => {
      const world = play(steps);
      named += nameAll(world).length;
      expect(findWrong(world)).toEqual([]);
    }),
    // Some 3 ms each; a wrong name takes four steps that fit together.
    { numRuns: 400 },
  );
  // It did look.
  expect(named).toBeGreaterThan(1_000);
});

it('finds the wrong name where the watch keeps back that a pod went (twin)', () => {
  const [old, next] = PODS;
  const [address] = ADDRESSES;
  const get = { kind: 'get', address, reported: 0 } as const;
  const world = play([
    { pause: 1, happens: { kind: 'start', pod: old, address } },
    { pause: 1, happens: { ...get, pod: old } },
    { pause: 5_000, happens: { kind: 'end', pod: old } },
    { pause: 1, happens: { kind: 'break' } },
    { pause: 1, happens: { kind: 'start', pod: next, address } },
    { pause: 5_000, happens: { kind: 'break' } },
  ]);
  expect(findWrong(world)).toEqual([]);
  const kept = world.changes.filter(({ type }) => type === 'put');
  expect(findWrong({ ...world, changes: kept })).not.toEqual([]);
});
