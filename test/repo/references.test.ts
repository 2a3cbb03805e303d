import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { toReferences } from '../../scripts/references.ts';

it.each([...toReferences()])('%s is what the code says', (path, content) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : 'missing: run "npm run generate"').toBe(content);
});

it('would notice a changed catalogue (twin)', () => {
  const [[path, content] = ['', '']] = toReferences();
  expect(readFileSync(path, 'utf8').replace('--log-dir', '--log-folder')).not.toBe(content);
});
