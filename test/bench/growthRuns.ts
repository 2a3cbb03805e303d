/** What a line costs before and after something grows a hundredfold: the lines read so far, names, pods, or edges. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../support/corpus.ts';
import { CONTENDERS } from './contenders.ts';
import type { GoalName } from './goals.ts';
import { middleOf } from './report.ts';

/** What the lines of a log choose from. */
interface World {
  readonly pods: number;
  readonly names: number;
  /** One target for all names, or one each. */
  readonly leadTo: 'one_domain' | 'services';
}

/** 20 pods × 100 Services are 2,000 edges, as many as are drawn unless somebody wants more. */
const PAIRS = {
  names: [
    { pods: 20, names: 100, leadTo: 'one_domain' },
    { pods: 20, names: 10_000, leadTo: 'one_domain' },
  ],
  pods: [
    { pods: 100, names: 1, leadTo: 'services' },
    { pods: 10_000, names: 1, leadTo: 'services' },
  ],
  edges: [
    { pods: 20, names: 1, leadTo: 'services' },
    { pods: 20, names: 100, leadTo: 'services' },
  ],
} as const satisfies Record<string, readonly [World, World]>;

/** What grows, in words, and the goal that it is held against. */
export const GROWTHS = {
  lines: { says: 'lines read so far', goal: 'growthLines' },
  names: { says: 'names outside the cluster, from 100', goal: 'growthNames' },
  pods: { says: 'pods that ask, from 100', goal: 'growthPods' },
  edges: { says: 'edges, from 20', goal: 'growthEdges' },
} as const satisfies Record<'lines' | keyof typeof PAIRS, { readonly says: string; readonly goal: GoalName }>;

export type Growth = keyof typeof GROWTHS;

export interface GrowthOptions {
  /** In each pass over a log. */
  readonly lines: number;
  /** Passes that are compared. */
  readonly rounds: number;
}

/** Passes that do not count: in the first everything is new, and in a few more code is still compiled. */
const WARM_UP = 5;

/** CPU of a line after the growth ÷ before it. */
export async function measureGrowth(growth: Growth, options: GrowthOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'corespan-growth-'));
  try {
    return growth === 'lines' ? await toLater(folder, options) : await toLarger(folder, growth, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The hundredth pass over a log beside the first ones after warming up. */
async function toLater(folder: string, { lines, rounds }: GrowthOptions): Promise<number> {
  const read = startReading(join(folder, 'log'), lines, PAIRS.edges[1]);
  await repeat(WARM_UP, read);
  const early = await repeat(rounds, read);
  await repeat(100 - WARM_UP - rounds, read);
  return middleOf(await repeat(rounds, read)) / middleOf(early);
}

/** Two logs in turns, each by a pipeline of its own. */
async function toLarger(
  folder: string,
  growth: keyof typeof PAIRS,
  { lines, rounds }: GrowthOptions,
): Promise<number> {
  const [small, large] = PAIRS[growth];
  const before = startReading(join(folder, 'small'), lines, small);
  const after = startReading(join(folder, 'large'), lines, large);
  await repeat(WARM_UP, before);
  await repeat(WARM_UP, after);
  return middleOf(
    await repeat(rounds, async () => {
      const least = await before();
      return (await after()) / least;
    }),
  );
}

/** Each call reads the log once more, and resolves to its CPU seconds. */
function startReading(path: string, lines: number, world: World): () => Promise<number> {
  const clients = Array.from({ length: world.pods }, (_, pod) => toAddress(pod));
  writeFileSync(path, toLog(lines, world));
  const read = CONTENDERS.pipeline.start(clients);
  return async () => {
    const before = process.cpuUsage();
    await read(path);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
}

async function repeat(times: number, measure: () => Promise<number>): Promise<number[]> {
  const measured: number[] = [];
  for (let time = 0; time < times; time++) measured.push(await measure());
  return measured;
}

const BEGIN = Date.parse('2026-11-21T12:00:00Z');

/** 1,000 lookups a second, each of one query. */
function toLog(lines: number, { pods, names, leadTo }: World): string {
  const random = createRandom(1);
  const texts = Array.from({ length: lines }, (_, line) => {
    const time = new Date(BEGIN + line).toISOString();
    const client = `${toAddress(random.below(pods))}:${1024 + random.below(60_000)}`;
    const name = random.below(names);
    const qname = leadTo === 'services' ? `svc-${name}.pay.svc.cluster.local.` : `host-${name}.example.org.`;
    const question = `A IN ${qname} udp 60 false 1232`;
    return `${time} stdout F [INFO] ${client} - ${random.below(65_536)} "${question}" NOERROR qr,rd,ra 80 0.0002s\n`;
  });
  return texts.join('');
}

function toAddress(pod: number): string {
  return `10.244.${pod >> 8}.${pod & 255}`;
}
