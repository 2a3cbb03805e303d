/** Draws panels of the workload dashboard: values over time, as lines or on top of each other, with their legend. */
import { element, label } from './svg.ts';
import { toValueText } from './values.ts';

export interface Line {
  readonly legend: string;
  /** Seconds since the epoch and value; the same moments in every line of a chart. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

export interface Chart {
  readonly title: string;
  readonly unit: 'reqps' | 's';
  readonly isStacked: boolean;
  readonly lines: readonly Line[];
}

export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is good, so-so or bad has the colour that says so, whatever else is drawn. */
const MEANT: Readonly<Record<string, string>> = {
  success: '#1a7f37',
  NOERROR: '#1a7f37',
  denial: '#bf8700',
  NXDOMAIN: '#bf8700',
  error: '#cf222e',
  SERVFAIL: '#cf222e',
};
/** For everything else: colours that mean nothing. */
const PALETTE = ['#0969da', '#8250df', '#bf3989', '#1b7c83', '#57606a'] as const;
const MARGIN = { left: 58, right: 14, top: 28, bottom: 42 };

export function drawChart({ title, unit, isStacked, lines }: Chart, frame: Frame): string {
  const times = [...new Set(lines.flatMap(({ points }) => points.map(([time]) => time)))].toSorted(
    (a, b) => a - b,
  );
  const stacked = isStacked ? stack(lines, times) : lines;
  const top = Math.max(...stacked.flatMap(({ points }) => points.map(([, value]) => value)), 0) * 1.1 || 1;
  const inner = {
    x: frame.x + MARGIN.left,
    y: frame.y + MARGIN.top,
    width: frame.width - MARGIN.left - MARGIN.right,
    height: frame.height - MARGIN.top - MARGIN.bottom,
  };
  const [first = 0] = times;
  const span = Math.max(1, (times.at(-1) ?? 1) - first);
  const toX = (time: number): number => inner.x + ((time - first) / span) * inner.width;
  const toY = (value: number): number => inner.y + inner.height - (value / top) * inner.height;
  const drawn = stacked.map(({ legend, points }, at) => {
    const way = points.map(([time, value]) => `${toX(time).toFixed(1)},${toY(value).toFixed(1)}`).join(' L');
    const colour = toColour(legend, at);
    const area = `M${toX(points[0]?.[0] ?? 0)},${toY(0)} L${way} L${toX(points.at(-1)?.[0] ?? 0)},${toY(0)} Z`;
    return [
      isStacked ? element('path', { d: area, fill: toTint(colour) }) : '',
      element('path', { d: `M${way}`, fill: 'none', stroke: colour, 'stroke-width': 1.8 }),
    ].join('');
  });
  return [
    label(title, { x: frame.x + 8, y: frame.y + 16, 'font-weight': 600 }),
    ...[0, 0.5, 1].map((share) => drawRule(top * share, { unit, y: toY(top * share), inner })),
    // What lies on top of others is drawn first.
    ...(isStacked ? drawn.toReversed() : drawn),
    ...drawLegend(lines, { x: inner.x, y: frame.y + frame.height - 12 }),
  ].join('');
}

/** Each line on the ones before it. */
export function stack(lines: readonly Line[], times: readonly number[]): Line[] {
  const heights = new Map<number, number>();
  return lines.map(({ legend, points }) => {
    const own = new Map(points);
    return {
      legend,
      points: times.map((time) => {
        const height = (heights.get(time) ?? 0) + (own.get(time) ?? 0);
        heights.set(time, height);
        return [time, height] as const;
      }),
    };
  });
}

function drawRule(
  value: number,
  { unit, y, inner }: { readonly unit: Chart['unit']; readonly y: number; readonly inner: Frame },
): string {
  return [
    element('line', { x1: inner.x, x2: inner.x + inner.width, y1: y, y2: y, stroke: '#eaeef2' }),
    label(toValueText(value, unit), {
      x: inner.x - 8,
      y: y + 4,
      'text-anchor': 'end',
      'font-size': 10,
      fill: '#57606a',
    }),
  ].join('');
}

function drawLegend(lines: readonly Line[], { x, y }: { readonly x: number; readonly y: number }): string[] {
  let left = x;
  return lines.map(({ legend }, at) => {
    const place = left;
    left += legend.length * 7 + 28;
    return [
      element('rect', {
        x: place,
        y: y - 8,
        width: 10,
        height: 10,
        rx: 2,
        fill: toColour(legend, at),
      }),
      label(legend, { x: place + 15, y: y + 1, 'font-size': 11 }),
    ].join('');
  });
}

export function toColour(legend: string, at: number): string {
  return MEANT[legend] ?? PALETTE[at % PALETTE.length] ?? '#000000';
}

/** A third of the colour on white; opaque, because areas lie on each other. */
function toTint(colour: string): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `#${channels
    .map((channel) =>
      Math.round(255 - (255 - channel) / 3)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
