/** The pictures of the README: everything that was answered is on them, and hostile names stay text. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COLOURS } from '../../dashboards/build/edges.ts';
import { stack, toColour } from '../../scripts/pictures/charts.ts';
import { drawGraph, type EdgeRow } from '../../scripts/pictures/graph.ts';
import { toLayout } from '../../scripts/pictures/layout.ts';
import { toValueText } from '../../scripts/pictures/values.ts';
import { drawWorkload } from '../../scripts/pictures/workload.ts';

function toRow(source: string, target: string, fields: Partial<EdgeRow> = {}): EdgeRow {
  return { source, target, mainstat: '1/s', secondarystat: '2 ms', color: '#56A64B', ...fields };
}

describe('the graph', () => {
  const sizes = { node: { width: 100, height: 40 }, label: { width: 50, height: 20 } };
  const CHAIN = [toRow('a', 'b'), toRow('b', 'c'), toRow('a', 'c')];

  it('shows who asks to the left of who is asked for', () => {
    const { nodes } = toLayout(CHAIN, sizes);
    const fromLeft = [...nodes].toSorted(([, a], [, b]) => a.x - b.x).map(([name]) => name);
    expect(fromLeft).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['a circle', [...CHAIN, toRow('c', 'a')], 3],
    ['who asks for itself', [toRow('a', 'a')], 1],
  ] as const)('draws %s', (_, rows, nodes) => {
    const svg = drawGraph(rows, 'title');
    expect(svg.split(' rx="6"')).toHaveLength(nodes + 1);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('is the same whatever the order of the answer', () => {
    expect(drawGraph(CHAIN.toReversed(), 'title')).toBe(drawGraph(CHAIN, 'title'));
  });

  it('has every node once with where it lives, and time and colour of every edge', () => {
    const svg = drawGraph(
      [
        toRow('shop/web', 'pay/api', { mainstat: '0.5/s' }),
        toRow('shop/web', 'down.test', { color: COLOURS.red, secondarystat: '2504 ms' }),
        toRow('node:node1', 'pay/api', { secondarystat: 'idle' }),
      ],
      'title',
    );
    for (const text of ['>web<', '>shop<', '>api<', '>pay<', '>node1<', '>node<', '>down.test<', '>outside<'])
      expect(svg.split(text), text).toHaveLength(2);
    for (const text of ['>2 ms<', '>2.5 s<', '>idle<', `stroke="${COLOURS.red}"`])
      expect(svg).toContain(text);
  });

  it('draws the thicker the more lookups', () => {
    const rows = [toRow('a', 'b', { mainstat: '0.01/s' }), toRow('a', 'c', { mainstat: '1/s' })];
    expect(drawGraph(rows, 'title')).toMatch(/stroke-width="1.3"[\s\S]*stroke-width="4"/);
  });

  it('writes names as text, whatever they are', () => {
    const svg = drawGraph([toRow('"><script>alert(1)</script>', 'a&b')], 'x');
    expect(svg).toContain('script&gt;');
    expect(svg).not.toContain('<script');
    expect(svg).toContain('a&amp;b');
  });
});

describe('charts', () => {
  it.each([
    ['success', '#1a7f37'],
    ['denial', '#bf8700'],
    ['error', '#cf222e'],
  ])('draw %s in its own colour at every place', (legend, colour) => {
    expect([0, 1, 2, 3].map((at) => toColour(legend, at))).toEqual([colour, colour, colour, colour]);
    expect([0, 1, 2, 3, 4].map((at) => toColour('p99', at))).not.toContain(colour);
  });

  it('stand on each other by moment, with gaps as nothing', () => {
    const lines = [
      { legend: 'a', points: [[1, 2] as const, [3, 4] as const] },
      { legend: 'b', points: [[1, 10] as const, [2, 20] as const] },
    ];
    expect(stack(lines, [1, 2, 3]).map(({ points }) => points.map(([, value]) => value))).toEqual([
      [2, 0, 4],
      [12, 20, 4],
    ]);
  });

  it.each([
    [0, 's', '0'],
    [0.00123, 's', '1.2 ms'],
    [2.5, 's', '2.5 s'],
    [7.13, 'reqps', '7.1/s'],
  ] as const)('writes %d %s as %s', (value, unit, text) => {
    expect(toValueText(value, unit)).toBe(text);
  });

  it('show every legend, and nothing where nothing came', () => {
    const empty = { title: 'Empty', unit: 'reqps', isStacked: true, lines: [] } as const;
    const one = {
      ...empty,
      title: 'One',
      lines: [{ legend: 'NOERROR', points: [[1, 2] as const, [2, 3] as const] }],
    };
    const svg = drawWorkload([one, empty], 'title');
    expect(svg).toContain('NOERROR');
    expect(svg).not.toContain('NaN');
  });
});

describe('the committed pictures', () => {
  it.each(['graph', 'workload'])(
    '%s is there, shows something, and says nowhere that it came from Grafana',
    (name) => {
      const svg = readFileSync(`docs/pictures/${name}.svg`, 'utf8');
      expect(svg.startsWith('<svg ')).toBe(true);
      expect(svg.split('<path').length).toBeGreaterThan(8);
      expect(svg).not.toMatch(/NaN|undefined|grafana/i);
    },
  );

  it('the graph has no text that touches another text or a node that is not its own', () => {
    const svg = readFileSync('docs/pictures/graph.svg', 'utf8');
    expect(toBoxes(svg).filter(({ text }) => / m?s$/.test(text)).length).toBeGreaterThan(20);
    expect(toClashes(svg)).toEqual([]);
    const [twin = ''] = /<text[^>]*>[^<]* ms<\/text>/.exec(svg) ?? [];
    expect(toClashes(svg.replace(twin, twin + twin))).toHaveLength(1);
  });

  it('the graph can be read at the width of a README', () => {
    const svg = readFileSync('docs/pictures/graph.svg', 'utf8');
    const [, width] = / width="(\d+)"/.exec(svg) ?? [];
    const smallest = Math.min(...[...svg.matchAll(/font-size="([\d.]+)"/g)].map(([, size]) => Number(size)));
    expect((smallest * 900) / Number(width)).toBeGreaterThanOrEqual(10);
  });

  it('are captioned as our own drawing wherever they are shown', () => {
    for (const file of ['README.md', 'docs/grafana.md']) {
      const [, after = ''] = readFileSync(file, 'utf8').split(/!\[[^\]]*\]\([^)]*pictures\/\w+\.svg\)/);
      expect(after.slice(0, 400), file).toMatch(/our own code[\s\S]*Not a screenshot of\s+Grafana/);
    }
  });
});

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Texts of the drawing below the legend and, with `text` empty, its nodes. */
function toBoxes(svg: string): Box[] {
  const [, drawing = ''] = svg.split('<g ');
  const elements = [...drawing.matchAll(/<(rect|text)([^>]*)>([^<]*)/g)];
  return elements.map(([, kind, attributes = '', text = '']) => {
    const value = (name: string): number => Number(new RegExp(` ${name}="([-\\d.]+)"`).exec(attributes)?.[1]);
    const [x, y] = [value('x'), value('y')];
    if (kind === 'rect')
      return { text: '', left: x, right: x + value('width'), top: y, bottom: y + value('height') };
    expect(attributes).toContain('text-anchor="middle"');
    const size = value('font-size');
    // Of a wide font: digits of DejaVu Sans are 0.64 em, its bold letters 0.68 em on average.
    const half = (text.length * size * (attributes.includes('font-weight') ? 0.68 : 0.64)) / 2;
    return { text, left: x - half, right: x + half, top: y - 0.8 * size, bottom: y + 0.2 * size };
  });
}

/** Pairs of boxes that share a point; a text that lies within a node belongs to it. */
function toClashes(svg: string): string[] {
  const boxes = toBoxes(svg);
  return boxes.flatMap((a, at) =>
    boxes
      .slice(at + 1)
      .filter((b) => isTouching(a, b) && !isWithin(a, b) && !isWithin(b, a))
      .map((b) => `${a.text} × ${b.text}`),
  );
}

function isTouching(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function isWithin(text: Box, node: Box): boolean {
  return (
    node.text === '' &&
    text.left >= node.left &&
    text.right <= node.right &&
    text.top >= node.top &&
    text.bottom <= node.bottom
  );
}
