/** What --cluster, --kubeconfig, --source or --checkpoint lead to is wrong: said with all else at once, idled on in a pod. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../src/commands/run.ts';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { createTestWorld } from '../support/world.ts';

const IN_POD = { KUBERNETES_SERVICE_HOST: '192.0.2.1' };
const SERVED = ['--source', 'stdin', '--listen', '127.0.0.1:0'];
const NOWHERE = '--cluster: got "/nope", wants auto, none or a recording that exists';
const folder = mkdtempSync(join(tmpdir(), 'corespan-mistakes-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'broken.json'), '{"kind":');

interface Answers {
  readonly readyz: string;
  readonly problems: number;
  readonly stderr: string;
}

/** What a pod with these options says. */
async function ask(args: readonly string[]): Promise<Answers> {
  const world = createTestWorld(args, { env: IN_POD });
  const code = run.run(world);
  onTestFinished(async () => {
    world.stop();
    expect(await code).toBe(0);
  });
  const [, url = ''] = await world.says(/"url":"([^"]+)"/);
  const get = async (path: string): Promise<string> => await (await fetch(`${url}${path}`)).text();
  const readyz = await get('/readyz');
  const problems = sumOf(parseExposition(await get('/metrics')), 'corespan_config_problems');
  return { readyz, problems, stderr: world.stderr() };
}

describe('inside a pod', () => {
  it.each([
    { args: ['--cluster', '/nope'], problem: NOWHERE },
    {
      args: ['--cluster', join(folder, 'broken.json')],
      problem: `--cluster: ${join(folder, 'broken.json')}:1:`,
    },
    { args: ['--kubeconfig', '/nope'], problem: '--kubeconfig: ' },
    {
      args: ['--source', 'volume', '--checkpoint', '/nope/x.json', '--cluster', 'none'],
      problem:
        '--checkpoint: got "/nope/x.json", wants a file in a folder that exists: there is no folder /nope',
    },
  ])('$args: idles, is counted and said', async ({ args, problem }) => {
    const { readyz, problems, stderr } = await ask([...SERVED, ...args]);
    expect(readyz).toMatch(/^waiting for:\n- [^\n]+\n$/);
    expect(readyz).toContain(`waiting for:\n- ${problem}`);
    expect(problems).toBe(1);
    expect(stderr).toContain('corespan does nothing until it is restarted');
    expect(stderr).not.toContain('Following the log');
  });

  it('all at once, with what is wrong in the options', async () => {
    const args = ['--cluster', '/nope', '--source', 'kube', '--kubeconfig', '/nope2', '--sample-ratio', '7'];
    const { readyz, problems } = await ask(['--listen', '127.0.0.1:0', ...args]);
    expect(readyz).toMatch(/- --sample-ratio: .*\n- --source kube: --kubeconfig: .*\n- --cluster: .*\n$/);
    expect(problems).toBe(3);
  });

  it('without its service account it goes on unnamed, which is counted too', async () => {
    const { readyz, problems, stderr } = await ask(SERVED);
    expect(readyz).toContain("- the pod's service account cannot be read");
    expect(problems).toBe(1);
    expect(stderr).not.toContain('corespan does nothing');
  });

  it('twin: nothing is wrong, nothing is counted', async () => {
    const { readyz, problems } = await ask([...SERVED, '--cluster', 'none']);
    expect(problems).toBe(0);
    expect(readyz).not.toContain('--');
  });
});

describe('outside a pod', () => {
  it.each([
    { args: ['--cluster', '/nope', '--sample-ratio', '7'], told: ['--sample-ratio: ', NOWHERE] },
    {
      args: ['--cluster', '/nope', '--source', 'kube', '--kubeconfig', '/nope2'],
      told: ['--source kube: --kubeconfig: ', NOWHERE],
    },
    { args: ['--cluster', '/nope', '--log-format', '{nope}'], told: ['--log-format: ', NOWHERE] },
    { args: ['--cluster', '/nope', '--listen', '9464'], told: ['--listen: got "9464"', NOWHERE] },
    { args: ['--cluster', '/nope', 'a.log'], told: ['a.log: run takes no path', NOWHERE] },
    {
      args: ['--checkpoint', join(folder, 'no', 'x.json'), '--cluster', '/nope'],
      told: [
        `--checkpoint: got "${folder}/no/x.json", wants a file in a folder that exists: there is no folder`,
        NOWHERE,
      ],
    },
    {
      args: ['--checkpoint', folder, '--cluster', 'none'],
      told: [`--checkpoint: got "${folder}", wants a file in a folder that exists: that is a folder`],
    },
    {
      args: ['--checkpoint', join(folder, 'broken.json', 'x'), '--cluster', 'none'],
      told: ['--checkpoint: '],
    },
    // One API server, one sentence.
    { args: ['--source', 'kube', '--kubeconfig', '/nope'], told: ['--source kube: --kubeconfig: '] },
    // A default that stands in for what is wrong is nobody's mistake.
    { args: ['--clutser', '/nope'], told: ['--clutser: no such option'] },
  ])('$args', async ({ args, told }) => {
    const world = createTestWorld(args);
    expect(await run.run(world)).toBe(2);
    const lines = world.stderr().trimEnd().split('\n');
    expect(lines).toEqual(told.map((part) => expect.stringContaining(`corespan: ${part}`) as unknown));
  });
});
