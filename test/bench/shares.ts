/** Sums up a CPU profile: which function, and which room of src/, had which share of the time. */
import type { Profiler } from 'node:inspector';

export interface Share {
  readonly name: string;
  readonly share: number;
}

/** Time that a function had itself, callees left out. */
export interface OwnTime {
  readonly function: string;
  /** Room of src/, package, or what V8 calls its own work. */
  readonly room: string;
  /** With the file where it is ours. */
  readonly place: string;
  readonly share: number;
}

export function toShares({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): OwnTime[] {
  const times = new Map<number, number>();
  let total = 0;
  for (const [at, id] of samples.entries()) {
    const time = timeDeltas[at] ?? 0;
    times.set(id, (times.get(id) ?? 0) + time);
    total += time;
  }
  return nodes.map(({ id, callFrame }) => ({
    function: callFrame.functionName === '' ? '(a function without a name)' : callFrame.functionName,
    room: toRoom(callFrame),
    place: toPlace(callFrame),
    share: (times.get(id) ?? 0) / total,
  }));
}

export function byRoom(shares: readonly OwnTime[]): Share[] {
  return sumUp(shares, ({ room }) => room);
}

export function byFunction(shares: readonly OwnTime[]): Share[] {
  return sumUp(shares, (one) => `${one.function} ${one.place}`.trim());
}

/** The largest first; what had no time is left out. */
function sumUp(shares: readonly OwnTime[], toName: (one: OwnTime) => string): Share[] {
  const sums = new Map<string, number>();
  for (const one of shares) sums.set(toName(one), (sums.get(toName(one)) ?? 0) + one.share);
  return [...sums]
    .map(([name, share]) => ({ name, share }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
}

const OURS = /\/src\/(?:(\w+)\/)?(\w+\.ts)$/;
const PACKAGE = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

function toRoom({ url, functionName }: Profiler.ProfileNode['callFrame']): string {
  const [, room, file] = OURS.exec(url) ?? [];
  if (file !== undefined) return room ?? file;
  const [, name] = PACKAGE.exec(url) ?? [];
  if (name !== undefined) return name;
  if (url.startsWith('node:')) return 'node';
  return functionName.startsWith('(') ? functionName : 'the benchmark';
}

function toPlace({ url }: Profiler.ProfileNode['callFrame']): string {
  const [, room, file] = OURS.exec(url) ?? [];
  if (file !== undefined) return room === undefined ? file : `${room}/${file}`;
  return PACKAGE.exec(url)?.[1] ?? '';
}
