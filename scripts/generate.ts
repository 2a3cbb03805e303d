/** Writes what is derived from the code: references, manifests, dashboards, alert rules. With --check it only compares. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { toGenerated } from './generated.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const stale: string[] = [];

for (const [path, content] of toGenerated()) {
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  if (values.check) stale.push(path);
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    process.stdout.write(`wrote ${path}\n`);
  }
}

if (stale.length > 0) {
  process.stderr.write(`not up to date, run "npm run generate": ${stale.join(', ')}\n`);
  process.exitCode = 1;
}
