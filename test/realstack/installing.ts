/** What the checks of the installation share: our manifests, our commands, and how a pod is compared with the description. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { toAddition } from '../../src/install/container.ts';
import type { Addition } from '../../src/install/objects.ts';
import { type Settings, toSettings, type Vantage } from '../../src/install/settings.ts';
import { type Finished, runCorespan } from '../support/cli.ts';
import type { RealCluster } from './cluster.ts';
import { attempt, type Outcome } from './commands.ts';
import { toBinary } from './programs.ts';
import { toArgv } from './sandbox.ts';

export const IMAGE = 'registry.example.org/corespan:0.1.0';
export const STRICT = ['--validate=strict', '--dry-run=server'] as const;

export interface PodSpec {
  readonly containers: readonly {
    readonly name: string;
    readonly volumeMounts?: readonly { readonly name: string }[];
  }[];
  readonly volumes?: readonly { readonly name: string }[];
}

export function readFixture(name: string): string {
  return readFileSync(`test/fixtures/install/${name}`, 'utf8');
}

export async function injectText(input: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr }: Finished = await runCorespan(['inject', '--image', IMAGE, ...args], {
    input,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return stdout;
}

/** corespan's part of a pod; the token that admission mounts everywhere is not ours. */
export function toOurPart({ containers, volumes = [] }: PodSpec): Addition | undefined {
  const container = containers.find(({ name }) => name === 'corespan');
  if (container === undefined) return undefined;
  const volumeMounts = container.volumeMounts?.filter(({ name }) => !name.startsWith('kube-api-access'));
  const own = volumes.filter(({ name }) => name.startsWith('corespan-'));
  return { container: { ...container, volumeMounts }, volumes: own } as unknown as Addition;
}

/** Whoever wrote the pod wrote what the description says; the API server adds only defaults. */
export function expectDescribed(spec: PodSpec, vantage: Vantage, given: Partial<Settings> = {}): void {
  const described = toAddition(toSettings(vantage, { image: IMAGE, ...given }));
  const ours = toOurPart(spec);
  expect(ours).toMatchObject(described);
  expect(
    Object.keys(ours?.container ?? {})
      .filter((key) => !(key in described.container))
      .toSorted(),
  ).toEqual(DEFAULTED.filter((key) => key in (ours?.container ?? {})));
}

const DEFAULTED = ['terminationMessagePath', 'terminationMessagePolicy'];

export function helm(cluster: RealCluster, args: readonly string[]): Promise<Outcome> {
  const argv = [toBinary('helm', 'helm'), ...args];
  return attempt(toArgv(cluster.sandboxes.controlPlane, argv), {
    env: { HOME: cluster.runFolder, KUBECONFIG: cluster.controlPlane.kubeconfig },
  });
}
