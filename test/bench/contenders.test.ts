/** The benchmarks in small: all count alike on every corpus; nothing is timed here. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CONTENDERS, type ContenderName } from './contenders.ts';
import { CORPORA, type CorpusName, writeCorpus } from './corpora.ts';
import { findDifferences } from './tally.ts';

const LINES = 5_000;
const folder = mkdtempSync(join(tmpdir(), 'corespan-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CLIENTS = ['192.0.2.1', '192.0.2.2', '2001:db8::1'];

describe.each(Object.keys(CORPORA) as CorpusName[])('%s', (corpus) => {
  const log = join(folder, `${corpus}.log`);
  writeCorpus(corpus, log, { lines: LINES, seed: 7 });

  it.each(['parser', 'edges', 'pipeline'] satisfies ContenderName[])(
    '%s counts as the plain parser',
    async (name) => {
      const expected = await CONTENDERS.plain.start()(log);
      expect(expected.queries).toBeGreaterThan(LINES * 0.9);
      expect(expected.queries + expected.notices).toBe(LINES);
      const read = CONTENDERS[name].start(CLIENTS);
      expect(findDifferences(await read(log), expected)).toEqual([]);
      // Whoever knows the names already counts the same.
      expect(findDifferences(await read(log), expected)).toEqual([]);
    },
  );
});

it('tells what differs', () => {
  const tally = { queries: 2, notices: 1, nanoseconds: '30', rcodes: { NOERROR: 2 } };
  expect(findDifferences({ ...tally, queries: 3, rcodes: { NOERROR: 3 } }, tally)).toEqual([
    'queries: 3 instead of 2',
    'rcodes: NOERROR 3 instead of NOERROR 2',
  ]);
});
