/** --log-dir or --containers lead to no log: /readyz and the log say so, until one is there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFollower } from '../../src/sources/follow.ts';
import { type Running, startRunning } from '../support/running.ts';
import { createTestSelf } from '../support/self.ts';

let folder: string;
let running: Running | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corespan-nothing-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(folder, { recursive: true });
});

it('the source waits for the folder, then for a log in it, and then for nothing', () => {
  const self = createTestSelf();
  let time = 0;
  const dir = join(folder, 'pods');
  const options = { dir, containers: ['coredns', 'dns'], checkpoint: undefined, now: () => time };
  const source = createFollower(options, self.sources);
  function look(): string | undefined {
    time += 10_000;
    source.poll(() => {});
    return source.waitingFor?.();
  }
  const missing = 'a log of the containers coredns, dns (--containers) in';
  expect(look()).toBe(`${missing} ${dir}, which is not there (--log-dir)`);
  mkdirSync(join(dir, 'kube-system_coredns-1_0b7a', 'sidecar'), { recursive: true });
  writeFileSync(join(dir, 'kube-system_coredns-1_0b7a', 'sidecar', '0.log'), '');
  expect(look()).toBe(`${missing} ${dir} (--log-dir)`);
  expect(self.messages.join('')).toContain(`"--log-dir":"${dir}","--containers":"coredns,dns"`);
  mkdirSync(join(dir, 'kube-system_coredns-1_0b7a', 'coredns'));
  writeFileSync(join(dir, 'kube-system_coredns-1_0b7a', 'coredns', '0.log'), '');
  expect(look()).toBeUndefined();
  source.stop();
});

it('a file where a folder is wanted is called so, and followed once it is one', () => {
  const self = createTestSelf();
  let time = 0;
  const dir = join(folder, '0.log');
  writeFileSync(dir, 'a line\n');
  const source = createFollower(
    { dir, containers: ['coredns'], checkpoint: undefined, now: () => time },
    self.sources,
  );
  function look(): string | undefined {
    time += 10_000;
    source.poll(() => {});
    return source.waitingFor?.();
  }
  expect(look()).toContain(`in ${dir}, which is a file where a folder is wanted (--log-dir)`);
  expect(self.messages.join('')).toContain(`"path":"${dir}","error":"a file where a folder is wanted"`);
  rmSync(dir);
  mkdirSync(join(dir, 'coredns'), { recursive: true });
  writeFileSync(join(dir, 'coredns', '0.log'), '');
  expect(look()).toBeUndefined();
  source.stop();
});

it('/readyz is not ready, and says what it waits for', async () => {
  const options = ['--log-dir', folder, '--containers', 'other', '--cluster', 'none'];
  running = startRunning(['run', ...options, '--listen', '127.0.0.1:0']);
  const [, url = ''] = await running.says(/"url":"([^"]+)"/);
  await running.says(/There is no log of the named containers yet/);
  const answer = await fetch(`${url}/readyz`);
  expect([answer.status, await answer.text()]).toEqual([
    503,
    `waiting for:\n- a log of the containers other (--containers) in ${folder} (--log-dir)\n`,
  ]);
});
