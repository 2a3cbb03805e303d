import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { toUnifiedDiff } from '../../src/install/inject/diff.ts';

it('shows what changed with the lines around it', () => {
  const before = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  const after = before.toSpliced(5, 0, 'new').toSpliced(17, 1, 'changed');
  expect(toUnifiedDiff('coredns.yaml', `${before.join('\n')}\n`, `${after.join('\n')}\n`)).toBe(
    `--- coredns.yaml
+++ coredns.yaml with corespan
@@ -3,6 +3,7 @@
 line 2
 line 3
 line 4
+new
 line 5
 line 6
 line 7
@@ -14,7 +15,7 @@
 line 13
 line 14
 line 15
-line 16
+changed
 line 17
 line 18
 line 19
`,
  );
});

it('is empty where nothing changed', () => {
  expect(toUnifiedDiff('a', 'x\n', 'x\n')).toBe('');
});

it('knows a last line without an end', () => {
  expect(toUnifiedDiff('a', 'x', 'x\n')).toBe(
    '--- a\n+++ a with corespan\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x\n',
  );
});

const texts = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 30 })
  .map((lines) => lines.map((line) => `${line}\n`).join(''));

test.prop([texts, texts], { numRuns: 300 })(
  'following it makes the one text of the other',
  (before, after) => {
    expect(follow(before, toUnifiedDiff('file', before, after))).toBe(after);
  },
);

/** What `patch` does, without its tolerance: every line and every number has to be right. */
function follow(text: string, diff: string): string {
  const lines = text.split('\n').slice(0, -1);
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const [, from, to] = /^@@ -(\d+),\d+ \+(\d+),\d+ @@$/.exec(line) ?? [];
    if (from === undefined) {
      if (!line.startsWith('+')) expect(lines[at++]).toBe(line.slice(1));
      if (!line.startsWith('-')) result.push(line.slice(1));
    } else {
      result.push(...lines.slice(at, Number(from) - 1));
      at = Number(from) - 1;
      expect(result).toHaveLength(Number(to) - 1);
    }
  }
  return [...result, ...lines.slice(at)].map((line) => `${line}\n`).join('');
}
