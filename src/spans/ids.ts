/**
 * Trace and span ids, derived from where a query stands in its log: a replay after a crash sends the same ids, and
 * backends recognise what they have (docs/adr/004).
 *
 * SHA-256 is taken once of a file's id: a digest for every span was 2 % of the pipeline's time. 32 bits of it at a time are
 * mixed with the offset in the file, four times for the 128 bits of a trace id, twice for the 64 of a span id. Mixing is one
 * to one in the lower 32 bits of the offset, so no two lines of a file share an id below 4 GB. Two files share trace ids only
 * if all four seeds differ by the same bits, an accident of 96 bits; span ids have to differ within their trace alone.
 */
import { hash } from 'node:crypto';
import type { LogFile } from '../records/line.ts';
import type { Query } from '../records/query.ts';
import { rememberOf } from './known.ts';

/** 16 bytes as hex; its last 7 bytes are the randomness that consistent sampling reads (W3C trace context 2). */
export function toTraceId(first: Query): string {
  const [a, b, c] = seedsOf(first.file).trace;
  const { offset } = first;
  const lower = toHex(mix(c, offset));
  return `${toHex(mix(a, offset))}${toHex(mix(b, offset))}${lower.slice(0, 2)}${toHex(toSamplingBits(first))}${lower.slice(2)}`;
}

/** The root of a lookup. */
export function toRootSpanId(first: Query): string {
  return toSpanId(seedsOf(first.file).root, first.offset);
}

/** One query's own span. */
export function toQuerySpanId(query: Query): string {
  return toSpanId(seedsOf(query.file).query, query.offset);
}

/**
 * The upper 32 of the 56 random bits of a lookup's trace id: most lookups are sampled out, and that has to be known
 * before anything is built.
 */
export function toSamplingBits({ file, offset }: Query): number {
  return mix(seedsOf(file).sampling, offset);
}

/** The lower 24 of them; they matter once in four billion lookups. */
export function toLowerSamplingBits(first: Query): number {
  return Number.parseInt(toTraceId(first).slice(-6), 16);
}

interface Seeds {
  readonly sampling: number;
  readonly trace: readonly [number, number, number];
  readonly root: readonly [number, number];
  readonly query: readonly [number, number];
}

function toSpanId([a, b]: readonly [number, number], offset: number): string {
  return toHex(mix(a, offset)) + toHex(mix(b, offset));
}

/** 32 bits of a seed and an offset. */
function mix(seed: number, offset: number): number {
  // `imul` takes the lower 32 bits of an offset by itself.
  let bits = seed ^ Math.imul(offset, 0x9e3779b1);
  bits = Math.imul(bits ^ Math.floor(offset / 0x1_0000_0000), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0xc2b2ae35);
  bits = Math.imul(bits ^ (bits >>> 13), 0x27d4eb2f);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** From a table: a root has six of these, a child two, each of which took 160 ns more with `toString` and `padStart`. */
function toHex(bits: number): string {
  return `${HEX[bits >>> 24]}${HEX[(bits >>> 16) & 0xff]}${HEX[(bits >>> 8) & 0xff]}${HEX[bits & 0xff]}`;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const seedsOf = rememberOf((file: LogFile) => toSeeds(file.id));

function toSeeds(fileId: string): Seeds {
  const digest = hash('sha256', fileId, 'buffer');
  const at = (index: number): number => digest.readInt32BE(4 * index);
  return {
    sampling: at(0),
    trace: [at(1), at(2), at(3)],
    root: [at(4), at(5)],
    query: [at(6), at(7)],
  };
}
