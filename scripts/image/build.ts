/** Builds the image of the Dockerfile with buildah, without an engine and without a registry. */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { VERSION } from '../../src/version.ts';
import { capture, run } from './shell.ts';

export interface Image {
  readonly name: string;
  /** What a container of it starts with. */
  readonly config: ImageConfig;
  /** Its root file system, until `release`. */
  readonly root: string;
  release(): void;
}

const FOLDER = resolve('.cache/image');
const BASE = 'docker.io/library/debian:trixie-slim';
const MIRROR = process.env['DEBIAN_MIRROR'] ?? 'http://deb.debian.org/debian';

/** Own storage, so that nothing of the machine's is touched; vfs and chroot need no kernel feature. */
const STORAGE = [
  `--root=${join(FOLDER, 'storage')}`,
  `--runroot=${join(FOLDER, 'run')}`,
  '--storage-driver=vfs',
];

export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

export function buildImage(tell: (text: string) => void): Image {
  mkdirSync(FOLDER, { recursive: true });
  removeLeftovers();
  timed(tell, 'base', ensureBase);
  timed(tell, 'bundle', () => run(['npm', 'run', '--silent', 'build']));
  const name = `corespan:${VERSION}`;
  timed(tell, 'image', () =>
    run(
      buildah('bud', '--isolation=chroot', '--pull-never', '--quiet', ...toArguments(), `--tag=${name}`, '.'),
    ),
  );
  const container = capture(buildah('from', '--pull-never', name));
  return {
    name,
    config: toConfig(capture(buildah('inspect', '--type=image', name))),
    root: capture(buildah('mount', container)),
    release: () => void capture(buildah('rm', container)),
  };
}

/** Every build takes the name from the image before it, which vfs holds as a whole: 120 MB each time. */
function removeLeftovers(): void {
  capture(buildah('rm', '--all'));
  capture(buildah('rmi', '--prune'));
}

/** Under the name that the Dockerfile uses: made by debootstrap where nothing can be pulled. */
function ensureBase(): void {
  if (capture(buildah('images', '--quiet', '--filter', `reference=${BASE}`)) !== '') return;
  const root = join(FOLDER, 'trixie');
  if (!existsSync(join(root, 'etc/debian_version'))) {
    run(['debootstrap', '--variant=minbase', 'trixie', root, MIRROR]);
  }
  const container = capture(buildah('from', 'scratch'));
  capture(buildah('add', '--quiet', container, root, '/'));
  capture(buildah('commit', '--quiet', container, BASE));
  capture(buildah('rm', container));
}

function toConfig(inspected: string): ImageConfig {
  return (JSON.parse(inspected) as { readonly OCIv1: { readonly config: ImageConfig } }).OCIv1.config;
}

function toArguments(): string[] {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return [
    `--build-arg=TARGETARCH=${arch}`,
    `--build-arg=VERSION=${VERSION}`,
    `--build-arg=REVISION=${capture(['git', 'rev-parse', 'HEAD'])}`,
  ];
}

function buildah(command: string, ...args: readonly string[]): string[] {
  return ['buildah', ...STORAGE, command, ...args];
}

function timed(tell: (text: string) => void, what: string, work: () => void): void {
  const begin = performance.now();
  work();
  tell(`${what}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}
