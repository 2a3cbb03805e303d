/** Times keep their fraction; what is no time is NaN. */
import { expect, test } from 'vitest';
import { parseTime, parseWhen, readTime } from '../../src/parse/times.ts';

const SECOND = Date.UTC(2018, 10, 21, 6, 48, 51);

test.each<[string, number]>([
  ['2018-11-21T06:48:51Z', SECOND],
  ['2018-11-21T06:48:51.1Z', SECOND + 100],
  ['2018-11-21T06:48:51.000250Z', SECOND + 0.25],
  ['2018-11-21T06:48:51.123456789+00:00', SECOND + 123.456789],
  ['2018-11-20T23:48:51-07:00', SECOND],
  ['2018/11/21 06:48:51', SECOND],
  ['2018/11/21 06:48:51.5', SECOND + 500],
  ['2018-11-21T06:48:51', Number.NaN],
  ['2018-11-21T25:48:51Z', Number.NaN],
  ['2018-11-21T06:48:51Zx', Number.NaN],
  ['', Number.NaN],
])('parseTime %j', (text, time) => {
  expect(parseTime(text)).toBe(time);
});

test.each<[string, number]>([
  ['21/Nov/2018:06:48:51 +0000', SECOND],
  ['21/Nov/2018:08:18:51 +0130', SECOND],
  ['21/Nox/2018:06:48:51 +0000', Number.NaN],
  ['', Number.NaN],
])('parseWhen %j', (text, time) => {
  expect(parseWhen(text)).toBe(time);
});

test('a time ends behind its blank', () => {
  expect(readTime('x 2018-11-21T06:48:51Z y', 2)).toEqual({ time: SECOND, end: 23 });
  expect(readTime('x 2018-11-21T06:48:51Z y', 0)).toBeUndefined();
});
