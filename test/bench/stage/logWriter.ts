/**
 * A process of its own: writes a CoreDNS log as containerd does, with the time of now, and rotates it as the kubelet.
 *
 * kubelet: `pkg/kubelet/logs/container_log_manager.go`: every 10 s a file of more than 10 MiB is renamed and written
 * anew, the one before is compressed, five are kept.
 */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { generateCorpus } from '../../support/corpus.ts';
import { answerQuestions, readArgument } from './answering.ts';

export interface WriterOptions {
  /** The container's folder. */
  readonly folder: string;
  readonly seed: number;
}

export interface Writing {
  /** Lines a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly uniqueNames: boolean;
}

export interface Written {
  readonly lines: number;
  readonly bytes: number;
  readonly rotations: number;
}

/** Milliseconds of lines in one write; a DNS server writes each by itself. */
const STEP = 10;
const MAX_SIZE = 10 << 20;
const LOOK_EVERY = 10_000;
const KEPT = 5;
const NEWLINE = 10;

const { folder, seed } = readArgument() as WriterOptions;
const path = join(folder, '0.log');
mkdirSync(folder, { recursive: true });
let file = openSync(path, 'a');
let [lines, bytes, rotations] = [0, 0, 0];
let looked = performance.now();

answerQuestions({
  ready: () => path,
  async write(writing: Writing): Promise<Written> {
    for (const piece of paced(writing)) {
      await piece.due;
      writeSync(file, piece.text);
      bytes += piece.text.length;
      lines += countLines(piece.text);
      await rotateIfDue();
    }
    return { lines, bytes, rotations };
  },
});

/** The corpus in small pieces, each with the moment at which its lines say that they were written. */
function* paced({ rate, seconds, uniqueNames }: Writing): Generator<{ text: Buffer; due: Promise<void> }> {
  const begin = Date.now();
  const started = performance.now();
  const perPiece = Math.max(1, Math.round((rate * STEP) / 1000));
  // Some 170 characters a line; the end of a piece is what counts.
  const options = { begin, rate, uniqueNames, pieceLength: perPiece * 170, seed: seed + lines };
  let written = 0;
  for (const text of generateCorpus({ ...options, lines: Math.round(rate * seconds) })) {
    const due = started + (written / rate) * 1000;
    const wait = due - performance.now();
    written += countLines(text);
    yield { text, due: wait > 1 ? pause(wait) : Promise.resolve() };
  }
}

async function rotateIfDue(): Promise<void> {
  const now = performance.now();
  if (now - looked < LOOK_EVERY) return;
  looked = now;
  if (fstatSync(file).size < MAX_SIZE) return;
  const others = readdirSync(folder)
    .filter((name) => name !== '0.log')
    .toSorted();
  for (const name of others.slice(0, Math.max(0, others.length - KEPT + 2))) rmSync(join(folder, name));
  const last = others.findLast((name) => !name.endsWith('.gz'));
  const stamp = new Date()
    .toISOString()
    .replaceAll(/[-:]/g, '')
    .replace(/T(\d+).*/, '-$1');
  renameSync(path, join(folder, `0.log.${stamp}`));
  closeSync(file);
  file = openSync(path, 'a');
  rotations++;
  if (last !== undefined) void compress(join(folder, last));
}

async function compress(name: string): Promise<void> {
  await pipeline(createReadStream(name), createGzip(), createWriteStream(`${name}.tmp`));
  renameSync(`${name}.tmp`, `${name}.gz`);
  rmSync(name);
}

function countLines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
