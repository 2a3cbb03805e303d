/** Quantities of memory as Kubernetes writes them, and how much of a limit the heap may have. */

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes; undefined if the text is no quantity of memory. */
export function parseMemory(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text) ?? [];
  const factor = UNITS[unit];
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}

/** Cores; undefined if the text is no quantity of CPU. */
export function parseCpu(text: string): number | undefined {
  const [, digits = '', milli = ''] = /^(\d+(?:\.\d+)?)(m)?$/.exec(text) ?? [];
  return digits === '' ? undefined : Number(digits) / (milli === '' ? 1 : 1000);
}

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
