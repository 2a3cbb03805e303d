/**
 * A log volume on a real file system, followers that come and go, and a model that knows the truth of both: which
 * lines were written where, which of them somebody could have read, and what was read.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lines } from '../../src/records/line.ts';
import { type Files, SYSTEM_FILES } from '../../src/sources/files.ts';
import { createFollower, type Follower } from '../../src/sources/follow.ts';
import type { Remembered } from '../../src/sources/memory.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';
import { losses as countLosses, NOON, type ReadLine, toReadLines } from './harness.ts';

/** What was written to a file since its birth or its last truncation. */
interface Content {
  /** Undefined once no path leads to it. */
  path: string | undefined;
  bytes: number;
  /** The unfinished line at its end. */
  partial: string;
  readonly lines: { readonly text: string; readonly offset: number }[];
  /** As it was read with. */
  id: string | undefined;
  /** Deleted, while the follower had it open: it can be read to its end. */
  isHeld: boolean;
  /** When it was written to last. */
  written: number;
}

export interface World {
  append(lines: number): void;
  appendPartial(): void;
  appendToRotated(): void;
  rotate(): void;
  removeOldest(): void;
  recreate(): void;
  truncate(): void;
  /** Moves the clock, then reads all there is. */
  poll(ms: number): void;
  /** Saves positions as if the output of the last `behind` lines read were not settled. */
  save(behind: number): void;
  /** Ends the follower without a word and starts another one. */
  kill(): void;
  /** Reads to the end; returns sentences that say what went wrong. */
  finish(): string[];
  /** How much the program has put to the test so far. */
  counts(): Counts;
  remove(): void;
}

export interface Counts {
  readonly read: number;
  readonly repeated: number;
  /** Lines that nobody could read any more. */
  readonly destroyed: number;
  /** Contents whose loss a follower had to notice. */
  readonly owed: number;
}

/** fsync costs milliseconds and is not what is tested. */
export const FILES: Files = {
  ...SYSTEM_FILES,
  replace(path, text) {
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path);
  },
};

/** `files` may have a fault of its own, which the verdict has to find. */
export function createWorld(files: Files = FILES): World {
  const dir = mkdtempSync(join(tmpdir(), 'corespan-world-'));
  const folder = join(dir, 'volume', 'coredns');
  const current = join(folder, '0.log');
  const checkpoint = join(dir, 'checkpoint.json');
  mkdirSync(folder, { recursive: true });

  const contents: Content[] = [];
  const byText = new Map<string, Content>();
  /** Unfinished lines, at any time: a file that is done with may end in one, and then it is read as a line. */
  const partials = new Set<string>();
  const problems: string[] = [];
  const read: ReadLine[] = [];
  const rotated: Content[] = [];
  let serial = 0;
  let now = NOON;
  let writing = create();
  let repeated = 0;
  let allOwed = 0;
  /** Losses that have to be counted beyond the number that stood there when they happened. */
  let owed: { readonly content: Content; readonly lossesThen: number }[] = [];
  let self: TestSelf = createTestSelf();
  let lossesBefore = 0;
  /** What this follower has read: `id offset`. */
  let readNow = new Set<string>();
  /** What the ones before have read. */
  const readBefore = new Set<string>();
  let committed = new Map<string, { readonly offset: number; readonly isFinished: boolean }>();
  let follower = start();

  function create(): Content {
    writeFileSync(current, '');
    return begin(current);
  }

  function begin(path: string): Content {
    const content: Content = {
      path,
      bytes: 0,
      partial: '',
      lines: [],
      id: undefined,
      isHeld: false,
      written: now,
    };
    contents.push(content);
    return content;
  }

  function start(): Follower {
    self = createTestSelf();
    return createFollower(
      { dir: join(dir, 'volume'), containers: ['coredns'], checkpoint, files, now: () => now },
      self.sources,
    );
  }

  function write(content: Content, text: string): void {
    if (content.path === undefined) return;
    appendFileSync(content.path, text);
    content.bytes += text.length;
    content.written = now;
  }

  function writeLine(content: Content): void {
    const rest = `line ${serial++} ${'x'.repeat((serial * 7) % 40)}`;
    const text = content.partial + rest;
    content.lines.push({ text, offset: content.bytes - content.partial.length });
    content.partial = '';
    byText.set(text, content);
    write(content, `${rest}\n`);
  }

  function losses(): number {
    return lossesBefore + countLosses(self);
  }

  function isFollowed(content: Content): boolean {
    return content.id !== undefined && follower.state().files.some(({ file }) => file.id === content.id);
  }

  function hasUnread(content: Content): boolean {
    const key = (offset: number): string => `${content.id} ${offset}`;
    return content.lines.some(({ offset }) => !readNow.has(key(offset)) && !readBefore.has(key(offset)));
  }

  function owe(content: Content): void {
    owed.push({ content, lossesThen: losses() });
    allOwed++;
  }

  function remove(content: Content): void {
    if (content.path === undefined) return;
    content.isHeld = isFollowed(content);
    unlinkSync(content.path);
    content.path = undefined;
  }

  function accept(lines: Lines): void {
    for (const line of toReadLines(lines)) {
      read.push(line);
      check(line);
      readNow.add(`${line.id} ${line.offset}`);
    }
  }

  function check({ text, id, offset }: ReadLine): void {
    const key = `${id} ${offset}`;
    if (readNow.has(key)) problems.push(`read twice by one follower: ${key} ${text}`);
    const content = byText.get(text);
    if (content === undefined) {
      if (!partials.has(text)) problems.push(`nobody wrote: ${JSON.stringify(text)}`);
      return;
    }
    content.id ??= id;
    if (content.id !== id) problems.push(`${text} has the id ${id}, its file ${content.id}`);
    if (contents.some((other) => other !== content && other.id === id)) problems.push(`two files are ${id}`);
    const written = content.lines.find((line) => line.text === text);
    if (written?.offset !== offset)
      problems.push(`${text} was written at ${written?.offset}, read at ${offset}`);
    if (!readBefore.has(key)) return;
    repeated++;
    const from = committed.get(id)?.offset ?? 0;
    if (offset < from) problems.push(`${key} was committed (${from}) and comes again: ${text}`);
  }

  function poll(ms: number): void {
    now += ms;
    let slices = 0;
    while (follower.poll(accept) === 'more') {
      if (slices++ < MAX_SLICES) continue;
      problems.push('reading does not end');
      return;
    }
  }

  function loadCommitted(): void {
    committed = new Map();
    if (!existsSync(checkpoint)) return;
    const { files } = JSON.parse(readFileSync(checkpoint, 'utf8')) as { files: Remembered[] };
    for (const { id, offset, isFinished } of files) committed.set(id, { offset, isFinished });
  }

  function kill(): void {
    follower.stop();
    lossesBefore = losses();
    for (const key of readNow) readBefore.add(key);
    readNow = new Set();
    loadCommitted();
    const isKnown = ({ id }: Content): boolean => id !== undefined && committed.get(id)?.isFinished === false;
    // What it had not noticed yet, only the checkpoint can tell the next one.
    owed = owed.filter(({ content, lossesThen }) => lossesBefore > lossesThen || isKnown(content));
    follower = start();
    for (const content of contents.filter(({ isHeld }) => isHeld)) {
      content.isHeld = false;
      if (hasUnread(content) && isKnown(content)) owe(content);
    }
  }

  function isReadable({ path, isHeld }: Content): boolean {
    return path !== undefined || isHeld;
  }

  return {
    append(lines) {
      for (let line = 0; line < lines; line++) writeLine(writing);
    },
    appendPartial() {
      const text = `part ${serial++} `;
      writing.partial += text;
      partials.add(writing.partial);
      write(writing, text);
    },
    appendToRotated() {
      const newest = rotated.at(-1);
      // After that it is closed, and a line that is removed within a second of being written is not seen.
      const isOpen = newest !== undefined && now - newest.written < LINGER;
      if (isOpen && newest.partial === '') writeLine(newest);
    },
    rotate() {
      const path = `${current}.20261121-${String(contents.length).padStart(6, '0')}`;
      renameSync(current, path);
      writing.path = path;
      rotated.push(writing);
      writing = create();
    },
    removeOldest() {
      const oldest = rotated.shift();
      if (oldest !== undefined) remove(oldest);
    },
    recreate() {
      remove(writing);
      writing = create();
    },
    truncate() {
      truncateSync(current);
      const isNoticed = isFollowed(writing);
      writing.path = undefined;
      if (isNoticed && hasUnread(writing)) owe(writing);
      writing = begin(current);
    },
    poll,
    save(behind) {
      const pending = new Map<string, number>();
      const recent = read.slice(read.length - Math.min(behind, readNow.size));
      for (const { id, offset } of recent) pending.set(id, Math.min(offset, pending.get(id) ?? offset));
      follower.save((id) => pending.get(id));
    },
    kill,
    finish() {
      for (const ms of [1500, 1500, FOREVER, 1500, FOREVER]) poll(ms);
      for (const content of contents.filter(isReadable)) {
        for (const { text } of content.lines) {
          if (!read.some((line) => line.text === text)) problems.push(`could be read and was not: ${text}`);
        }
      }
      for (const { content, lossesThen } of owed) {
        const text = content.lines[0]?.text;
        if (losses() <= lossesThen)
          problems.push(`lost without being counted: the file that begins with ${text}`);
      }
      return problems;
    },
    counts: () => ({
      read: read.length,
      repeated,
      destroyed: contents
        .filter((content) => !isReadable(content))
        .flatMap(({ lines }) => lines)
        .filter(({ text }) => !read.some((line) => line.text === text)).length,
      owed: allOwed,
    }),
    remove() {
      follower.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Programs write less than one slice. */
const MAX_SLICES = 10;
/** For so long a rotated file stays open after its last line. */
const LINGER = 10_000;
const FOREVER = LINGER + 2_000;
