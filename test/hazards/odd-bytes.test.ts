/** A line of 1 MiB, zeros, CRLF and invalid UTF-8 (11): counted or read, and the next line is read. */
import { expect, test } from 'vitest';
import { createVolume, cri, follow, LABEL, LOG, rejections } from '../sources/harness.ts';

const END = cri('end', 9);

test.each([
  ['a line of 1 MiB', Buffer.from(cri('x'.repeat(1024 * 1024))), ['end'], 1],
  ['1 MiB without a line break, then one', Buffer.from(`${'x'.repeat(1024 * 1024)}\n`), ['end'], 1],
  ['a line of exactly the limit', Buffer.from(`${'x'.repeat(65_535)}\n`), ['x'.repeat(65_535), 'end'], 0],
  ['a line of one byte more', Buffer.from(`${'x'.repeat(65_536)}\n`), ['end'], 1],
  ['two in a row', Buffer.from(`${'x'.repeat(70_000)}\n${'y'.repeat(200_000)}\n`), ['end'], 2],
  [
    'a cut line of 1 MiB',
    Buffer.from(cri('x'.repeat(16_000)).replace(' F ', ' P ').repeat(64) + cri('z')),
    ['end'],
    1,
  ],
  ['zeros before a line', Buffer.concat([Buffer.alloc(100), Buffer.from(cri('a'))]), ['a', 'end'], 0],
  ['1 MiB of zeros', Buffer.concat([Buffer.alloc(1024 * 1024), Buffer.from(cri('a'))]), ['a', 'end'], 0],
  ['a zero in a line', Buffer.from(cri('a\0b')), ['a\0b', 'end'], 0],
  ['CRLF', Buffer.from(cri('a').replace('\n', '\r\n')), ['a', 'end'], 0],
  ['a lone CR', Buffer.from(cri('a\rb')), ['a\rb', 'end'], 0],
  ['empty lines', Buffer.from(`${cri('')}\n\r\n`), ['', '', '', 'end'], 0],
  ['invalid UTF-8', Buffer.from(cri('\xff\xfe\x80'), 'latin1'), ['\ufffd\ufffd\ufffd', 'end'], 0],
])('%s', (_name, bytes, expected, rejected) => {
  const volume = createVolume();
  volume.write(LOG, bytes);
  volume.append(LOG, END);
  const reading = follow(volume);
  reading.poll();
  expect(reading.fresh()).toEqual(expected);
  expect(rejections(reading.self)).toBe(rejected);
  expect(reading.self.count('corespan_lines_rejected_total', LABEL, 'oversize')).toBe(rejected);
  expect(reading.self.count('corespan_lines_read_total', LABEL)).toBe(expected.length + rejected);
});

test('in pieces of 1,000 bytes: the same', () => {
  const volume = createVolume();
  const reading = follow(volume);
  const bytes = Buffer.from(`${cri('a')}${'x'.repeat(70_000)}\n\0\0\0${cri('b')}`);
  for (let at = 0; at < bytes.length; at += 1000) {
    volume.append(LOG, bytes.subarray(at, at + 1000));
    reading.poll();
  }
  expect(reading.fresh()).toEqual(['a', 'b']);
  expect(rejections(reading.self)).toBe(1);
});
