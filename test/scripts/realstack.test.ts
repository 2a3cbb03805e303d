/** What whoever runs the checks on the real stack is told, where it is not there or not asked for rightly. */
import { describe, expect, it } from 'vitest';
import { toAdvice } from '../realstack/missing.ts';
import { isRequired } from '../realstack/required.ts';

describe('REALSTACK', () => {
  it.each([
    ['', false],
    ['required', true],
  ])('may be %j', (value, expected) => {
    expect(isRequired(value)).toBe(expected);
  });

  it.each(['1', 'Required', 'true'])('is refused if it is %j, which would skip in silence', (value) => {
    expect(() => isRequired(value)).toThrow(
      `REALSTACK: got ${JSON.stringify(value)}, wants required, or nothing at all`,
    );
  });
});

describe('what is missing', () => {
  it.each([
    ['root on Linux', /as root/],
    ['the right to make network namespaces', /CAP_SYS_ADMIN/],
    ['dnsperf', /realstack:setup/],
    ['the program etcd', /realstack:build/],
  ])('%s: told by what helps', (missing, advice) => {
    expect(toAdvice([missing])).toMatch(advice);
  });
});
