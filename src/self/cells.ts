/** Cells by the value of one label, remembered: asking the registry for one costs more than reading a line does. */
import type { Cell } from './registry.ts';

/** `find` is asked once for each value; values come from closed sets, or are as many as there are logs. */
export function rememberCells(find: (value: string) => Cell): (value: string) => Cell {
  const cells = new Map<string, Cell>();
  return (value) => {
    const known = cells.get(value);
    if (known !== undefined) return known;
    const cell = find(value);
    cells.set(value, cell);
    return cell;
  };
}
