/** Which line of a text that is no JSON is at fault. */
import { expect, test } from 'vitest';
import { parseOrFault } from '../../src/kube/faultyJson.ts';

const MANY = Array.from({ length: 99 }, (_, n) => `  {"n": ${n}, "text": "a \\"b\\" , ]"},`).join('\n');

test.each([
  { case: 'another kind of file', text: 'client\tserver\nweb\tapi\n'.repeat(50), line: 1 },
  { case: 'a word in the middle', text: `[\n${MANY}\n oops,\n${MANY}\n 1]`, line: 101 },
  { case: 'the same surroundings twice', text: '[\n"},]",\n"},]",\n{},]\n', line: 4 },
  { case: 'a comma too many', text: '[1,\n2,\n]', line: 3 },
  { case: 'a word that is cut', text: '[1,\n tru\n]', line: 2 },
  { case: 'a missing comma', text: '[1,\n2\n3]', line: 3 },
  { case: 'a bad name', text: '{\n"a": 1,\nb: 2}', line: 3 },
  { case: 'a second text', text: '{}\n{}\n', line: 2 },
  { case: 'the end too early', text: '{\n"a": [1,\n', line: 2 },
  { case: 'nothing', text: '', line: 1 },
])('$case', ({ text, line }) => {
  const parsed = parseOrFault(text);
  if ('json' in parsed) throw new Error('that is JSON');
  expect(parsed.line).toBe(line);
  expect(parsed.reason).toMatch(/^is not JSON: .+$/);
  expect(parsed.reason).not.toMatch(/[\n\t]/);
});

test('twin: what is JSON is parsed', () => {
  expect(parseOrFault('{"a":\n[1]}\n')).toEqual({ json: { a: [1] } });
});
