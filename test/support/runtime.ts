/** Stops every test that was started on a Node older than corespan's own: vitest itself would not complain. */
const FLOOR = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < FLOOR) {
  throw new Error(
    `tests run on Node ${process.versions.node}, corespan needs ${FLOOR} or newer: start them with "npm test" or "npx vitest", which use the Node from node_modules`,
  );
}
