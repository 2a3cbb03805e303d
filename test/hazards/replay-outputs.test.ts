/** A replay whose outputs fail, or are slower than its reading: nothing is lost in silence. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replay } from '../../src/commands/replay.ts';
import type { Summary } from '../../src/commands/summary.ts';
import { runCorespan } from '../support/cli.ts';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { startOtlpServer } from '../support/otlpServer.ts';
import { toQueryLog } from '../support/queryLog.ts';
import { createTestWorld } from '../support/world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corespan-replay-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const REPLAY = ['replay', '-', '--cluster', 'none', '--json'];
const FULL = '/dev/full';
/** A year ago: far from the wall clock. */
const START = Date.parse('2025-11-21T12:00:00Z');

describe('spans that come all at once, at the end of the log', () => {
  const LOOKUPS = 40_000;
  const all = { acked: LOOKUPS, dropped: {}, sampledOut: 0 };
  const input = toQueryLog(LOOKUPS, { start: START, step: 0.01, rcode: 'NXDOMAIN' });

  it('wait for the endpoint', async () => {
    const server = await startOtlpServer();
    const options = ['--span-rate', '1000000', '--otlp-endpoint', server.url];
    const { code, stdout } = await runCorespan([...REPLAY, ...options], { input });
    await server.stop();
    const { spans }: Summary = JSON.parse(stdout);
    expect({ code, spans, arrived: server.spans.length }).toEqual({ code: 0, spans: all, arrived: LOOKUPS });
  });

  it('all stand in the file', async () => {
    const path = join(folder, 'spans.jsonl');
    const options = ['--span-rate', '1000000', '--spans-out', path];
    const { stdout } = await runCorespan([...REPLAY, ...options], { input });
    const { spans }: Summary = JSON.parse(stdout);
    expect(spans).toEqual(all);
    expect(readFileSync(path, 'utf8').match(/"spanId"/g)).toHaveLength(LOOKUPS);
  });
});

describe('a disk that is full', () => {
  it.each(['--spans-out', '--metrics-out'])('makes a replay with %s fail, which says so', async (option) => {
    const { code, stderr } = await runCorespan([...REPLAY, option, FULL], { input: toQueryLog(10) });
    expect(code).toBe(1);
    expect(stderr).toContain(`${option}: not everything could be written: ENOSPC`);
  });

  it('still lets the summary be told', async () => {
    const { stdout } = await runCorespan([...REPLAY, '--spans-out', FULL], { input: toQueryLog(10) });
    const { spans }: Summary = JSON.parse(stdout);
    expect(spans).toEqual({ acked: 0, dropped: { export_failed: 10 }, sampledOut: 0 });
  });
});

it('metrics are written as of the last moment of the log, not of today', async () => {
  const input = toQueryLog(100, { start: START });
  const { stdout } = await runCorespan(['replay', '-', '--cluster', 'none', '--metrics-out', '-'], { input });
  const distinct = sumOf(parseExposition(stdout), 'corespan_distinct_names');
  expect(Math.abs(distinct - 100)).toBeLessThan(20);
});

it('a stop ends the reading: what was read is summed up, and the exit code says that it is not all', async () => {
  const world = createTestWorld(['-', '--cluster', 'none', '--json']);
  world.stdin.write(toQueryLog(10));
  const code = replay.run(world);
  await world.says(/Spans are off/);
  world.stop();
  expect(await code).toBe(1);
  const { lookups }: Summary = JSON.parse(world.stdout());
  expect(lookups).toEqual({ success: 10, denial: 0, error: 0 });
  expect(world.stderr()).toContain('stopped before the end of the input');
});
