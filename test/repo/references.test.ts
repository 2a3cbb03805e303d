import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

it('every link between documents leads somewhere', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
  ];
  const links = pages
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(
        ([, to = '']) => [path, join(dirname(path), to)] as const,
      ),
    );
  expect(links.length).toBeGreaterThan(30);
  expect(links.filter(([, to]) => !existsSync(to))).toEqual([]);
});
