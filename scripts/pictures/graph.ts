/** Draws the service graph: who asks on the left, what is asked for on the right, as the query of the node graph says. */
import { element, label, sheet } from './svg.ts';

/** A row of the query "Who asks for whom, from Prometheus alone". */
export interface EdgeRow {
  readonly source: string;
  readonly target: string;
  readonly mainstat: string;
  readonly secondarystat: string;
  readonly color: string;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

const COLUMN = 330;
const ROW = 62;
const TOP = 70;
const LEFT = 130;
const RADIUS = 13;

export function drawGraph(rows: readonly EdgeRow[], title: string): string {
  const columns = toColumns(rows);
  const places = new Map<string, Place>();
  const tallest = Math.max(1, ...columns.map((names) => names.length));
  for (const [column, names] of columns.entries()) {
    const indent = ((tallest - names.length) * ROW) / 2;
    for (const [row, name] of names.entries()) {
      places.set(name, { x: LEFT + column * COLUMN, y: TOP + indent + row * ROW });
    }
  }
  const width = LEFT * 2 + Math.max(0, columns.length - 1) * COLUMN;
  const height = TOP + tallest * ROW;
  const edges = rows.map((row, at) => drawEdge(row, { places, at }));
  return sheet({ width, height, title }, ...edges, ...[...places].map(drawNode));
}

/** Whoever is asked for stands to the right of those who ask; a circle of names ends where it began. */
export function toColumns(rows: readonly EdgeRow[]): string[][] {
  const names = [...new Set(rows.flatMap(({ source, target }) => [source, target]))];
  const askedBy = (name: string): string[] =>
    rows.filter((row) => row.target === name).map((row) => row.source);
  const depths = new Map<string, number>();
  function depthOf(name: string, above: readonly string[]): number {
    const known = depths.get(name);
    if (known !== undefined) return known;
    const clients = askedBy(name).filter((client) => client !== name && !above.includes(client));
    const depth = Math.max(-1, ...clients.map((client) => depthOf(client, [...above, name]))) + 1;
    depths.set(name, depth);
    return depth;
  }
  const columns: string[][] = [];
  for (const name of names.toSorted()) {
    const depth = depthOf(name, []);
    columns[depth] = [...(columns[depth] ?? []), name];
  }
  return orderByNeighbours(
    columns.filter((column) => column.length > 0),
    askedBy,
  );
}

/** Each name near those who ask for it: fewer lines cross. */
function orderByNeighbours(columns: readonly string[][], askedBy: (name: string) => string[]): string[][] {
  const rank = new Map<string, number>();
  return columns.map((names) => {
    const wanted = (name: string): number => {
      const known = askedBy(name).flatMap((client) => rank.get(client) ?? []);
      return known.length === 0 ? 0 : known.reduce((sum, at) => sum + at, 0) / known.length;
    };
    const ordered = names.toSorted((a, b) => wanted(a) - wanted(b));
    for (const [at, name] of ordered.entries()) rank.set(name, at / ordered.length);
    return ordered;
  });
}

function drawEdge(
  { source, target, mainstat, secondarystat, color }: EdgeRow,
  { places, at }: { readonly places: ReadonlyMap<string, Place>; readonly at: number },
): string {
  const from = places.get(source);
  const to = places.get(target);
  if (from === undefined || to === undefined) return '';
  const isBackwards = to.x <= from.x;
  const bend = isBackwards ? 90 : (to.x - from.x) / 2;
  const start = { x: from.x + RADIUS, y: from.y };
  const end = { x: isBackwards ? to.x + RADIUS : to.x - RADIUS - 4, y: to.y };
  const control = isBackwards ? end.x + bend : end.x - bend;
  const path = `M${start.x},${start.y} C${start.x + bend},${start.y} ${control},${end.y} ${end.x},${end.y}`;
  // Texts of neighbouring edges stand at different parts of their way.
  const share = [0.3, 0.5, 0.7][at % 3] ?? 0.5;
  const middle = onCurve([start.x, start.x + bend, control, end.x], share);
  const height = onCurve([start.y, start.y, end.y, end.y], share);
  const isIdle = secondarystat === 'idle';
  return [
    element('path', {
      d: path,
      fill: 'none',
      stroke: isIdle ? '#afb8c1' : color,
      'stroke-width': 1.8,
      ...(isIdle ? { 'stroke-dasharray': '4 4' } : {}),
    }),
    element('circle', { cx: end.x, cy: end.y, r: 3.5, fill: isIdle ? '#afb8c1' : color }),
    label(isIdle ? 'idle' : `${mainstat} · ${secondarystat}`, {
      x: middle,
      y: height - 4,
      'font-size': 10,
      'text-anchor': 'middle',
      fill: '#57606a',
      stroke: '#ffffff',
      'stroke-width': 3,
      'paint-order': 'stroke',
    }),
  ].join('');
}

function drawNode([name, { x, y }]: readonly [string, Place]): string {
  const [namespace, workload] = name.includes('/') ? name.split('/') : ['', name];
  const text = { x, 'text-anchor': 'middle', stroke: '#ffffff', 'stroke-width': 3, 'paint-order': 'stroke' };
  return [
    element('circle', { cx: x, cy: y, r: RADIUS, fill: '#ffffff', stroke: '#0969da', 'stroke-width': 2.5 }),
    label(workload ?? name, { ...text, y: y - RADIUS - 6, 'font-weight': 600 }),
    namespace === ''
      ? ''
      : label(namespace ?? '', { ...text, y: y + RADIUS + 13, 'font-size': 10, fill: '#57606a' }),
  ].join('');
}

/** A cubic curve in one dimension. */
function onCurve([a, b, c, d]: readonly [number, number, number, number], t: number): number {
  const u = 1 - t;
  return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
}
