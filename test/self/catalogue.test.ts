/** A metric that nobody sets is shown as 0 for ever, and dashboards believe it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { METRICS } from '../../src/metrics/catalogue.ts';
import { SELF_METRICS } from '../../src/self/catalogue.ts';

const SOURCES = join(import.meta.dirname, '../../src');

const code = globSync('**/*.ts', { cwd: SOURCES })
  .filter((path) => !path.endsWith('catalogue.ts'))
  .map((path) => readFileSync(join(SOURCES, path), 'utf8'))
  .join('\n');

/** Names that stand nowhere in the code as a whole text. */
const findUnset = (names: readonly string[]): string[] => names.filter((name) => !code.includes(`'${name}'`));

it('every metric of the catalogues is set by somebody', () => {
  const names = [...Object.keys(SELF_METRICS), ...Object.keys(METRICS)];
  expect(names.length).toBeGreaterThan(50);
  expect(findUnset(names)).toEqual([]);
});

it('a metric that nobody sets would be found (twin)', () => {
  expect(findUnset(['corespan_faults_total', 'corespan_faults', 'corespan_moods_total'])).toEqual([
    'corespan_faults',
    'corespan_moods_total',
  ]);
});
