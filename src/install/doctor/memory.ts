/** Is the memory limit of corespan one that it can live with? */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEAST_MEMORY } from '../heap.ts';
import type { Finding } from './rules.ts';

export interface MemoryUse {
  /** Whose: the container of a pod, or this process. */
  readonly where: string;
  /** Bytes; undefined if there is no limit. */
  readonly limit: number | undefined;
  /** Most bytes of the heap; undefined if nobody set it. */
  readonly heap: number | undefined;
  /** Pods that are watched. */
  readonly pods: number;
}

const MIB = 2 ** 20;
/**
 * While it is read: the peak of 50,000 pods (docs/adr/015) and what a busy log adds (docs/benchmarks.md, "Memory"), less
 * what corespan needs without pods. What is kept of one afterwards is half of it.
 */
const BYTES_PER_POD = 2_000;

export function examineMemory({ where, limit, heap, pods }: MemoryUse): Finding[] {
  if (limit === undefined) {
    return [
      { rule: 'memory-too-small', where, message: 'there is no limit: a leak would take the node', fix: FIX },
    ];
  }
  const needed = LEAST_MEMORY + pods * BYTES_PER_POD;
  const findings: Finding[] = [];
  if (limit < needed) {
    const message = `the limit of ${toText(limit)} is below the ${toText(needed)} that ${pods} watched pods take`;
    findings.push({ rule: 'memory-too-small', where, message, fix: FIX });
  }
  if (heap === undefined || heap > limit * 0.8) {
    const is = heap === undefined ? 'is left to Node' : `may grow to ${toText(heap)}`;
    const message = `the heap ${is} under a limit of ${toText(limit)}`;
    findings.push({ rule: 'heap-above-limit', where, message, fix: HEAP_FIX });
  }
  return findings;
}

/** Bytes, by version 2 of control groups or by version 1; undefined where neither is at `root`. */
export function readMemoryLimit(root: string): number | 'none' | undefined {
  const path = ['memory.max', 'memory/memory.limit_in_bytes']
    .map((name) => join(root, name))
    .find(existsSync);
  if (path === undefined) return undefined;
  const limit = Number(readFileSync(path, 'utf8'));
  // `max` in version 2, a number beyond all memory in version 1.
  return Number.isNaN(limit) || limit > Number.MAX_SAFE_INTEGER ? 'none' : limit;
}

const FIX = 'inject again with --memory-limit, or set resources.limits.memory in the values of the chart';
const HEAP_FIX = 'inject again: NODE_OPTIONS is then set by the limit';

function toText(bytes: number): string {
  return `${Math.ceil(bytes / MIB)}Mi`;
}
