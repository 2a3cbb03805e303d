/** A replay whose outputs fail, or are slower than its reading: nothing is lost in silence. */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replay } from '../../src/commands/replay.ts';
import type { Summary } from '../../src/commands/summary.ts';
import { runCorespan } from '../support/cli.ts';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { listen } from '../support/listen.ts';
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
const STOPPED = '\ncorespan: stopped before the end of the input\n';

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
  const NO_SPACE = 'ENOSPC: no space left on device, write';

  // Spans that cannot be written are dropped as those are that an endpoint refuses: the replay goes on.
  it.each([
    ['--spans-out', { acked: 0, dropped: { export_failed: 10 }, sampledOut: 0 }],
    ['--metrics-out', { acked: 0, dropped: {}, sampledOut: 0 }],
  ])('makes a replay with %s fail, which says so behind its summary', async (option, expected) => {
    const { code, stdout, stderr } = await runCorespan([...REPLAY, option, FULL], { input: toQueryLog(10) });
    const last = stderr.trimEnd().split('\n').at(-1);
    expect([code, last]).toEqual([1, `corespan: ${option}: not everything could be written: ${NO_SPACE}`]);
    const { spans }: Summary = JSON.parse(stdout);
    expect(spans).toEqual(expected);
  });

  it('is told by the name of the file, not as the fault of an endpoint', async () => {
    const { stderr } = await runCorespan([...REPLAY, '--spans-out', FULL], { input: toQueryLog(10) });
    expect(stderr).toContain(`"message":"Spans could not be written","file":"${FULL}","error":"${NO_SPACE}"`);
    expect(stderr).not.toContain('endpoint');
  });
});

it('metrics are written as of the last moment of the log, not of today', async () => {
  const input = toQueryLog(100, { start: START });
  const { stdout } = await runCorespan(['replay', '-', '--cluster', 'none', '--metrics-out', '-'], { input });
  // An estimate: that of these hundred names. Of today, a year later, it would be none.
  expect(sumOf(parseExposition(stdout), 'corespan_distinct_names')).toBe(99);
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
  expect(world.stderr().endsWith(STOPPED)).toBe(true);
});

describe('an output given by mistake', () => {
  const LOG = toQueryLog(10);

  it('that is the log itself is refused, and the log stays whole', async () => {
    const log = join(folder, 'coredns.log');
    writeFileSync(log, LOG);
    const link = join(folder, 'link');
    symlinkSync(log, link);
    for (const place of [log, link]) {
      const { code, stderr } = await runCorespan(['replay', log, '--spans-out', place]);
      expect([code, stderr]).toEqual([
        2,
        `corespan: --spans-out: ${place} is one of the logs that are read, wants another place\n`,
      ]);
    }
    expect(readFileSync(log, 'utf8')).toBe(LOG);
  });

  it.each(['cluster.json', '.'])(
    'that is the recording %s is refused, and the recording stays whole',
    async (cluster) => {
      const recording = join(folder, 'cluster.json');
      const text = '{"kind":"PodList","items":[]}';
      writeFileSync(recording, text);
      const args = ['replay', '-', '--cluster', cluster, '--metrics-out', 'cluster.json'];
      const { code, stderr } = await runCorespan(args, { cwd: folder });
      expect([code, stderr, readFileSync(recording, 'utf8')]).toEqual([
        2,
        'corespan: --metrics-out: cluster.json is the recording of the cluster, wants another place\n',
        text,
      ]);
    },
  );

  it.each(['--spans-out', '--metrics-out'])(
    'that is the log behind standard input is refused, and the log stays whole: %s',
    (option) => {
      const log = join(folder, 'in.log');
      writeFileSync(log, LOG);
      const command = [process.execPath, 'bin/corespan.js', ...REPLAY, option, log];
      const { status, stderr } = spawnSync('sh', ['-c', 'exec "$@" < "$0"', log, ...command], {
        env: {},
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([
        2,
        `corespan: ${option}: ${log} is one of the logs that are read, wants another place\n`,
      ]);
      expect(readFileSync(log, 'utf8')).toBe(LOG);
    },
  );

  it.each([
    { args: ['missing.log'], sentence: 'missing.log: there is no such file or folder' },
    {
      args: ['-', '--cluster', 'nowhere'],
      sentence:
        '--cluster: got "nowhere", wants auto, none or a recording that exists; there is nothing of that name',
    },
  ])('is not emptied by a replay that is refused: $args', async ({ args, sentence }) => {
    const notes = join(folder, 'notes.txt');
    writeFileSync(notes, 'a diary');
    const { code, stderr } = await runCorespan(['replay', ...args, '--metrics-out', notes], { cwd: folder });
    expect([code, stderr, readFileSync(notes, 'utf8')]).toEqual([2, `corespan: ${sentence}\n`, 'a diary']);
  });

  it('is not made by a replay that is refused', async () => {
    const made = join(folder, 'made.txt');
    const { code } = await runCorespan(['replay', 'nowhere.log', '--metrics-out', made], { cwd: folder });
    expect([code, existsSync(made)]).toEqual([2, false]);
  });

  it('is emptied by one that runs (twin)', async () => {
    const notes = join(folder, 'notes.txt');
    writeFileSync(notes, 'a diary'.repeat(100_000));
    const { code } = await runCorespan([...REPLAY, '--metrics-out', notes], { input: LOG });
    expect([code, readFileSync(notes, 'utf8').includes('diary')]).toEqual([0, false]);
  });
});

describe('whoever is asked to stop', () => {
  it('does not wait for an endpoint that takes connections and never answers', async () => {
    const hanging = createServer(() => {});
    const port = await listen(hanging);
    const endpoint = ['--otlp-endpoint', `http://127.0.0.1:${port}`, '--span-rate', '1000000'];
    const options = ['--shutdown-timeout', '100ms', '--sample-ratio', '1'];
    const world = createTestWorld(['-', '--cluster', 'none', '--json', ...endpoint, ...options]);
    world.stdin.end(toQueryLog(40_000, { start: START, step: 1 }));
    const connected = once(hanging, 'connection');
    const code = replay.run(world);
    const [socket] = (await connected) as [Socket];
    world.stop();
    expect(await code).toBe(1);
    const { spans, lookups }: Summary = JSON.parse(world.stdout());
    // How far the reading came before the stop is the machine's; each lookup of it is a span that nobody took.
    expect(lookups.success).toBeGreaterThan(0);
    expect(spans).toEqual({ acked: 0, dropped: { shutdown: lookups.success }, sampledOut: 0 });
    socket.destroy();
  });

  it('does not wait for a pipe that says nothing', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const world = createTestWorld([pipe, '--cluster', 'none', '--json']);
    const code = replay.run(world);
    const writer = createWriteStream(pipe);
    await once(writer, 'open');
    world.stop();
    expect(await code).toBe(1);
    const { lines }: Summary = JSON.parse(world.stdout());
    expect(lines).toEqual({ read: 0, parsed: {}, rejected: {} });
    expect(world.stderr().endsWith(STOPPED)).toBe(true);
    writer.destroy();
  });
});
