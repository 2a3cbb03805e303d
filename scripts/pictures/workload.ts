/** Draws the panels of one workload on one sheet. */
import { type Chart, drawChart } from './charts.ts';
import { sheet } from './svg.ts';

const PANEL = { width: 430, height: 210 };
const HEAD = 44;
const GAP = 14;

export function drawWorkload(charts: readonly Chart[], title: string): string {
  const rows = Math.ceil(charts.length / 2);
  const width = 2 * PANEL.width + 3 * GAP;
  const height = HEAD + rows * (PANEL.height + GAP);
  const drawn = charts.map((chart, at) =>
    drawChart(chart, {
      ...PANEL,
      x: GAP + (at % 2) * (PANEL.width + GAP),
      y: HEAD + Math.floor(at / 2) * (PANEL.height + GAP),
    }),
  );
  return sheet({ width, height, title }, ...drawn);
}
