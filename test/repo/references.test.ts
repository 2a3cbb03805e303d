import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { toGenerated } from '../../scripts/generated.ts';
import { CATALOGUES, type Catalogues, toReferences } from '../../scripts/references.ts';

/** Paths of references that are not what `catalogues` say. */
function findStale(catalogues: Catalogues): string[] {
  return [...toReferences(catalogues)]
    .filter(([path, content]) => !existsSync(path) || readFileSync(path, 'utf8') !== content)
    .map(([path]) => path);
}

it.each([...toGenerated()])('%s is what the code says', (path, content) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : 'missing: run "npm run generate"').toBe(content);
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
