/** How the image starts Node: what the checks and benchmarks start it with, held against the Dockerfile by a test. */
import { toHeapMegabytes } from '../../src/install/heap.ts';

/** The memory that the image is made for where nobody tells it another limit. */
const LEAST_LIMIT = '160Mi';

/** glibc gives every thread an arena of its own, and V8's threads fill them in turn: 30 MB at 10,000 lines/s. */
export const SHIPPED_ENVIRONMENT = { MALLOC_ARENA_MAX: '1' };

/** The entry point sets the first; the image the other, and the manifests anew from the limit that they set. */
export function toShippedFlags(limit = LEAST_LIMIT): string[] {
  return ['--max-semi-space-size=4', `--max-old-space-size=${toHeapMegabytes(limit)}`];
}
