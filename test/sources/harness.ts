/** What the tests of the sources have in common: a log volume in a folder of its own, a clock, and what was read. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Lines } from '../../src/records/line.ts';
import { createFollower, type Follower, type FollowerOptions } from '../../src/sources/follow.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';

/** The container whose log most tests write. */
export const CONTAINER = 'kube-system_coredns-1_5f0c/coredns';
export const LABEL = 'kube-system/coredns-1';
export const LOG = `${CONTAINER}/0.log`;

/** Files below a folder that goes away with the test; paths are relative to it. */
export interface Volume {
  readonly dir: string;
  path(name: string): string;
  write(name: string, content: string | Buffer): void;
  append(name: string, content: string | Buffer): void;
  rename(from: string, to: string): void;
  truncate(name: string, bytes?: number): void;
  remove(name: string): void;
  /** Removes the folder that the file is in, and that folder's own. */
  removeFolder(name: string): void;
  link(name: string, target: string): void;
}

export function createVolume(): Volume {
  const dir = mkdtempSync(join(tmpdir(), 'corespan-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = (name: string): string => join(dir, name);
  return {
    dir,
    path,
    write(name, content) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), content);
    },
    append(name, content) {
      mkdirSync(dirname(path(name)), { recursive: true });
      appendFileSync(path(name), content);
    },
    rename: (from, to) => renameSync(path(from), path(to)),
    truncate: (name, bytes = 0) => truncateSync(path(name), bytes),
    remove: (name) => unlinkSync(path(name)),
    removeFolder: (name) => rmSync(dirname(dirname(path(name))), { recursive: true }),
    link(name, target) {
      mkdirSync(dirname(path(name)), { recursive: true });
      symlinkSync(target, path(name));
    },
  };
}

/** A line as it was read. */
export interface ReadLine {
  readonly text: string;
  readonly time: number;
  readonly offset: number;
  readonly id: string;
  readonly path: string;
}

export function toReadLines(lines: Lines): ReadLine[] {
  const read: ReadLine[] = [];
  for (let row = lines.from; row < lines.to; row++) {
    read.push({
      text: lines.bytes.toString('utf8', lines.start[row], lines.end[row]),
      time: lines.time[row] ?? Number.NaN,
      offset: lines.offset[row] ?? Number.NaN,
      id: lines.file.id,
      path: lines.file.path,
    });
  }
  return read;
}

export interface Following {
  readonly follower: Follower;
  readonly self: TestSelf;
  /** Everything read so far. */
  readonly lines: readonly ReadLine[];
  /** Texts read since this was asked last. */
  fresh(): string[];
  /** Moves the clock. */
  tick(ms: number): void;
  /** Moves the clock, then polls until nothing is unread. */
  poll(ms?: number): void;
  /** The same, with turns of the event loop in between, in which compressed logs are unpacked. */
  pollTurns(ms?: number): Promise<void>;
}

/** Noon of the day on which all tests take place. */
export const NOON = Date.UTC(2026, 10, 21, 12);

/** A follower of `volume` with a clock that stands still unless it is moved. */
export function follow(volume: Volume, options: Partial<FollowerOptions> = {}): Following {
  const self = createTestSelf();
  const lines: ReadLine[] = [];
  let now = NOON;
  let shown = 0;
  const follower = createFollower(
    {
      dir: volume.dir,
      containers: ['coredns', 'node-cache'],
      checkpoint: undefined,
      now: () => now,
      ...options,
    },
    self.sources,
  );
  onTestFinished(() => follower.stop());
  const accept = (read: Lines): void => {
    lines.push(...toReadLines(read));
  };
  return {
    follower,
    self,
    lines,
    fresh() {
      const fresh = lines.slice(shown).map(({ text }) => text);
      shown = lines.length;
      return fresh;
    },
    tick(ms) {
      now += ms;
    },
    poll(ms = 100) {
      now += ms;
      for (let slices = 0; follower.poll(accept) === 'more'; slices++) limit(slices);
    },
    async pollTurns(ms = 100) {
      now += ms;
      for (let slices = 0; follower.poll(accept) === 'more'; slices++) {
        limit(slices);
        await nextTurn();
      }
    },
  };
}

/** A follower that never comes to an end is a failed test, not a hanging one. */
function limit(slices: number): void {
  if (slices > 100_000) throw new Error('reading does not end');
}

/** `text` as containerd writes it, `second` seconds after noon. */
export function cri(text: string, second = 0): string {
  return `${new Date(NOON + second * 1000).toISOString()} stdout F ${text}\n`;
}

/** The line `line <n>` for each number, a second apart. */
export function criLines(from: number, to: number): string {
  return numbers(from, to)
    .map((n) => cri(`line ${n}`, n))
    .join('');
}

/** The texts that `criLines` of the same numbers holds. */
export function texts(from: number, to: number): string[] {
  return numbers(from, to).map((n) => `line ${n}`);
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** All possible losses counted, whatever the reason. */
export function losses(self: TestSelf): number {
  return self.registry.samples('corespan_possible_loss_total').reduce((sum, { value }) => sum + value, 0);
}

/** Lines read and not handed on. */
export function rejections(self: TestSelf): number {
  return self.registry.samples('corespan_lines_rejected_total').reduce((sum, { value }) => sum + value, 0);
}
