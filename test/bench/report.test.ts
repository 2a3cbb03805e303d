/** What benchmarks write into docs/benchmarks.md: the middle of what was measured, and one section each, filled or not. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { middleOf, writeSection } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'corespan-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  { numbers: [], middle: Number.NaN },
  { numbers: [3], middle: 3 },
  { numbers: [10, 9, 100], middle: 10 },
  { numbers: [4, 1, 3, 2], middle: 2.5 },
])('the middle of $numbers is $middle', ({ numbers, middle }) => {
  expect(middleOf(numbers)).toBe(middle);
});

/** Sections of a page: their text by name; a mark without its twin stands for nothing. */
function readSections(page: string): Map<string, string> {
  const marks = /<!-- ([\w-]+): begin -->\n(.*?)<!-- \1: end -->/gs;
  return new Map([...page.matchAll(marks)].map(([, name = '', text = '']) => [name, text.trim()]));
}

const EMPTY =
  '# Page\n\n<!-- a: begin -->\n<!-- a: end -->\n\nbetween\n\n<!-- a-long: begin -->\nold\n<!-- a-long: end -->\n';

it('a section that was never measured is filled, then replaced, and nothing beside it', () => {
  const path = join(folder, 'page.md');
  writeFileSync(path, EMPTY);
  writeSection('a', 'npm run a', 'first', path);
  writeSection('a', 'npm run a', 'second', path);
  const page = readFileSync(path, 'utf8');
  expect(page.replace(/(?<=<!-- a: begin -->\n).*?(?=<!-- a: end -->)/s, '')).toBe(EMPTY);
  expect(readSections(page).get('a')).toMatch(/^Measured \d{4}-\d\d-\d\d on .*: `npm run a`\.\n\nsecond$/);
});

it('a page without the place is left as it is (twin)', () => {
  const path = join(folder, 'other.md');
  writeFileSync(path, EMPTY);
  expect(() => writeSection('b', 'npm run b', 'text', path)).toThrow(`${path} has no place for b`);
  expect(readFileSync(path, 'utf8')).toBe(EMPTY);
});

it('docs/benchmarks.md has a place for every command; what is measured there says when and how', () => {
  const sections = readSections(readFileSync('docs/benchmarks.md', 'utf8'));
  expect([...sections.keys()]).toEqual([
    'lines',
    'lines-long',
    'growth',
    'outputs',
    'process',
    'memory',
    'live',
  ]);
  const filled = [...sections].filter(([, text]) => text !== '');
  const measured = /^Measured \d{4}-\d\d-\d\d on [^\n]*`npm run bench.*\n\| --- \|/s;
  expect(filled.filter(([, text]) => !measured.test(text))).toEqual([]);
});
