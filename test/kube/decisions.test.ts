/** The table in decisions.ts, cell by cell. */
import { describe, expect, test } from 'vitest';
import {
  type Ask,
  type Attempt,
  decide,
  type Ending,
  type Standing,
  type Step,
} from '../../src/kube/decisions.ts';
import { PODS_WITH_OWN_ADDRESS } from '../../src/kube/selector.ts';

const STANDING: Standing = { resourceVersion: '500', failures: 0, silences: 0, terms: [], isNeeded: true };
const ENDED: Ending = { kind: 'ended' };
const SILENT: Ending = { kind: 'silent' };

function attempt(ask: Ask, ending: Ending, more: Partial<Attempt> = {}): Attempt {
  return { ask, ending, wasHeard: false, lasted: 60_000, ...more };
}

function refused(code: number, message = ''): Ending {
  return { kind: 'refused', status: { code, message, retryAfter: undefined }, isInStream: false };
}

function inStream(code: number): Ending {
  return { kind: 'refused', status: { code, message: '', retryAfter: undefined }, isInStream: true };
}

function answered(resourceVersion: string): Ending {
  return { kind: 'answered', resourceVersion };
}

/** `next ask, wait, reason, what else`. */
function toText({ ask, wait, reason, also }: Step): string {
  return [ask, wait, reason, also?.kind].filter((part) => part !== undefined).join(', ');
}

const CELLS: readonly (readonly [Ask, string, Ending, string])[] = [
  ['list', 'is answered', answered('600'), 'watch, none'],
  ['probe', 'finds the server ahead of us', answered('600'), 'watch, none'],
  ['probe', 'finds the server where we are', answered('500'), 'watch, none'],
  ['probe', 'finds the server behind us', answered('499'), 'initial, jitter, version_ahead'],
  ['probe', 'finds a version that is no number', answered('v7'), 'watch, none'],
  ['watch_list', 'ends too early', ENDED, 'list, none, watch_list_refused, refuse_watch_list'],
  ['watch_list', 'takes too long', SILENT, 'list, none, watch_list_refused, refuse_watch_list'],
  ['watch_list', 'has an ERROR', inStream(500), 'list, none, watch_list_refused, refuse_watch_list'],
  ['watch_list', 'has an ERROR 403', inStream(403), 'list, none, watch_list_refused, refuse_watch_list'],
  ['watch_list', 'is refused (422)', refused(422), 'list, none, watch_list_refused, refuse_watch_list'],
  ['watch_list', 'is refused (400)', refused(400), 'list, none, watch_list_refused, refuse_watch_list'],
  ['watch_list', 'has an ERROR 410', inStream(410), 'initial, jitter, expired'],
  ['watch_list', 'meets a busy server', refused(429), 'watch_list, back_off, overloaded'],
  ['watch_list', 'meets a broken server', refused(503), 'watch_list, back_off, server_error'],
  ['list', 'falls silent', SILENT, 'list, back_off, silence'],
  ['list', 'has an expired page', refused(410), 'initial, jitter, expired'],
  ['list', 'is refused (400)', refused(400), 'list, back_off, client_error'],
  ['list', 'is not served (404)', refused(404), 'list, back_off, client_error'],
  ['watch', 'ends', ENDED, 'watch, jitter, end'],
  ['watch', 'falls silent', SILENT, 'watch, jitter, silence'],
  ['watch', 'is expired (HTTP)', refused(410), 'initial, jitter, expired'],
  ['watch', 'is expired (ERROR)', inStream(410), 'initial, jitter, expired'],
  ['watch', 'has an ERROR', inStream(500), 'watch, back_off, server_error'],
  ['watch', 'is refused (400)', refused(400), 'initial, back_off, client_error'],
  ['watch', 'is unauthorized', refused(401), 'watch, back_off, unauthorized, refresh_token'],
  ['watch', 'is forbidden', refused(403), 'watch, back_off, forbidden'],
  ['watch', 'meets a busy server', refused(429), 'watch, back_off, overloaded'],
  ['watch', 'meets a broken server', refused(500), 'watch, back_off, server_error'],
  ['watch', 'is reset', { kind: 'broken', cause: 'reset', message: '' }, 'watch, back_off, reset'],
  ['watch', 'has bad JSON', { kind: 'broken', cause: 'bad_json', message: '' }, 'watch, back_off, bad_json'],
  ['probe', 'falls silent', SILENT, 'probe, back_off, silence'],
  [
    'probe',
    'gets no answer',
    { kind: 'broken', cause: 'header_timeout', message: '' },
    'probe, back_off, header_timeout',
  ],
];

test.each(CELLS)('a %s that %s', (ask, _, ending, expected) => {
  expect(toText(decide(attempt(ask, ending), STANDING))).toBe(expected);
});

describe('what else counts:', () => {
  test('a resource that is not needed is left in peace where it is forbidden', () => {
    const step = decide(attempt('watch', refused(403)), { ...STANDING, isNeeded: false });
    expect(toText(step)).toBe('watch, rest, forbidden');
  });

  test('a field that the server does not know is dropped, if it can be done without', () => {
    const standing = { ...STANDING, terms: PODS_WITH_OWN_ADDRESS.fields };
    const unknown = (field: string) => refused(400, `field label not supported: ${field}`);
    expect(decide(attempt('watch_list', unknown('spec.hostNetwork')), standing)).toEqual({
      ask: 'watch_list',
      wait: 'none',
      reason: 'field_refused',
      failures: 0,
      silences: 0,
      also: { kind: 'drop_term', term: PODS_WITH_OWN_ADDRESS.fields[2] },
    });
    expect(toText(decide(attempt('list', unknown('status.phase')), standing))).toBe(
      'list, back_off, client_error',
    );
  });

  test('failures add up, and begin anew once a stream was heard', () => {
    const standing = { ...STANDING, failures: 3 };
    expect(decide(attempt('watch', refused(500)), standing).failures).toBe(4);
    expect(decide(attempt('watch', inStream(500), { wasHeard: true }), standing).failures).toBe(1);
    expect(decide(attempt('watch', ENDED), standing).failures).toBe(0);
  });

  test('the second of two silent watches is followed by a probe, however they ended', () => {
    const once = decide(attempt('watch', SILENT), STANDING);
    expect(once).toMatchObject({ ask: 'watch', silences: 1 });
    expect(decide(attempt('watch', ENDED), { ...STANDING, ...once })).toMatchObject({ ask: 'probe' });
    expect(decide(attempt('watch', ENDED, { wasHeard: true }), { ...STANDING, ...once })).toMatchObject({
      ask: 'watch',
      silences: 0,
    });
  });

  test('a stream that ends at once without a word is no sign of health', () => {
    const step = decide(attempt('watch', ENDED, { lasted: 20 }), { ...STANDING, failures: 2 });
    expect(step).toMatchObject({ wait: 'back_off', failures: 3, silences: 1 });
  });

  test('a second expiry right after the first backs off: a relist is dear', () => {
    const first = decide(attempt('watch', refused(410), { lasted: 0 }), STANDING);
    expect(first).toMatchObject({ wait: 'jitter', failures: 1 });
    const list = decide(attempt('list', answered('600')), { ...STANDING, ...first });
    const second = decide(attempt('watch', refused(410), { lasted: 0 }), { ...STANDING, ...list });
    expect(second).toMatchObject({ wait: 'back_off', failures: 2 });
  });
});
