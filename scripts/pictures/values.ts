/** Writes rates and times as short as a picture wants them: two digits, in the unit that fits. */

export function toValueText(value: number, unit: 'reqps' | 's'): string {
  if (unit === 'reqps') return `${Number(value.toPrecision(2))}/s`;
  if (value === 0) return '0';
  return value < 1 ? `${Number((value * 1e3).toPrecision(2))} ms` : `${Number(value.toPrecision(2))} s`;
}
