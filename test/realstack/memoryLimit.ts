/** A memory limit as a container has one: a control group of its own for a process, of either generation. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

export interface MemoryLimit {
  readonly bytes: number;
  /** The process, and whatever it starts from now on, stays within the limit. */
  hold(pid: number): void;
  /** How often its processes ran into it, and the kernel had to look for pages that can be taken back. */
  hits(): number;
  /** How often the kernel has killed a process because of it. */
  kills(): number;
  /** Once its processes are gone; the counts stay. Idempotent. */
  remove(): Promise<void>;
}

const NAME = 'corespan-realstack';

interface Generation {
  readonly root: string;
  /** File whose presence tells that limits can be set. */
  readonly limit: string;
  /** File and pattern of each count. */
  readonly hits: readonly [string, RegExp];
  readonly kills: readonly [string, RegExp];
}

const GENERATIONS: readonly Generation[] = [
  {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    hits: ['memory.failcnt', /^(\d+)/],
    kills: ['memory.oom_control', /^oom_kill (\d+)/m],
  },
  {
    root: '/sys/fs/cgroup',
    limit: 'memory.max',
    hits: ['memory.events', /^max (\d+)/m],
    kills: ['memory.events', /^oom_kill (\d+)/m],
  },
];

/** False where the machine has no memory controller for us; a check that needs it says so by a skip. */
export function canLimitMemory(): boolean {
  return tryLimit(1 << 30) !== undefined;
}

/** Throws where `canLimitMemory` is false. */
export function limitMemory(bytes: number): MemoryLimit {
  removeLeftovers();
  const made = makeGroup(bytes);
  if (made === undefined) throw new Error('this machine offers no memory control groups');
  const { folder, generation } = made;
  const count = ([file, pattern]: readonly [string, RegExp]): number =>
    Number(pattern.exec(readFileSync(join(folder, file), 'utf8'))?.[1] ?? 0);
  let last = { hits: 0, kills: 0 };

  function look(): typeof last {
    if (existsSync(folder)) last = { hits: count(generation.hits), kills: count(generation.kills) };
    return last;
  }

  return {
    bytes,
    hold: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    hits: () => look().hits,
    kills: () => look().kills,
    async remove() {
      await until(`the end of what runs in ${folder}`, () => {
        look();
        // Another call may have been faster.
        if (existsSync(folder)) rmdirSync(folder);
        return true;
      });
    },
  };
}

let serial = 0;

function makeGroup(bytes: number): { readonly folder: string; readonly generation: Generation } | undefined {
  for (const generation of GENERATIONS) {
    const folder = join(generation.root, `${NAME}-${process.pid}-${serial++}`);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(folder, generation.limit), String(bytes));
      return { folder, generation };
    } catch {
      rmdirSync(folder);
    }
  }
  return undefined;
}

function tryLimit(bytes: number): true | undefined {
  const made = makeGroup(bytes);
  if (made === undefined) return undefined;
  rmdirSync(made.folder);
  return true;
}

/** Groups of killed runs: their owner is gone, and only an empty one lets itself be removed. */
function removeLeftovers(): void {
  for (const { root } of GENERATIONS) {
    if (!existsSync(root)) continue;
    for (const name of readdirSync(root)) {
      const [, owner] = /^corespan-realstack-(\d+)-\d+$/.exec(name) ?? [];
      if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
      try {
        rmdirSync(join(root, name));
      } catch {
        // Not empty yet, or someone else has been faster.
      }
    }
  }
}
