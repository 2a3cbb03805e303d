import { describe, expect, test } from 'vitest';
import { CHECKPOINT_RESULTS, LOSS_REASONS, SOURCE_ERRORS } from '../../src/self/sources.ts';
import { createTestSelf } from '../support/self.ts';

describe('series of closed sets exist from the start, at 0', () => {
  test.each([
    ['corespan_possible_loss_total', LOSS_REASONS],
    ['corespan_source_errors_total', SOURCE_ERRORS],
    ['corespan_checkpoints_total', CHECKPOINT_RESULTS],
  ] as const)('%s', (name, values) => {
    const { registry } = createTestSelf();
    expect(registry.samples(name)).toEqual(values.map((value) => ({ labels: [value], value: 0 })));
  });
});

test('a truncation counts as one, and as a possible loss', () => {
  const self = createTestSelf();
  self.sources.truncated('0.log', 'truncated');
  self.sources.truncated('0.log', 'refilled');
  expect(self.count('corespan_truncations_total')).toBe(2);
  expect(self.count('corespan_possible_loss_total', 'truncated')).toBe(1);
  expect(self.count('corespan_possible_loss_total', 'refilled')).toBe(1);
});

test('a line that is rejected here is counted where the parser counts its own', () => {
  const self = createTestSelf();
  self.sources.rejected('a/b', 'oversize', 'x');
  self.parse.rejected('a/b', 'oversize', 'x');
  expect(self.count('corespan_lines_rejected_total', 'a/b', 'oversize')).toBe(2);
});
