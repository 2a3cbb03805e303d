/** A memory limit as a container has one: a control group of its own for a process, of either generation. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

export interface MemoryLimit {
  /** The process, and whatever it starts from now on, stays within the limit. */
  hold(pid: number): void;
  /** How often the kernel has killed a process because of it. */
  kills(): number;
  /** Once its processes are gone. Idempotent. */
  remove(): Promise<void>;
}

const NAME = 'corespan-realstack';

interface Generation {
  readonly root: string;
  /** File whose presence tells that limits can be set. */
  readonly limit: string;
  readonly counts: string;
}

const GENERATIONS: readonly Generation[] = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', counts: 'memory.oom_control' },
  { root: '/sys/fs/cgroup', limit: 'memory.max', counts: 'memory.events' },
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

  return {
    hold: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    kills() {
      const [, count = '0'] =
        /^oom_kill (\d+)/m.exec(readFileSync(join(folder, generation.counts), 'utf8')) ?? [];
      return Number(count);
    },
    async remove() {
      if (!existsSync(folder)) return;
      await until(`the end of what runs in ${folder}`, () => {
        rmdirSync(folder);
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
