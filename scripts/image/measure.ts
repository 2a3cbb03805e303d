/** What the image costs: its size, how long it takes to start, and its memory when nothing happens. */
import { spawn } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listFiles } from '../listFiles.ts';

export interface Costs {
  readonly bytes: number;
  readonly files: number;
  /** From the start of the process until it serves, in milliseconds; the median. */
  readonly startMs: number;
  /** Resident memory once it serves. */
  readonly idleBytes: number;
}

const STARTS = 5;
/** Milliseconds in which a start has to succeed. */
const PATIENCE = 30_000;

export async function measureImage(root: string): Promise<Costs> {
  const starts: { readonly ms: number; readonly bytes: number }[] = [];
  for (let n = 0; n < STARTS; n++) starts.push(await start(root));
  const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[STARTS >> 1] ?? 0;
  return {
    ...weigh(root),
    startMs: middle(starts.map(({ ms }) => ms)),
    idleBytes: middle(starts.map(({ bytes }) => bytes)),
  };
}

function weigh(root: string): { readonly bytes: number; readonly files: number } {
  const files = listFiles(root)
    .map((path) => lstatSync(join(root, path)))
    .filter((stat) => stat.isFile());
  return { bytes: files.reduce((sum, { size }) => sum + size, 0), files: files.length };
}

/** As a container runs it: nothing but the image, the image's user, a read-only root, no network but its own. */
async function start(root: string): Promise<{ readonly ms: number; readonly bytes: number }> {
  const logs = mkdtempSync(join(tmpdir(), 'corespan-logs-'));
  const begin = performance.now();
  const child = spawn('unshare', ['--net', '--mount', 'sh', '-c', ENTER, 'enter', root, logs], {
    env: { PATH: process.env['PATH'], NODE_OPTIONS: '--max-old-space-size=96' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const alarm = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  try {
    let said = '';
    for await (const chunk of child.stderr.setEncoding('utf8') as AsyncIterable<string>) {
      said += chunk;
      if (said.includes('Following the log')) {
        const ms = performance.now() - begin;
        return { ms, bytes: readResident(child.pid) };
      }
    }
    throw new Error(`the image did not start: ${said}`);
  } finally {
    clearTimeout(alarm);
    child.kill();
    await ended;
    rmSync(logs, { recursive: true });
  }
}

/** Every step replaces the process, so the child is corespan itself in the end. */
const ENTER = `set -e
mount --bind "$1" "$1"
mkdir -p "$1/proc"
mount -t proc proc "$1/proc"
mount -o remount,bind,ro "$1"
exec setpriv --inh-caps=-all --no-new-privs chroot --userspec=65532:0 --groups= "$1" \\
  /usr/local/bin/corespan run --cluster none --listen none --log-dir /app`;

function readResident(pid: number | undefined): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
