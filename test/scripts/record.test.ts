/** `npm run record` takes the place of an older recording, and of nothing else. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { placeRecording } from '../realstack/recordFolder.ts';

let folder: string;
let recorded: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corespan-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  recorded = makeFolder('recorded', 'truth.tsv', 'README.md');
});

function makeFolder(name: string, ...files: readonly string[]): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const file of files) writeFileSync(join(path, file), '');
  return path;
}

test.each([
  ['an older recording', () => makeFolder('shop', 'truth.tsv', 'happenings.json')],
  ['nothing', () => join(folder, 'shop')],
])('in the place of %s stands the new one, whole', (_, make) => {
  const place = make();
  placeRecording(recorded, place);
  expect(readdirSync(place).toSorted()).toEqual(['README.md', 'truth.tsv']);
  expect(existsSync(recorded)).toBe(false);
});

test('a folder of anything else is left as it is, and the recording too', () => {
  const checkout = makeFolder('checkout', 'package.json');
  expect(() => placeRecording(recorded, checkout)).toThrow('is no recording');
  expect(readdirSync(checkout)).toEqual(['package.json']);
  expect(existsSync(join(recorded, 'truth.tsv'))).toBe(true);
});
