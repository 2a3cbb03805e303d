/** Inside a pod no bug of ours ends the process: it is said, counted and survived. */
import { expect, it } from 'vitest';
import { run } from '../../src/commands/run.ts';
import { parseExposition, sumOf } from '../support/exposition.ts';
import { createTestWorld } from '../support/world.ts';

const ARGS = ['--source', 'stdin', '--cluster', 'none', '--listen', '127.0.0.1:0'];
const IN_POD = { KUBERNETES_SERVICE_HOST: '192.0.2.1' };

/** Standard input that throws as soon as it is touched. */
const BROKEN = {
  on: () => {
    throw new Error('broken on purpose');
  },
} as unknown as NodeJS.ReadStream;

async function get(url: string, path: string): Promise<string> {
  return await (await fetch(`${url}${path}`)).text();
}

it('a start that throws idles and says so on /readyz and in a metric', async () => {
  const world = createTestWorld(ARGS, { env: IN_POD, stdin: BROKEN });
  const code = run.run(world);
  await world.says(/Serving the problems/);
  const url = /Serving the problems","url":"([^"]+)"/.exec(world.stderr())?.[1] ?? '';
  expect(await get(url, '/readyz')).toBe('waiting for:\n- corespan failed: broken on purpose\n');
  expect(sumOf(parseExposition(await get(url, '/metrics')), 'corespan_faults_total')).toBe(1);
  world.stop();
  expect(await code).toBe(0);
});

it('the same start fails outside a pod (twin)', async () => {
  const world = createTestWorld(ARGS, { stdin: BROKEN });
  await expect(run.run(world)).rejects.toThrow('broken on purpose');
});

it('what nobody caught is counted, and following goes on', async () => {
  const world = createTestWorld(ARGS, { env: IN_POD });
  const code = run.run(world);
  const [, url = ''] = await world.says(/"url":"([^"]+)"/);
  world.fault(new Error('nobody caught this'));
  world.fault('nor this, which is no Error');
  expect(sumOf(parseExposition(await get(url, '/metrics')), 'corespan_faults_total')).toBe(2);
  expect(world.stderr()).toContain('nobody caught this');
  world.stop();
  expect(await code).toBe(0);
});
