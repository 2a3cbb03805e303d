/** More DNS pods than corespan tells apart: their lines are counted together, and every line is still accounted for. */
import { expect, it } from 'vitest';
import type { SelfMetricName } from '../../src/self/catalogue.ts';
import { createTestSelf } from '../support/self.ts';

const PODS = 3_000;
const SETS = {
  kinds: ['query', 'errors', 'reload'],
  reasons: ['oversize', 'bad_wrapping', 'bad_json', 'bad_query', 'unrecognised'],
};

function readPods(pods: number) {
  const self = createTestSelf();
  for (let n = 0; n < pods; n++) {
    const pod = `kube-system/coredns-${n}`;
    self.sources.read(pod, 5);
    self.parse.met(pod, SETS);
    self.parse.parsed(pod, 'query', 3);
    self.parse.parsed(pod, 'errors', 1);
    self.parse.rejected(pod, 'bad_query', '?');
  }
  const sumBy = (name: SelfMetricName, at?: number): Record<string, number> => {
    const sums: Record<string, number> = {};
    for (const { labels, value } of self.registry.samples(name)) {
      const key = at === undefined ? 'all' : (labels[at] ?? '');
      sums[key] = (sums[key] ?? 0) + value;
    }
    return sums;
  };
  return {
    read: sumBy('corespan_lines_read_total'),
    parsed: sumBy('corespan_lines_parsed_total', 1),
    rejected: sumBy('corespan_lines_rejected_total', 1),
    together: self.count('corespan_lines_read_total', '__other__'),
    series: self.registry.samples('corespan_lines_rejected_total').length,
  };
}

it('counts the lines of 3,000 pods, those past the bound together and by kind and reason', () => {
  expect(readPods(PODS)).toEqual({
    read: { all: 5 * PODS },
    parsed: { query: 3 * PODS, errors: PODS, reload: 0 },
    rejected: { bad_query: PODS, oversize: 0, bad_wrapping: 0, bad_json: 0, unrecognised: 0 },
    together: 5 * 1_000,
    series: 2_001,
  });
});

it('tells few pods apart, with every kind and reason at 0 from the first line (twin)', () => {
  expect(readPods(2)).toEqual({
    read: { all: 10 },
    parsed: { query: 6, errors: 2, reload: 0 },
    rejected: { bad_query: 2, oversize: 0, bad_wrapping: 0, bad_json: 0, unrecognised: 0 },
    together: 0,
    series: 10,
  });
});
