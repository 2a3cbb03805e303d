/** The pictures of the README: everything that was answered is on them, and hostile names stay text. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stack, toValueText } from '../../scripts/pictures/charts.ts';
import { drawGraph, type EdgeRow, toColumns } from '../../scripts/pictures/graph.ts';
import { drawWorkload } from '../../scripts/pictures/workload.ts';

function toRow(source: string, target: string, fields: Partial<EdgeRow> = {}): EdgeRow {
  return { source, target, mainstat: '1/s', secondarystat: '2 ms', color: '#56A64B', ...fields };
}

describe('the graph', () => {
  it('shows who asks to the left of who is asked for, circles too', () => {
    const rows = [toRow('a', 'b'), toRow('b', 'c'), toRow('a', 'c'), toRow('c', 'a')];
    const columns = toColumns(rows);
    expect(columns.flat().toSorted()).toEqual(['a', 'b', 'c']);
    expect(toColumns(rows.slice(0, 3))).toEqual([['a'], ['b'], ['c']]);
  });

  it('has every node once, and rate, time and colour of every edge', () => {
    const svg = drawGraph(
      [
        toRow('shop/web', 'pay/api', { mainstat: '0.5/s' }),
        toRow('shop/web', 'down.test', { color: '#E02F44', secondarystat: '2504 ms' }),
        toRow('node:node1', 'pay/api', { secondarystat: 'idle' }),
      ],
      'title',
    );
    for (const text of ['>web<', '>api<', '>node:node1<', '>down.test<'])
      expect(svg.split(text)).toHaveLength(2);
    for (const text of ['0.5/s · 2 ms', '1/s · 2504 ms', '>idle<', '#E02F44']) expect(svg).toContain(text);
  });

  it('writes names as text, whatever they are', () => {
    const svg = drawGraph([toRow('"><script>alert(1)</script>', 'a&b')], 'x');
    expect(svg).toContain('script&gt;');
    expect(svg).not.toContain('<script');
    expect(svg).toContain('a&amp;b');
  });
});

describe('charts', () => {
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

  it('are captioned as our own drawing wherever they are shown', () => {
    for (const file of ['README.md', 'docs/grafana.md']) {
      const [, after = ''] = readFileSync(file, 'utf8').split(/!\[[^\]]*\]\([^)]*pictures\/\w+\.svg\)/);
      expect(after.slice(0, 400), file).toMatch(/our own code[\s\S]*Not a screenshot of\s+Grafana/);
    }
  });
});
