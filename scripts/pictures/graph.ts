/** Draws the service graph: who asks on the left, what is asked for on the right, as the query of the node graph says. */
import { COLOURS, RED_FROM } from '../../dashboards/build/edges.ts';
import { type PlacedEdge, type Point, type Size, toLayout } from './layout.ts';
import { element, label, sheet } from './svg.ts';
import { toValueText } from './values.ts';

/** A row of the query "Who asks for whom, from Prometheus alone". */
export interface EdgeRow {
  readonly source: string;
  readonly target: string;
  readonly mainstat: string;
  readonly secondarystat: string;
  readonly color: string;
}

const MARGIN = 20;
const HEAD = 80;
const NAME = { 'font-size': 12, 'font-weight': 600, 'text-anchor': 'middle' };
const NOTE = { 'font-size': 11, fill: '#57606a' };
/** Widths of a letter of `NAME` and of `NOTE` in DejaVu Sans, the widest of the fonts that systems usually have. */
const LETTER = { name: 8.2, note: 7 };
const NODE_HEIGHT = 38;
const LABEL_HEIGHT = 22;
const ARROW = 8;
const OUTSIDE = 'outside';
const IDLE_COLOUR = '#afb8c1';

export function drawGraph(rows: readonly EdgeRow[], title: string): string {
  const names = rows.flatMap(({ source, target }) => [source, target]);
  const node = { width: toWidth(names.map(toName), LETTER.name) + 12, height: NODE_HEIGHT };
  const { nodes, edges, width, height } = toLayout(rows, {
    node,
    label: { width: toWidth(rows.map(toTime), LETTER.note), height: LABEL_HEIGHT },
  });
  const busiest = Math.max(...rows.map(toRate));
  const body = element(
    'g',
    { transform: `translate(${MARGIN} ${HEAD})` },
    ...edges.map((edge) => drawEdge(edge, toThickness(toRate(edge), busiest))),
    ...edges.map(drawTime),
    ...[...nodes].map(([name, middle]) => drawNode(name, { ...node, ...middle })),
  );
  const size = { width: Math.ceil(width) + 2 * MARGIN, height: Math.ceil(height) + HEAD + MARGIN };
  return sheet({ ...size, title }, drawLegend(busiest), body);
}

function drawEdge({ way, secondarystat, color }: PlacedEdge<EdgeRow>, thickness: number): string {
  const steps = way.map(({ x, y }, at) => {
    const before = way[at - 1];
    if (before === undefined) return `M${x},${y}`;
    const middle = (before.x + x) / 2;
    return before.y === y ? `L${x},${y}` : `C${middle},${before.y} ${middle},${y} ${x},${y}`;
  });
  const isIdle = secondarystat === 'idle';
  const colour = isIdle ? IDLE_COLOUR : color;
  const dashes = isIdle ? { 'stroke-dasharray': '4 4' } : {};
  const line = { d: steps.join(' '), fill: 'none', stroke: colour, 'stroke-width': thickness, ...dashes };
  return element('path', line) + drawArrow(way, colour);
}

function drawArrow(way: readonly Point[], fill: string): string {
  const [before, end] = way.slice(-2);
  if (before === undefined || end === undefined) return '';
  const back = before.x < end.x ? -ARROW : ARROW;
  return element('path', { d: `M${end.x},${end.y} l${back},-4 v8 z`, fill });
}

/** On the line, which goes through the middle of the label. */
function drawTime(row: PlacedEdge<EdgeRow>): string {
  const { x, y } = row.label;
  const fill = row.color === COLOURS.green ? NOTE.fill : row.color;
  return label(toTime(row), { ...NOTE, fill, x, y: y - 4, 'text-anchor': 'middle' });
}

function drawNode(path: string, { x, y, width, height }: Point & Size): string {
  const home = toHome(path);
  const look =
    home === OUTSIDE ? { fill: '#f6f8fa', stroke: '#8c959f' } : { fill: '#ddf4ff', stroke: '#0969da' };
  return [
    element('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 6, ...look }),
    label(toName(path), { ...NAME, x, y: y - 2 }),
    label(home, { ...NOTE, x, y: y + 12, 'text-anchor': 'middle' }),
  ].join('');
}

function drawLegend(busiest: number): string {
  const signs = [
    { text: toValueText(busiest / 10, 'reqps'), colour: COLOURS.green, rate: busiest / 10 },
    { text: `${toValueText(busiest, 'reqps')} lookups`, colour: COLOURS.green, rate: busiest },
    { text: 'some fail', colour: COLOURS.orange, rate: busiest },
    { text: `more than ${RED_FROM * 100} % fail`, colour: COLOURS.red, rate: busiest },
  ];
  let left = MARGIN;
  const drawn = signs.map(({ text, colour, rate }) => {
    const x = left;
    left += text.length * LETTER.note + 56;
    const line = { x1: x, x2: x + 24, y1: 52, y2: 52, stroke: colour };
    return [
      element('line', { ...line, 'stroke-width': toThickness(rate, busiest) }),
      label(text, { ...NOTE, x: x + 32, y: 56 }),
    ].join('');
  });
  return [...drawn, label('on each line: mean time of its lookups', { ...NOTE, x: left, y: 56 })].join('');
}

function toThickness(rate: number, busiest: number): number {
  return 1 + 3 * Math.sqrt(rate / busiest || 0);
}

function toRate({ mainstat }: EdgeRow): number {
  return Number.parseFloat(mainstat);
}

function toTime({ secondarystat }: EdgeRow): string {
  return secondarystat === 'idle' ? 'idle' : toValueText(Number.parseFloat(secondarystat) / 1e3, 's');
}

function toName(path: string): string {
  return path.replace(/^[^/:]*[/:]/, '');
}

/** The namespace; `node` of what runs on a node's own address. */
function toHome(path: string): string {
  const [, home] = /^([^/:]*)[/:]/.exec(path) ?? [];
  return home ?? (path.includes('.') ? OUTSIDE : '');
}

function toWidth(texts: readonly string[], letter: number): number {
  return Math.max(0, ...texts.map(({ length }) => length * letter));
}
