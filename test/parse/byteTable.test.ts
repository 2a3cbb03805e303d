/** The bounded table: equal bytes give one object, frequent keys stay, nothing grows without end. */
import { describe, expect, test } from 'vitest';
import { type ByteTable, createByteTable, createWindow } from '../../src/parse/byteTable.ts';
import { createRandom } from '../support/corpus.ts';

interface Named {
  readonly text: string;
}

interface Counted {
  readonly table: ByteTable<Named>;
  /** How often a value was made. */
  readonly made: () => number;
  readonly get: (text: string) => Named | undefined;
}

function createCounted(
  size: { readonly keys?: number; readonly recordBytes?: number; readonly seed?: number } = {},
): Counted {
  let made = 0;
  const table = createByteTable<Named>({
    keys: 8,
    recordBytes: 1024,
    seed: 1,
    ...size,
    create(bytes, start, end) {
      made++;
      const text = bytes.toString('latin1', start, end);
      return text.startsWith('!') ? undefined : { text };
    },
  });
  return {
    table,
    made: () => made,
    // At an odd place, so that no load is aligned by chance.
    get: (text) => table.at(createWindow(Buffer.from(`x${text}`, 'latin1')), 1, 1 + text.length),
  };
}

test('equal bytes give one object, whatever buffer they stand in', () => {
  const { get, made } = createCounted();
  const first = get('example');
  expect(first).toEqual({ text: 'example' });
  expect(get('example')).toBe(first);
  expect(made()).toBe(1);
});

test.each([0, 1, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17])('keys of %i bytes differ by any one byte', (length) => {
  const { get } = createCounted({ keys: 64, recordBytes: 8192 });
  const key = 'a'.repeat(length);
  const texts = [
    key,
    `${key}a`,
    ...Array.from({ length }, (_, at) => `${key.slice(0, at)}b${key.slice(at + 1)}`),
  ];
  for (const text of texts) expect(get(text)).toEqual({ text });
  for (const text of texts) expect(get(text)).toEqual({ text });
});

test('what creation refuses is not kept', () => {
  const { get, made } = createCounted();
  expect(get('!no')).toBeUndefined();
  expect(get('!no')).toBeUndefined();
  expect(made()).toBe(2);
});

describe('bounds', () => {
  test('a key in use survives any number of others; one that is not does not', () => {
    const { get, made } = createCounted();
    const inUse = get('in use');
    const idle = get('idle');
    for (let i = 0; i < 1000; i++) {
      get(`other ${i}`);
      expect(get('in use')).toBe(inUse);
    }
    expect(made()).toBe(1002);
    expect(get('idle')).not.toBe(idle);
    expect(get('idle')).toEqual(idle);
  });

  test('a generation also ends with its bytes', () => {
    const { get, made } = createCounted({ keys: 1000, recordBytes: 100 });
    for (let i = 0; i < 100; i++) expect(get(`${i}${'x'.repeat(40)}`)?.text).toBe(`${i}${'x'.repeat(40)}`);
    expect(get(`99${'x'.repeat(40)}`)).toEqual({ text: `99${'x'.repeat(40)}` });
    expect(made()).toBe(100);
  });

  test('a key longer than all of them is made anew each time', () => {
    const { get, made } = createCounted({ recordBytes: 32 });
    const text = 'x'.repeat(100);
    expect([get(text), get(text)]).toEqual([{ text }, { text }]);
    expect(made()).toBe(2);
  });
});

test.each([1, -7, 0x7fff_ffff])('equals a map that forgets nothing (seed %i)', (seed) => {
  const { get } = createCounted({ keys: 32, recordBytes: 400, seed });
  const random = createRandom(seed);
  for (let i = 0; i < 20_000; i++) {
    const text = 'abcdefghijklmnop'.slice(0, random.below(17)) + String(random.below(60));
    expect(get(text)?.text).toBe(text);
  }
});

test('few keys are made twice at the greatest load', () => {
  const { get, made } = createCounted({ keys: 65_536, recordBytes: 65_536 * 32 });
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 65_536; i++) get(`name-${i}.example.org.`);
  }
  expect(made()).toBeLessThan(65_536 * 1.005);
});
