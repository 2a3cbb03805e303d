/** The catalogue of programs of the real stack: what is built from which Go module, and where the result lies. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Program {
  /** Name of the binary → package to build. */
  readonly binaries: Readonly<Record<string, string>>;
  /** Variables set at link time. */
  readonly variables?: Readonly<Record<string, string>>;
}

const KUBE_VERSION = 'k8s.io/component-base/version';

/** In the order in which they are built; the key is the folder under go/. */
export const PROGRAMS = {
  criwriter: { binaries: { criwriter: '.' } },
  coredns: { binaries: { coredns: 'github.com/coredns/coredns' } },
  'coredns-prev': { binaries: { coredns: 'github.com/coredns/coredns' } },
  etcd: { binaries: { etcd: 'go.etcd.io/etcd/server/v3' } },
  kube: {
    binaries: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    // Without them the server calls itself v0.0.0-master and kubectl warns.
    variables: {
      [`${KUBE_VERSION}.gitVersion`]: 'v1.36.3',
      [`${KUBE_VERSION}.gitMajor`]: '1',
      [`${KUBE_VERSION}.gitMinor`]: '36',
    },
  },
  prometheus: {
    binaries: {
      prometheus: 'github.com/prometheus/prometheus/cmd/prometheus',
      promtool: 'github.com/prometheus/prometheus/cmd/promtool',
    },
  },
  tempo: { binaries: { tempo: 'github.com/grafana/tempo/cmd/tempo' } },
  jaeger: { binaries: { jaeger: 'github.com/jaegertracing/jaeger/cmd/jaeger' } },
  helm: { binaries: { helm: 'helm.sh/helm/v4/cmd/helm' } },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;
export const PROGRAM_NAMES = Object.keys(PROGRAMS) as ProgramName[];

/** Everything that builds and runs leave behind; ignored by git. */
export const CACHE_FOLDER = join(import.meta.dirname, '../../.cache/realstack');

/** Where the module of a program lies: go.mod, go.sum and, of our own, Go sources. */
export function toModuleFolder(name: ProgramName): string {
  return join(import.meta.dirname, 'go', name);
}

/** Where the binaries of a program lie once built; another folder as soon as anything in its module changes. */
export function toBuildFolder(name: ProgramName): string {
  return join(CACHE_FOLDER, `${name}-${hashModule(toModuleFolder(name))}`);
}

/** Path of one binary; whether it is there is `isBuilt`'s to say. */
export function toBinary<N extends ProgramName>(
  name: N,
  binary: keyof (typeof PROGRAMS)[N]['binaries'] & string,
): string {
  return join(toBuildFolder(name), binary);
}

export function isBuilt(name: ProgramName): boolean {
  return Object.keys(PROGRAMS[name].binaries).every((binary) =>
    existsSync(join(toBuildFolder(name), binary)),
  );
}

function hashModule(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder).filter(
    (file) => /^go\.(mod|sum)$|\.go$/.test(file) && !file.endsWith('_test.go'),
  );
  for (const file of files.sort()) hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 12);
}
