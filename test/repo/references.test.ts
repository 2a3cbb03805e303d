import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CATALOGUES, type Catalogues, toReferences } from '../../scripts/references.ts';

/** Paths of references that are not what `catalogues` say. */
function findStale(catalogues: Catalogues): string[] {
  return [...toReferences(catalogues)]
    .filter(([path, content]) => !existsSync(path) || readFileSync(path, 'utf8') !== content)
    .map(([path]) => path);
}

it('are what the code says; else run "npm run generate"', () => {
  expect(toReferences(CATALOGUES).size).toBe(3);
  expect(findStale(CATALOGUES)).toEqual([]);
});

const HELP = { help: 'Something else.' };

it.each<{ changed: keyof Catalogues; path: string }>([
  { changed: 'options', path: 'docs/reference/configuration.md' },
  { changed: 'metrics', path: 'docs/reference/metrics.md' },
  { changed: 'selfMetrics', path: 'docs/reference/metrics.md' },
  { changed: 'attributes', path: 'docs/reference/attributes.md' },
])('would notice a change of $changed (twin)', ({ changed, path }) => {
  const [name = '', entry] = Object.entries(CATALOGUES[changed])[0] ?? [];
  const catalogue = { ...CATALOGUES[changed], [name]: { ...entry, ...HELP } };
  expect(findStale({ ...CATALOGUES, [changed]: catalogue })).toEqual([path]);
});
