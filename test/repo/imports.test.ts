import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  findCircles,
  findForbidden,
  findUnused,
  parseImports,
  readImports,
  readTable,
  toRoom,
} from '../support/imports.ts';

const imports = readImports('src');
const table = readTable(readFileSync('docs/ARCHITECTURE.md', 'utf8'));

describe('the import table of docs/ARCHITECTURE.md', () => {
  it('is held by every file, types included', () => {
    expect(imports.length).toBeGreaterThan(200);
    expect(findForbidden(imports, table)).toEqual([]);
  });

  it('allows nothing that nobody does', () => {
    expect(findUnused(imports, table)).toEqual([]);
    const wider = new Map([...table, ['dns', new Set(['kube'])]]);
    expect(findUnused(imports, wider)).toEqual(['dns may import kube, and does not']);
  });

  it('names every room there is, and none that is not', () => {
    const rooms = readdirSync('src').map((entry) => (entry.endsWith('.ts') ? toRoom(entry) : entry));
    expect([...table.keys()].sort()).toEqual(rooms.sort());
  });

  it('would notice a forbidden import, of a type too (twin)', () => {
    const planted = parseImports('parse/plain.ts', "import type { Peers } from '../peers/resolver.ts';\n");
    expect(findForbidden([...imports, ...planted], table)).toEqual([
      'parse/plain.ts imports peers/resolver.ts, but parse may not import peers',
    ]);
  });
});

describe('circles of files', () => {
  it('there are none', () => {
    expect(findCircles(imports)).toEqual([]);
  });

  it('would be noticed, of types and of lazy imports too (twin)', () => {
    const planted = [
      ...parseImports('a.ts', "import type { B } from './b.ts';\n"),
      ...parseImports('b.ts', "const { c } = await import('./c.ts');\n"),
      ...parseImports('c.ts', "export { a } from './a.ts';\n"),
    ];
    expect(findCircles([...imports, ...planted])).toEqual(['a.ts → b.ts → c.ts → a.ts']);
  });
});

it('reads every way of importing', () => {
  const source = [
    "import { a } from './a.ts';",
    "import type { B } from '../records/b.ts';",
    "import {\n  c,\n  type D,\n} from './c.ts';",
    "import './e.ts';",
    "const f = await import('./f.ts');",
    "import { readFileSync } from 'node:fs';",
    "import { LRUCache } from 'lru-cache';",
  ].join('\n');
  expect(parseImports('room/file.ts', source).map(({ to }) => to)).toEqual([
    'room/a.ts',
    'records/b.ts',
    'room/c.ts',
    'room/e.ts',
    'room/f.ts',
  ]);
});
