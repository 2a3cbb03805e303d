import { expect, it } from 'vitest';
import { toQuerySpanId, toRootSpanId, toSamplingBits, toTraceId } from '../../src/spans/ids.ts';
import { toQuery } from '../support/queries.ts';

const query = toQuery({ at: 0, name: 'example.org' });

it('are the same whenever the same line is read', () => {
  const again = { ...toQuery({ at: 5, name: 'other.example.org' }), offset: query.offset };
  expect(toTraceId(again)).toBe(toTraceId(query));
  expect(toRootSpanId(again)).toBe(toRootSpanId(query));
  expect(toTraceId(query)).toMatch(/^[0-9a-f]{32}$/);
  expect(toRootSpanId(query)).toMatch(/^[0-9a-f]{16}$/);
  expect(toQuerySpanId(query)).not.toBe(toRootSpanId(query));
});

it('differ for every line of every file', () => {
  const lines = ['a', 'b'].flatMap((id) =>
    Array.from({ length: 5_000 }, (_, n) => ({ ...query, file: { ...query.file, id }, offset: n * 120 })),
  );
  expect(new Set(lines.map(toTraceId)).size).toBe(10_000);
  expect(new Set(lines.map(toQuerySpanId)).size).toBe(10_000);
});

it('carry the sampling bits where consistent samplers read randomness: the last 7 bytes', () => {
  const bits = toSamplingBits(query).toString(16).padStart(8, '0');
  expect(toTraceId(query).slice(18, 26)).toBe(bits);
});

it('have sampling bits that are spread evenly', () => {
  const tenths = new Array<number>(10).fill(0);
  for (let n = 0; n < 100_000; n++) {
    const tenth = Math.floor((toSamplingBits({ ...query, offset: n * 117 }) / 2 ** 32) * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(400);
});
