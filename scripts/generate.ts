/** Writes what is derived from the code: references and manifests. With --check it only compares. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { toManifests } from './manifests/manifests.ts';
import { toPlatformPages } from './platformPages.ts';
import { toReferences } from './references.ts';

const isCheck = process.argv.includes('--check');
const stale: string[] = [];

for (const [path, content] of [...toReferences(), ...toManifests(), ...toPlatformPages()]) {
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
