import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { toGenerated } from '../../scripts/generated.ts';

it.each([...toGenerated()])('%s is what the code says', (path, content) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : 'missing: run "npm run generate"').toBe(content);
});

it('would notice a changed catalogue (twin)', () => {
  const [[path, content] = ['', '']] = toGenerated();
  expect(readFileSync(path, 'utf8').replace('--log-dir', '--log-folder')).not.toBe(content);
});
