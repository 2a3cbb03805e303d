/**
 * The place where the example of docs/grafana.md runs: a network namespace of its own, in which the names of its
 * services all lead home, and the files where the compose file mounts them.
 */
import { cpSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readCompose, toMounts } from '../support/example.ts';
import { CONTROL_PLANE } from './addresses.ts';
import type { MonitoringPlace } from './monitoring.ts';
import { addNamespaces, configure } from './namespaces.ts';
import { claimRun, releaseRun, toRunFolder } from './runs.ts';

/** Where tempo.yaml keeps its blocks. */
const DATA_FOLDER = '/tmp/tempo';

export interface ExamplePlace extends MonitoringPlace {
  /** Arguments of a service's program; its files lie below a folder of the run. */
  commandOf(service: string): string[];
  stop(): Promise<void>;
}

export async function createExamplePlace(): Promise<ExamplePlace> {
  const claimed = claimRun(toRunFolder('example'));
  const namespace = `${claimed.prefix}example`;
  await addNamespaces([namespace]);
  await configure(namespace, ['link set lo up', `address add ${CONTROL_PLANE}/32 dev lo`]);
  const services = readCompose();
  const toRoot = (service: string): string => join(claimed.folder, service);
  for (const name of ['prometheus', 'tempo']) {
    for (const { source, target } of toMounts(services[name] ?? nothing(name))) {
      mkdirSync(dirname(join(toRoot(name), target)), { recursive: true });
      cpSync(source, join(toRoot(name), target), { recursive: true });
    }
  }
  const hosts = join(claimed.folder, 'hosts');
  writeFileSync(hosts, ['localhost', ...Object.keys(services)].map((name) => `127.0.0.1 ${name}\n`).join(''));
  return {
    runFolder: claimed.folder,
    sandboxes: {
      controlPlane: {
        name: 'example',
        namespace,
        mounts: [
          { source: hosts, target: '/etc/hosts', isReadOnly: true },
          { source: makeFolder(claimed.folder, 'tempo-data'), target: DATA_FOLDER },
        ],
      },
    },
    commandOf(service) {
      const root = toRoot(service);
      return (services[service]?.command ?? []).map((arg) => arg.replace(/=(\/.*)$/, `=${root}$1`));
    },
    async stop() {
      await releaseRun(claimed);
      removeMountPoint();
    },
  };
}

/** Made by whoever mounted something there first; another run may stand on it. */
function removeMountPoint(): void {
  try {
    rmdirSync(DATA_FOLDER);
  } catch {
    // Not ours alone.
  }
}

function makeFolder(...parts: readonly string[]): string {
  const folder = join(...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function nothing(service: string): never {
  throw new Error(`the compose file has no service ${service}`);
}
