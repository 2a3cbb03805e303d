/** Times keep their fraction; what is no time is NaN. */
import { expect, test } from 'vitest';
import { endOfTime, parseTime } from '../../src/parse/times.ts';

const SECOND = Date.UTC(2018, 10, 21, 6, 48, 51);

test.each<[string, number]>([
  ['2018-11-21T06:48:51Z', SECOND],
  ['2018-11-21T06:48:51.1Z', SECOND + 100],
  ['2018-11-21T06:48:51.000250Z', SECOND + 0.25],
  ['2018-11-21T06:48:51.123456789+00:00', SECOND + 123.456789],
  ['2018-11-20T23:48:51-07:00', SECOND],
  ['2018/11/21 06:48:51', Number.NaN],
  ['2018-11-21T06:48:51', Number.NaN],
  ['2018-11-21T25:48:51Z', Number.NaN],
  ['2018-11-21T06:48:51Zx', Number.NaN],
  ['', Number.NaN],
])('parseTime %j', (text, time) => {
  expect(parseTime(text)).toBe(time);
});

test.each<[string, number, number]>([
  ['x 2018-11-21T06:48:51Z y', 2, 23],
  ['x 2018-11-21T06:48:51Z y', 0, -1],
  ['2018-11-21T06:48:51.25+01:00', 0, 28],
  ['2018/11/21 06:48:51 y', 0, 20],
  ['2018/11/21 06:48:51.5 y', 0, 22],
  ['2018-13-41T06:48:51Z y', 0, 21],
  ['2018-11-21T06:48:51Zx', 0, -1],
  ['2018-11-21T06:48:51 y', 0, -1],
  ['', 0, -1],
])('endOfTime %j, from %i', (text, at, end) => {
  expect(endOfTime(text, at)).toBe(end);
});
