/** How much of a memory limit the heap of Node may have. */
import { parseMemory } from './quantities.ts';

/** Bytes that Node and the bundle need besides the heap, measured idle. */
const BESIDES_THE_HEAP = 64 * 2 ** 20;
/** The heap must be able to grow beyond a small cluster, and buffers beside it too. */
const SHARE = 0.62;

/** What corespan cannot start below: Node alone takes 57 MiB. */
export const LEAST_MEMORY = 96 * 2 ** 20;

/** MiB for `--max-old-space-size` under a memory limit: 96 of 160Mi, 158 of 256Mi. */
export function toHeapMegabytes(limit: string): number {
  const bytes = parseMemory(limit) ?? 0;
  return Math.max(16, Math.floor(Math.min(bytes * SHARE, bytes - BESIDES_THE_HEAP) / 2 ** 20));
}
