/** Lines of a watch, and refusals, as API servers write them. */
import { describe, expect, test } from 'vitest';
import { parseRetryAfter, toApiStatus } from '../../src/kube/apiStatus.ts';
import { PODS_WITH_OWN_ADDRESS, refusedTerm } from '../../src/kube/selector.ts';
import { toWatchLine } from '../../src/kube/watchLine.ts';
import { toPod } from './harness.ts';

describe('toWatchLine', () => {
  test.each([
    [
      'a bookmark',
      { type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: '9' } } },
      { type: 'BOOKMARK', resourceVersion: '9', isInitialEnd: false },
    ],
    [
      'the bookmark that ends the initial state',
      {
        type: 'BOOKMARK',
        object: { metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } } },
      },
      { type: 'BOOKMARK', resourceVersion: '9', isInitialEnd: true },
    ],
    ['a bookmark without a version', { type: 'BOOKMARK', object: { metadata: {} } }, undefined],
    [
      'an ERROR',
      { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } },
      { type: 'ERROR', status: { code: 410, message: 'too old', retryAfter: undefined } },
    ],
    [
      'an ERROR without anything',
      { type: 'ERROR' },
      { type: 'ERROR', status: { code: 500, message: '', retryAfter: undefined } },
    ],
    ['an object without a name', { type: 'ADDED', object: { metadata: {} } }, undefined],
    ['another type', { type: 'SYNC', object: toPod('web') }, undefined],
    ['no object at all', 7, undefined],
  ])('%s', (_, json, line) => {
    expect(toWatchLine('pods', json)).toEqual(line);
  });

  test.each(['ADDED', 'MODIFIED', 'DELETED'])('%s', (type) => {
    expect(toWatchLine('pods', { type, object: toPod('web') })).toMatchObject({
      type,
      object: { name: 'web' },
    });
  });
});

test.each([
  [
    { code: 429, message: 'slow', details: { retryAfterSeconds: 3 } },
    { code: 429, message: 'slow', retryAfter: 3000 },
  ],
  [{ reason: 'Expired' }, { code: 599, message: 'Expired', retryAfter: undefined }],
  [undefined, { code: 599, message: '', retryAfter: undefined }],
])('the refusal %o', (json, status) => {
  expect(toApiStatus(json, 599)).toEqual(status);
});

test.each([
  ['7', 7000],
  ['Sat, 21 Nov 2026 12:00:10 GMT', 10_000],
  ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After: %s', (text, ms) => {
  expect(parseRetryAfter(text, Date.UTC(2026, 10, 21, 12))).toBe(ms);
});

test.each([
  ['Unable to find "/v1": field label not supported: spec.hostNetwork', 'spec.hostNetwork=false'],
  ['field label not supported: spec.host', undefined],
  ['field label not supported: status.phase', undefined],
  ['something else', undefined],
])('the field refused in: %s', (message, term) => {
  expect(refusedTerm(message, PODS_WITH_OWN_ADDRESS.fields)?.text).toBe(term);
});
