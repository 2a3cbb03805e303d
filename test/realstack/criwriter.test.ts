/** The CRI log writer: lines are wrapped as containerd does, files are rotated as the kubelet does, nothing is lost. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Container, type Rotation, startContainer, toLogPath } from './criwriter.ts';
import { addNamespaces } from './namespaces.ts';
import { describeRealStack } from './realStack.ts';
import { claimRun, type Run, releaseRun, toRunFolder } from './runs.ts';
import { until } from './until.ts';

const NEEDS = { programs: ['criwriter'], packages: ['iproute2', 'util-linux'] } as const;

describeRealStack('criwriter', NEEDS, () => {
  let run: Run;

  beforeAll(async () => {
    run = claimRun(toRunFolder('criwriter'));
    await addNamespaces([`${run.prefix}box`]);
  });
  afterAll(() => releaseRun(run));

  /** Each container is a pod of its own. */
  async function startShell(
    pod: string,
    script: string,
    rotation: Rotation = { checkEvery: 0 },
  ): Promise<Container> {
    const logPath = toLogPath(
      run.folder,
      { namespace: 'shop', name: pod, uid: 'u-1' },
      { container: 'web', restart: 0 },
    );
    return await startContainer({
      name: pod,
      sandbox: { name: pod, namespace: `${run.prefix}box`, mounts: [] },
      argv: ['sh', '-c', script],
      logPath,
      rotation,
      complaints: join(run.folder, 'complaints.log'),
    });
  }

  test.each([
    ['a line', 'echo one', ['stdout F one']],
    ['an empty line', 'echo', ['stdout F ']],
    ['a carriage return at the end is dropped', "printf 'one\\r\\n'", ['stdout F one']],
    ['a last line without an end is a piece', 'printf one', ['stdout P one']],
    ['standard error', 'echo one >&2', ['stderr F one']],
    ['no line', 'true', []],
    [
      'a line of exactly 16 KiB is whole',
      "head -c 16384 /dev/zero | tr '\\0' x; echo",
      [`stdout F ${'x'.repeat(16_384)}`],
    ],
    [
      'a longer one is cut into pieces',
      "head -c 16385 /dev/zero | tr '\\0' x; echo",
      [`stdout P ${'x'.repeat(16_384)}`, 'stdout F x'],
    ],
  ])('%s', async (name, script, expected) => {
    const container = await startShell(name.replaceAll(/\W/g, '-'), script);
    const { lost } = await container.ended;
    expect({ lines: readLines(container.logPath).map(withoutTime), lost }).toEqual({
      lines: expected,
      lost: 0,
    });
  });

  test('every line begins with its time, in nanoseconds without trailing zeros, and times never go back', async () => {
    const container = await startShell('times', 'seq 5000');
    await container.ended;
    const times = readLines(container.logPath).map((line) => line.split(' ')[0] ?? '');
    expect(times).toHaveLength(5000);
    expect(
      times.filter(
        (time) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?(Z|[+-]\d\d:\d\d)$/.test(time),
      ),
    ).toEqual([]);
    const padded = times.map((time) => time.replace(/[Z+-][\d:]*$/, '').padEnd(29, '0'));
    expect(padded).toEqual(padded.toSorted());
  });

  test('the ending tells the exit code and how many lines there were', async () => {
    const container = await startShell('ending', 'echo one; echo two >&2; exit 3');
    expect(await container.ended).toEqual({ code: 3, lines: 2, lost: 0 });
  });

  test('a container that is stopped may say something on its way out', async () => {
    const container = await startShell(
      'goodbye',
      'trap "echo bye; exit 0" TERM; echo hello; while :; do sleep 0.05; done',
    );
    await until('hello', () => readLines(container.logPath).length || undefined);
    expect(await container.stop()).toEqual({ code: 0, lines: 2, lost: 0 });
    expect(readLines(container.logPath).map(withoutTime)).toEqual(['stdout F hello', 'stdout F bye']);
  });

  test('a container that does not want to stop is killed', async () => {
    const container = await startShell('stubborn', 'trap "" TERM; echo hello; while :; do sleep 0.05; done');
    await until('hello', () => readLines(container.logPath).length || undefined);
    expect(await container.stop(100)).toEqual({ code: 137, lines: 1, lost: 0 });
  });

  test('rotation: excess goes, older are compressed, the newest rotated one is not, no line is lost', async () => {
    const container = await startShell('rotated', COUNT_ON_DEMAND, { checkEvery: 0, maxFiles: 4 });
    const folder = dirname(container.logPath);
    // Leftovers of a rotation that failed half-way: the kubelet removes them.
    writeFileSync(join(folder, '0.log.20260102-030405.tmp'), 'half');
    const rotated: string[] = [];
    for (let n = 1; n <= 5; n++) {
      await untilSaid(container, n);
      rotated.push((await container.rotate()).slice(container.logPath.length));
    }
    const [third, fourth, fifth] = rotated.slice(-3);
    const expected = [`0.log${third}.gz`, `0.log${fourth}.gz`, `0.log${fifth}`];
    expect(readdirSync(folder).toSorted()).toEqual(['0.log', ...expected]);
    const told = expected.flatMap((name) => readLines(join(folder, name))).map(withoutTime);
    expect(told).toEqual(['stdout F 3', 'stdout F 4', 'stdout F 5']);
    await container.stop();
  });

  test('rotation by size while lines come: all files together hold every line once, in order', async () => {
    const container = await startShell('busy', 'seq 400000', {
      checkEvery: 0.02,
      maxSize: 100_000,
      maxFiles: 100,
    });
    expect(await container.ended).toEqual({ code: 0, lines: 400_000, lost: 0 });
    const folder = dirname(container.logPath);
    const rotated = readdirSync(folder)
      .filter((name) => name !== '0.log')
      .toSorted();
    const told = [...rotated, '0.log'].flatMap((name) => readLines(join(folder, name))).map(withoutTime);
    expect(rotated.length).toBeGreaterThan(0);
    const firstWrong = told.findIndex((line, i) => line !== `stdout F ${i + 1}`);
    expect({ lines: told.length, firstWrong }).toEqual({ lines: 400_000, firstWrong: -1 });
  });

  test('a disk that is full loses lines, which are counted, and the container goes on', async () => {
    const full = join(run.folder, 'shop_full_u-1/web');
    mkdirSync(full, { recursive: true });
    const container = await startContainer({
      name: 'full',
      sandbox: {
        name: 'full',
        namespace: `${run.prefix}box`,
        mounts: [{ source: '/dev/full', target: join(full, '0.log') }],
      },
      argv: ['sh', '-c', 'seq 1000'],
      logPath: join(full, '0.log'),
      complaints: join(run.folder, 'complaints.log'),
    });
    expect(await container.ended).toEqual({ code: 0, lines: 1000, lost: 1000 });
  });

  test('a program that is not there is an error that says so', async () => {
    const failing = startContainer({
      name: 'nothing',
      sandbox: { name: 'nothing', namespace: `${run.prefix}box`, mounts: [] },
      argv: ['/no/such/program'],
      logPath: join(run.folder, 'shop_nothing_u-1/web/0.log'),
      complaints: join(run.folder, 'complaints.log'),
    });
    await expect(failing).rejects.toThrow('cannot start /no/such/program');
  });
});

/** Says 1, 2, 3, … one each time it gets SIGHUP. */
const COUNT_ON_DEMAND = 'n=0; trap "n=\\$((n + 1)); echo \\$n" HUP; echo 0; while :; do sleep 0.01; done';

async function untilSaid(container: Container, n: number): Promise<void> {
  // The shell may not have set its trap before it says 0.
  if (n === 1) await until('0', () => readLines(container.logPath).length || undefined);
  container.signal('SIGHUP');
  await until(
    String(n),
    () => readLines(container.logPath).some((line) => line.endsWith(` F ${n}`)) || undefined,
  );
}

function readLines(path: string): string[] {
  const bytes = path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path);
  return bytes.toString('utf8').split('\n').slice(0, -1);
}

function withoutTime(line: string): string {
  return line.slice(line.indexOf(' ') + 1);
}
