#!/usr/bin/env node
// Starts corespan from its sources. Plain JavaScript of every Node that still runs, so that an old one gets a sentence
// instead of a syntax error.
const FLOOR = 24;
if (Number(process.versions.node.split('.')[0]) < FLOOR) {
  process.stderr.write(
    `corespan: needs Node ${FLOOR} or newer, this is ${process.versions.node}; "npx corespan" in a checkout uses the one from node_modules\n`,
  );
  process.exit(2);
}
await import('../src/main.ts');
