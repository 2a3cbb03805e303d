/** Standard output takes nothing, or not all: the exit code and a sentence say so. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/commands/summary.ts';
import { runCorespan } from '../support/cli.ts';
import { toQueryLog } from '../support/queryLog.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corespan-stdout-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const REPLAY = ['replay', '-', '--cluster', 'none', '--span-rate', '1000000'];
const LOOKUPS = 100;
const NO_SPACE = 'standard output: ENOSPC: no space left on device, write';

interface Place {
  readonly path: string;
  /** Blocks after which a file takes no more, as a disk that is full. */
  readonly blocks?: number;
}

function runInto({ path, blocks }: Place, args: readonly string[]) {
  const limit = blocks === undefined ? '' : `ulimit -f ${blocks}; `;
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', `${limit}exec "$@" > "$0"`, path, process.execPath, 'bin/corespan.js', ...args],
    { input: toQueryLog(LOOKUPS), env: {}, encoding: 'utf8' },
  );
  return { code: status, stderr };
}

function toLastLine({ code, stderr }: ReturnType<typeof runInto>) {
  return [code, stderr.trimEnd().split('\n').at(-1)];
}

describe('a full disk behind', () => {
  it.each([
    [['--spans-out', '-'], `--spans-out: not everything could be written: ${NO_SPACE}`],
    [['--metrics-out', '-'], `--metrics-out: not everything could be written: ${NO_SPACE}`],
    [['--json'], `the summary could not be written: ${NO_SPACE}`],
    [[], `the summary could not be written: ${NO_SPACE}`],
  ])('replay %j', (options, sentence) => {
    const [code, last] = toLastLine(runInto({ path: '/dev/full' }, [...REPLAY, ...options]));
    expect([code, last]).toEqual([1, expect.stringContaining(sentence)]);
  });

  it.each([[['help']], [['--version']], [['demo', '--once', '--listen', 'none']]])('%j', (args) => {
    expect(toLastLine(runInto({ path: '/dev/full' }, args))).toEqual([1, `corespan: ${NO_SPACE}`]);
  });
});

describe('spans of which only the beginning fits', () => {
  it('are dropped, and the exit code says that they are not whole', () => {
    const path = join(folder, 'spans.jsonl');
    const { code, stderr } = runInto({ path, blocks: 16 }, [...REPLAY, '--spans-out', '-']);
    expect(readFileSync(path, 'utf8')).toMatch(/^{"resourceSpans":.*[^\n]$/);
    expect(stderr).toContain(`\nspans       0 exported, 0 sampled out, dropped: ${LOOKUPS} export_failed\n`);
    expect(stderr).toContain(
      '\ncorespan: --spans-out: not everything could be written: standard output: EFBIG',
    );
    expect(code).toBe(1);
  });

  it('are all there where all fit (twin)', () => {
    const path = join(folder, 'spans.jsonl');
    const { code, stderr } = runInto({ path }, [...REPLAY, '--spans-out', '-']);
    expect(stderr).toContain(`\nspans       ${LOOKUPS} exported, 0 sampled out, dropped: none\n`);
    expect(readFileSync(path, 'utf8').match(/"spanId"/g)).toHaveLength(LOOKUPS);
    expect(code).toBe(0);
  });
});

it.each([
  ['--spans-out', /^{"resourceSpans":/],
  ['--metrics-out', /^# HELP /],
])('what %s - writes is alone there: the summary goes to standard error', async (option, output) => {
  const { code, stdout, stderr } = await runCorespan([...REPLAY, '--json', option, '-'], {
    input: toQueryLog(LOOKUPS),
  });
  expect(stdout).toMatch(output);
  expect(stdout).not.toContain('"lookups":{');
  const { lookups }: Summary = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '');
  expect([code, lookups.success]).toEqual([0, LOOKUPS]);
});

it('a reader that went away is no failure', () => {
  const { status, stderr } = spawnSync(
    'sh',
    [
      '-c',
      '{ "$@"; echo "exit $?" >&2; } | true',
      'sh',
      process.execPath,
      'bin/corespan.js',
      ...REPLAY,
      '--metrics-out',
      '-',
    ],
    { input: toQueryLog(LOOKUPS), env: { PATH: process.env['PATH'] }, encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, expect.stringContaining('\nexit 0\n')]);
});
