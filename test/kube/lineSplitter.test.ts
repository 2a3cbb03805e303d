/** Lines come out as they went in, however the stream is cut. */
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { createLineSplitter } from '../../src/kube/lineSplitter.ts';

function split(chunks: readonly Buffer[], maxBytes: number): { lines: string[]; oversize: number } {
  let oversize = 0;
  const splitter = createLineSplitter(maxBytes, () => {
    oversize++;
  });
  const lines = chunks.flatMap((chunk) => [...splitter.push(chunk)].map(String));
  return { lines, oversize };
}

/** `text` in UTF-8, cut at `cuts` (shares of its length). */
function toChunks(text: string, cuts: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const places = [
    0,
    ...cuts.map((cut) => Math.floor(cut * bytes.length)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('line splitter', () => {
  property.prop([
    fc.array(fc.stringMatching(/^[a-zé€\u{1f4a1}]{0,12}$/u), { maxLength: 20 }),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
  ])('any cutting gives the lines that splitting the text gives', (lines, cuts) => {
    const text = lines.map((line) => `${line}\n`).join('');
    expect(split(toChunks(text, cuts), 1000)).toEqual({
      lines: lines.filter((line) => line !== ''),
      oversize: 0,
    });
  });

  property.prop([
    fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 }),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
  ])('lines beyond the limit are left out, and counted once each', (lengths, cuts) => {
    const lines = lengths.map((length) => 'x'.repeat(length));
    const text = lines.map((line) => `${line}\n`).join('');
    expect(split(toChunks(text, cuts), 10)).toEqual({
      lines: lines.filter(({ length }) => length > 0 && length <= 10),
      oversize: lines.filter(({ length }) => length > 10).length,
    });
  });

  test('an unfinished line is held until it ends, and left out whole beyond the limit', () => {
    expect(split([Buffer.from('one\ntw')], 10)).toEqual({ lines: ['one'], oversize: 0 });
    expect(split([Buffer.from('one\ntw'), Buffer.from('o\n')], 10)).toEqual({
      lines: ['one', 'two'],
      oversize: 0,
    });
    const flood = Array.from({ length: 100 }, () => Buffer.from('xxxxxxxx'));
    expect(split([...flood, Buffer.from('end\nnext\n')], 10)).toEqual({ lines: ['next'], oversize: 1 });
  });

  test('what it holds is not the chunk it came in', () => {
    const chunk = Buffer.from('one\ntwo');
    const splitter = createLineSplitter(10, () => undefined);
    expect([...splitter.push(chunk)].map(String)).toEqual(['one']);
    chunk.fill(0x20);
    expect([...splitter.push(Buffer.from('\n'))].map(String)).toEqual(['two']);
  });
});
