/** Writes what is derived from the code: references, manifests, dashboards, alert rules. With --check it only compares. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { toGenerated } from './generated.ts';

const isCheck = process.argv.includes('--check');
const stale: string[] = [];

for (const [path, content] of toGenerated()) {
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  if (isCheck) stale.push(path);
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
