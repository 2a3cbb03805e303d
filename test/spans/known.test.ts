/** What is remembered holds no more memory than its own. */
import { expect, it } from 'vitest';
import { remember } from '../../src/spans/known.ts';
import { toAround } from '../../src/spans/request.ts';

it('is outside of the pool that Node cuts small Buffers from', () => {
  const made = Buffer.from('DNS A');
  // It is in the pool, or nothing is shown here.
  expect(made.buffer.byteLength).toBeGreaterThan(5);
  const kept = remember(() => made)('name', 'value');
  const { begin, end } = toAround(made, made);
  for (const bytes of [kept, begin, end]) {
    expect([Buffer.from(bytes).toString(), bytes.buffer.byteLength]).toEqual(['DNS A', 5]);
  }
});
