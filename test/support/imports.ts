/** Reads who imports whom out of the sources, types included. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export interface Import {
  /** Paths relative to the root that was read. */
  readonly from: string;
  readonly to: string;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'(\.[^']+)'|import\(\s*'(\.[^']+)'\s*\)|(?:^|\n)import\s*'(\.[^']+)'/g;

export function readImports(root: string): Import[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.flatMap((file) => parseImports(file, readFileSync(join(root, file), 'utf8')));
}

/** Imports of our own files in `source`; packages and `node:` are nobody's room. */
export function parseImports(file: string, source: string): Import[] {
  return [...source.matchAll(IMPORT)].map((match) => {
    const target = match[1] ?? match[2] ?? match[3] ?? '';
    return { from: file, to: relative(resolve('/'), resolve('/', dirname(file), target)) };
  });
}

/** `peers/claims.ts` is in the room `peers`, `app.ts` is a room of its own. */
export function toRoom(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? file) : file.replace(/\.ts$/, '');
}

/** The table "room | may import" of docs/ARCHITECTURE.md. */
export function readTable(markdown: string): Map<string, Set<string>> {
  const begin = markdown.search(/\| room +\| may import +\|/);
  const rows = markdown.slice(begin).split('\n').slice(2);
  const table = new Map<string, Set<string>>();
  for (const row of rows) {
    if (!row.startsWith('|')) break;
    const [, room = '', allowed = ''] = row.split('|').map((cell) => cell.trim());
    table.set(room, new Set(allowed === '–' ? [] : allowed.split(',').map((name) => name.trim())));
  }
  return table;
}

/** Imports that the table does not allow, one sentence each. */
export function findForbidden(
  imports: readonly Import[],
  table: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  return imports
    .filter(({ from, to }) => !to.startsWith('..') && toRoom(from) !== toRoom(to))
    .filter(({ from, to }) => !to.endsWith('.json') && table.get(toRoom(from))?.has(toRoom(to)) !== true)
    .map(({ from, to }) => `${from} imports ${to}, but ${toRoom(from)} may not import ${toRoom(to)}`);
}

/** What the table allows and no file does, one sentence each. */
export function findUnused(
  imports: readonly Import[],
  table: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const used = new Set(imports.map(({ from, to }) => `${toRoom(from)} ${toRoom(to)}`));
  return [...table].flatMap(([room, allowed]) =>
    [...allowed]
      .filter((other) => !used.has(`${room} ${other}`))
      .map((other) => `${room} may import ${other}, and does not`),
  );
}

/** Circles of files, each as the path around it. */
export function findCircles(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const circles: string[] = [];
  const done = new Set<string>();

  function visit(file: string, path: readonly string[]): void {
    const seen = path.indexOf(file);
    if (seen >= 0) {
      circles.push([...path.slice(seen), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  }

  for (const file of targets.keys()) visit(file, []);
  return circles;
}
