import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { toPlatformPages } from '../../scripts/platformPages.ts';
import { toReferences } from '../../scripts/references.ts';

it.each([...toReferences()])('%s is what the code says', (path, content) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : 'missing: run "npm run generate"').toBe(content);
});

it('would notice a changed catalogue (twin)', () => {
  const [[path, content] = ['', '']] = toReferences();
  expect(readFileSync(path, 'utf8').replace('--log-dir', '--log-folder')).not.toBe(content);
});

it.each([...toPlatformPages()])('%s is what the table of platforms says', (path, content) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : 'missing: run "npm run generate"').toBe(content);
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
