/** A test that is killed leaves no process behind, and the next run removes the rest. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addNamespaces, listNamespaces, listProcesses } from './namespaces.ts';
import { describeRealStack } from './realStack.ts';
import { claimRun, releaseRun, sweepDeadRuns, toRunFolder } from './runs.ts';
import { until } from './until.ts';

const NEEDS = { programs: ['criwriter'], packages: ['iproute2', 'util-linux', 'socat'] } as const;

describeRealStack('a killed test', NEEDS, () => {
  test('its processes die with it, its namespaces go at the next sweep, living runs stay', async () => {
    const own = claimRun(toRunFolder('living'));
    await addNamespaces([`${own.prefix}box`]);
    // A registry of its own: otherwise tests of another checkout might sweep before we have looked.
    const registry = join(own.socketFolder, 'registry');
    const victim = spawn(process.execPath, [join(import.meta.dirname, 'victim.ts'), own.folder, registry], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [told] = (await once(victim.stdout, 'data')) as [Buffer];
    const { id, prefix, socketFolder, pids } = JSON.parse(told.toString()) as Victim;
    const box = `${prefix}box`;
    // It looked: a program as another user, criwriter with its container, and a door are there.
    expect(pids).toHaveLength(4);
    expect(new Set(await listProcesses(box))).toEqual(new Set(pids));

    victim.kill('SIGKILL');
    await until('the end of its processes', async () => (await listProcesses(box)).length === 0 || undefined);
    expect(await listNamespaces(prefix)).toEqual([box]);

    expect(await sweepDeadRuns()).not.toContain(own.id);
    expect(await sweepDeadRuns(registry)).toEqual([id]);
    expect({ namespaces: await listNamespaces(prefix), isRegistered: existsSync(socketFolder) }).toEqual({
      namespaces: [],
      isRegistered: false,
    });
    expect(await listNamespaces(own.prefix)).toEqual([`${own.prefix}box`]);
    await releaseRun(own);
  });
});

interface Victim {
  readonly id: string;
  readonly prefix: string;
  readonly socketFolder: string;
  readonly pids: readonly number[];
}
