/**
 * A bounded table from ranges of bytes to shared values: what is seen again costs no string and no object.
 *
 * Two generations: a new key goes into the young one; when that is full the old one is dropped, the young one
 * becomes the old one, and what is hit there moves up again. So frequent keys survive a flood of new ones, and a
 * flood costs no more than making its values. The hash is seeded and a probe ends after a few slots: whoever
 * picks names so that they collide has them read at the price of a miss, not of a scan.
 *
 *     slots     hash, place ──┐            open addressing; a look-up of a known key reads one slot,
 *     records   length, index, key ──┐     one record
 *     values    value                      and one value
 */

/** Bytes and a view of the same bytes, for loads of four at a time. */
export interface Window {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function createWindow(bytes: Buffer): Window {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

export interface ByteTable<Value> {
  /** The value of `bytes[start..end)`, kept or created now; undefined (and not kept) if creation says so. */
  at(window: Window, start: number, end: number): Value | undefined;
}

export interface ByteTableOptions<Value> {
  /** Keys held per generation. */
  readonly keys: number;
  /** Bytes of records held per generation: `RECORD_HEAD` and the key for each. */
  readonly recordBytes: number;
  /** Any 32 bits; random in production. */
  readonly seed: number;
  readonly create: (bytes: Buffer, start: number, end: number) => Value | undefined;
}

/** A slot: hash, and place of the record + 1 (0: free). */
const SLOT_BYTES = 8;
/** Before the key in a record: its length and the index of its value. */
const RECORD_HEAD = 8;
/** A key that finds 16 taken slots is made anew each time: at half load, the greatest, one in 7,000 (measured). */
const MAX_PROBES = 16;
/** Odd, with well-spread bits (golden ratio; murmur3). */
const MULTIPLIER_A = 0x9e3779b1;
const MULTIPLIER_B = 0x85ebca6b;

/** What is looked up. One object a table, filled anew each time, so that a look-up allocates nothing. */
interface Key {
  view: DataView;
  start: number;
  end: number;
  hash: number;
}

interface Generation<Value> {
  readonly slots: DataView;
  readonly records: Window;
  readonly values: Value[];
  usedBytes: number;
}

export function createByteTable<Value>(options: ByteTableOptions<Value>): ByteTable<Value> {
  const { keys, recordBytes, seed, create } = options;
  const slotCount = 2 ** Math.ceil(Math.log2(2 * keys));
  let young = createGeneration<Value>(slotCount, recordBytes);
  let old = createGeneration<Value>(slotCount, recordBytes);
  const key: Key = { view: young.slots, start: 0, end: 0, hash: 0 };

  function keep(bytes: Buffer, value: Value): void {
    const needed = RECORD_HEAD + key.end - key.start;
    if (needed > recordBytes) return;
    if (young.values.length >= keys || young.usedBytes + needed > recordBytes) {
      [young, old] = [old, young];
      empty(young);
    }
    const slot = findFree(young, key.hash);
    if (slot !== undefined) add(young, { slot, key, bytes, value });
  }

  return {
    at(window, start, end) {
      key.view = window.view;
      key.start = start;
      key.end = end;
      key.hash = toHash(key, seed);
      const known = find(young, key);
      if (known !== undefined) return known;
      const value = find(old, key) ?? create(window.bytes, start, end);
      if (value !== undefined) keep(window.bytes, value);
      return value;
    },
  };
}

/** Two lanes, so that one multiplication need not wait for the other. No load goes beyond the key. */
function toHash({ view, start, end }: Key, seed: number): number {
  let a = seed ^ (end - start);
  let b = ~seed;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    a = Math.imul(a ^ view.getInt32(at, true), MULTIPLIER_A);
    b = Math.imul(b ^ view.getInt32(at + 4, true), MULTIPLIER_B);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  if (at + 4 <= end) {
    b = Math.imul(b ^ view.getInt32(at, true), MULTIPLIER_B);
    at += 4;
  }
  for (; at < end; at++) a = Math.imul(a ^ view.getUint8(at), MULTIPLIER_B);
  a = Math.imul(a ^ (b >>> 16) ^ (b << 16), MULTIPLIER_A);
  return a ^ (a >>> 16);
}

function find<Value>({ slots, records, values }: Generation<Value>, key: Key): Value | undefined {
  const { hash } = key;
  const mask = slots.byteLength / SLOT_BYTES - 1;
  for (let probes = 0; probes < MAX_PROBES; probes++) {
    const slot = ((hash + probes) & mask) * SLOT_BYTES;
    const place = slots.getInt32(slot + 4, true) - 1;
    if (place < 0) return undefined;
    if (slots.getInt32(slot, true) === hash && isEqual(key, records.view, place)) {
      return values[records.view.getInt32(place + 4, true)];
    }
  }
  return undefined;
}

function isEqual({ view, start, end }: Key, records: DataView, place: number): boolean {
  if (records.getInt32(place, true) !== end - start) return false;
  let to = place + RECORD_HEAD;
  let at = start;
  for (; at + 4 <= end; at += 4, to += 4) {
    if (view.getInt32(at, true) !== records.getInt32(to, true)) return false;
  }
  for (; at < end; at++, to++) {
    if (view.getUint8(at) !== records.getUint8(to)) return false;
  }
  return true;
}

function findFree({ slots }: Generation<unknown>, hash: number): number | undefined {
  const mask = slots.byteLength / SLOT_BYTES - 1;
  for (let probes = 0; probes < MAX_PROBES; probes++) {
    const slot = ((hash + probes) & mask) * SLOT_BYTES;
    if (slots.getInt32(slot + 4, true) === 0) return slot;
  }
  return undefined;
}

interface Addition<Value> {
  readonly slot: number;
  readonly key: Key;
  readonly bytes: Buffer;
  readonly value: Value;
}

function add<Value>(generation: Generation<Value>, { slot, key, bytes, value }: Addition<Value>): void {
  const { slots, records, values, usedBytes: place } = generation;
  const length = key.end - key.start;
  records.view.setInt32(place, length, true);
  records.view.setInt32(place + 4, values.push(value) - 1, true);
  bytes.copy(records.bytes, place + RECORD_HEAD, key.start, key.end);
  slots.setInt32(slot, key.hash, true);
  slots.setInt32(slot + 4, place + 1, true);
  generation.usedBytes += RECORD_HEAD + length;
}

function createGeneration<Value>(slotCount: number, recordBytes: number): Generation<Value> {
  return {
    slots: new DataView(new ArrayBuffer(slotCount * SLOT_BYTES)),
    // An ArrayBuffer of its own: the system hands out its pages only as records come in.
    records: createWindow(Buffer.from(new ArrayBuffer(recordBytes))),
    values: [],
    usedBytes: 0,
  };
}

function empty(generation: Generation<unknown>): void {
  new Uint8Array(generation.slots.buffer).fill(0);
  generation.values.length = 0;
  generation.usedBytes = 0;
}
