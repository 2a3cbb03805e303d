/** Sums up a CPU profile: which function, and which room of src/, had which share of the time. */
import type { Profiler } from 'node:inspector';
import { basename } from 'node:path';

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

/** Below it a share of 1 % is some 30 samples, and the next run tells another one. */
const FEWEST_SAMPLES = 3_000;

/** The profile less what the profiler had itself: whatever was sampled within `Session.post`. */
export function withoutProfiler(profile: Profiler.Profile): Profiler.Profile {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const profiler = findBelow(nodes, nodes.filter(isProfiler));
  const isKept = (_: number, at: number): boolean => !profiler.has(samples[at] ?? 0);
  return { ...profile, samples: samples.filter(isKept), timeDeltas: timeDeltas.filter(isKept) };
}

/** Says so where there are too few samples to believe the shares. */
export function toDoubt({ samples = [] }: Profiler.Profile): string | undefined {
  if (samples.length >= FEWEST_SAMPLES) return undefined;
  return `Only ${samples.length} samples, fewer than ${FEWEST_SAMPLES}: small shares are chance. More lines give more samples.`;
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
    function: callFrame.functionName === '' ? NAMELESS : callFrame.functionName,
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

/** The first of them, and all that follow as one, so that the list still adds up. */
export function toFirst(shares: readonly Share[], most: number): Share[] {
  const rest = shares.slice(most);
  if (rest.length === 0) return [...shares];
  const share = rest.reduce((sum, one) => sum + one.share, 0);
  return [...shares.slice(0, most), { name: 'others', share }];
}

function isProfiler({ callFrame: { functionName, url } }: Profiler.ProfileNode): boolean {
  return functionName === 'post' && url.startsWith('node:inspector');
}

/** Ids of `tops` and of all that was called by them. */
function findBelow(
  nodes: readonly Profiler.ProfileNode[],
  tops: readonly Profiler.ProfileNode[],
): Set<number> {
  const children = new Map(nodes.map((node) => [node.id, node.children ?? []]));
  const found = new Set(tops.map(({ id }) => id));
  // A Set is walked to its end even while it grows.
  for (const id of found) for (const child of children.get(id) ?? []) found.add(child);
  return found;
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

const NAMELESS = '(a function without a name)';
// The last /src/ of a path: the checkout may itself lie in one.
const OURS = /^.*\/src\/(?:(\w+)\/)?(\w+\.ts)$/;
const PACKAGE = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

function toRoom({ url, functionName }: Profiler.ProfileNode['callFrame']): string {
  const [, room, file] = OURS.exec(url) ?? [];
  if (file !== undefined) return room ?? file;
  const [, name] = PACKAGE.exec(url) ?? [];
  if (name !== undefined) return name;
  if (url.startsWith('node:')) return 'node';
  return functionName.startsWith('(') ? functionName : 'the benchmark';
}

/** Only a function without a name is told by its line: lines of the others would be one more thing to grow old. */
function toPlace({ functionName, url, lineNumber }: Profiler.ProfileNode['callFrame']): string {
  const file = toFile(url);
  // V8 counts lines from 0; what stands in a module outside of any function is at -1.
  if (functionName !== '' || url === '' || lineNumber < 0) return file;
  const elsewhere = url.startsWith('node:') ? url : basename(url);
  return `${file === '' ? elsewhere : file}:${lineNumber + 1}`;
}

function toFile(url: string): string {
  const [, room, file] = OURS.exec(url) ?? [];
  if (file !== undefined) return room === undefined ? file : `${room}/${file}`;
  return PACKAGE.exec(url)?.[1] ?? '';
}
