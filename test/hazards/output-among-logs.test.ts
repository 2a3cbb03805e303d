/** A replay whose output lies where its logs do: it is not read as one of them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Summary } from '../../src/commands/summary.ts';
import { runCorespan } from '../support/cli.ts';
import { toQueryLog } from '../support/queryLog.ts';

const QUERIES = 10_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corespan-among-'));
  writeFileSync(join(folder, 'dns.log.1'), toQueryLog(QUERIES));
});
afterEach(() => rmSync(folder, { recursive: true }));

// By its name it would continue the log that is read.
it.each(['dns.log', 'spans.jsonl'])('spans go to %s', async (name) => {
  const output = join(folder, name);
  const options = ['--cluster', 'none', '--json', '--span-rate', '1000000', '--spans-out', output];
  const { code, stdout } = await runCorespan(['replay', folder, ...options]);
  const { lines, spans }: Summary = JSON.parse(stdout);
  expect({ code, lines, acked: spans.acked }).toEqual({
    code: 0,
    lines: { read: QUERIES, parsed: { query: QUERIES }, rejected: {} },
    acked: QUERIES,
  });
  expect(readFileSync(output, 'utf8').match(/"spanId"/g)).toHaveLength(QUERIES);
});
