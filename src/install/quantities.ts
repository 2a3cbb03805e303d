/** Quantities of memory and CPU as Kubernetes writes them. */

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
