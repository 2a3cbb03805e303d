/**
 * The heart of the reflector: how a call ended → what is asked next.
 *
 *     ending                       during watch_list      during list      during watch       during probe
 *     ─────────────────────────────────────────────────────────────────────────────────────────────────────
 *     answered in full             –                      watch            –                  watch, or all
 *                                                                                             anew if ours is
 *                                                                                             ahead
 *     ended by the server          list                   –                watch              –
 *     silent                       list                   back off         watch              back off
 *     ERROR in the stream          list                   –                back off           –
 *     410 (HTTP or ERROR)          all anew, jitter; the second in a row backs off
 *     400 naming a field           without that field, at once
 *     400, 422                     list                   back off         all anew           back off
 *     401                          token read again, back off
 *     403                          back off; a rest if the resource can be done without
 *     429, 5xx, any other          back off, Retry-After honoured
 *     reset, timeout, bad JSON     back off
 *
 * "Back off" repeats the same call; a watch resumes where it was. Two watches in a row that heard nothing are
 * followed by a probe: a server restored from an older backup accepts a version from its future, says nothing
 * and ends cleanly, for ever.
 */
import type { ApiStatus } from './apiStatus.ts';
import { type FieldTerm, refusedTerm } from './selector.ts';

export type Ask =
  /** The whole state as a stream, which then goes on as a watch (WatchList). */
  | 'watch_list'
  /** The whole state in pages. */
  | 'list'
  /** What changed since the version at hand. */
  | 'watch'
  /** Whether the server's version has fallen behind the one at hand. */
  | 'probe';

export type Ending =
  /** A list or a probe, with the server's version. */
  | { readonly kind: 'answered'; readonly resourceVersion: string }
  | { readonly kind: 'ended' }
  /** Nothing came for a while; or, in a watch_list, the end of the initial state did not come in time. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'refused'; readonly status: ApiStatus; readonly isInStream: boolean }
  | { readonly kind: 'broken'; readonly cause: BrokenCause; readonly message: string };

export type BrokenCause =
  | 'credentials'
  | 'unreachable'
  | 'header_timeout'
  | 'reset'
  | 'bad_json'
  | 'oversize';

/** A call that has ended. */
export interface Attempt {
  readonly ask: Ask;
  readonly ending: Ending;
  /** A change, a bookmark or a complete state came in. */
  readonly wasHeard: boolean;
  /** Milliseconds since the server accepted the call. */
  readonly lasted: number;
}

/** What earlier calls left behind. */
export interface Standing {
  readonly resourceVersion: string;
  /** Failed calls in a row, for the back-off. */
  readonly failures: number;
  /** Watches in a row that heard nothing. */
  readonly silences: number;
  /** The field selector as far as the server has not refused it. */
  readonly terms: readonly FieldTerm[];
  /** False if corespan does without the resource where it is forbidden. */
  readonly isNeeded: boolean;
}

/** Why a watch was started again; a closed set, because it becomes a metric label. */
type RestartReason =
  | 'end'
  | 'silence'
  | 'expired'
  | 'version_ahead'
  | 'unauthorized'
  | 'forbidden'
  | 'field_refused'
  | 'watch_list_refused'
  | 'overloaded'
  | 'server_error'
  | 'client_error'
  | BrokenCause;

export interface Step {
  /** `initial` is watch_list, or list where the server is known to refuse that. */
  readonly ask: Ask | 'initial';
  readonly wait: 'none' | 'jitter' | 'back_off' | 'rest';
  /** Undefined where a call simply follows the one before. */
  readonly reason: RestartReason | undefined;
  readonly failures: number;
  readonly silences: number;
  readonly also?:
    | { readonly kind: 'refresh_token' }
    | { readonly kind: 'refuse_watch_list' }
    | { readonly kind: 'drop_term'; readonly term: FieldTerm };
}

/** After this many watches without a word; two, so that the age of a quiet resource stays below five minutes. */
const SILENCES_BEFORE_PROBE = 2;
/** A stream that ends sooner than this (milliseconds) is no sign of health. */
const BRIEF = 1000;

export function decide(attempt: Attempt, standing: Standing): Step {
  const { ask, ending } = attempt;
  switch (ending.kind) {
    case 'answered':
      return afterAnswer(ask, ending.resourceVersion, standing);
    case 'ended':
      return ask === 'watch_list' ? listInstead() : watchAgain(attempt, standing, 'end');
    case 'silent':
      if (ask === 'watch_list') return listInstead();
      return ask === 'watch'
        ? watchAgain(attempt, standing, 'silence')
        : backOff(attempt, standing, 'silence');
    case 'refused':
      return afterRefusal(attempt, standing, ending);
    case 'broken':
      return backOff(attempt, standing, ending.cause);
  }
}

function afterAnswer(ask: Ask, resourceVersion: string, standing: Standing): Step {
  // Failures stand until a stream proves itself: a list that is answered and a watch that expires must not race.
  const next = { failures: standing.failures, silences: 0 };
  if (ask === 'probe' && isOlder(resourceVersion, standing.resourceVersion)) {
    return { ...next, ask: 'initial', wait: 'jitter', reason: 'version_ahead' };
  }
  return { ...next, ask: 'watch', wait: 'none', reason: undefined };
}

function afterRefusal(
  attempt: Attempt,
  standing: Standing,
  { status, isInStream }: Extract<Ending, { kind: 'refused' }>,
): Step {
  const { ask } = attempt;
  if (status.code === 410) return allAnew(attempt, standing, 'expired');
  if (isInStream && ask === 'watch_list') return listInstead();
  const term = status.code === 400 ? refusedTerm(status.message, standing.terms) : undefined;
  if (term !== undefined) {
    const also = { kind: 'drop_term', term } as const;
    return { ask, wait: 'none', reason: 'field_refused', failures: 0, silences: 0, also };
  }
  switch (status.code) {
    case 400:
    case 422:
      if (ask === 'watch_list') return listInstead();
      // A watch is refused for its version, which no repetition would mend.
      return ask === 'watch'
        ? { ...allAnew(attempt, standing, 'client_error'), wait: 'back_off' }
        : backOff(attempt, standing, 'client_error');
    case 401:
      return { ...backOff(attempt, standing, 'unauthorized'), also: { kind: 'refresh_token' } };
    case 403: {
      const step = backOff(attempt, standing, 'forbidden');
      return standing.isNeeded ? step : { ...step, wait: 'rest' };
    }
    case 429:
      return backOff(attempt, standing, 'overloaded');
    default:
      return backOff(attempt, standing, status.code >= 500 ? 'server_error' : 'client_error');
  }
}

function listInstead(): Step {
  const also = { kind: 'refuse_watch_list' } as const;
  return { ask: 'list', wait: 'none', reason: 'watch_list_refused', failures: 0, silences: 0, also };
}

function watchAgain(attempt: Attempt, standing: Standing, reason: 'end' | 'silence'): Step {
  const silences = attempt.wasHeard ? 0 : standing.silences + 1;
  const ask = silences >= SILENCES_BEFORE_PROBE ? 'probe' : 'watch';
  const isBrief = !attempt.wasHeard && attempt.lasted < BRIEF;
  if (isBrief) return { ...backOff(attempt, standing, reason), ask, silences };
  return { ask, wait: 'jitter', reason, failures: 0, silences };
}

function allAnew(attempt: Attempt, standing: Standing, reason: 'expired' | 'client_error'): Step {
  const isRepeated = standing.failures > 0 && attempt.lasted < BRIEF;
  return {
    ask: 'initial',
    wait: isRepeated ? 'back_off' : 'jitter',
    reason,
    failures: isRepeated ? standing.failures + 1 : 1,
    silences: 0,
  };
}

function backOff(attempt: Attempt, standing: Standing, reason: RestartReason): Step {
  const failures = attempt.wasHeard ? 1 : standing.failures + 1;
  return { ask: attempt.ask, wait: 'back_off', reason, failures, silences: standing.silences };
}

/** Versions are compared as numbers (guaranteed from Kubernetes 1.35, true before); others are never older. */
function isOlder(theirs: string, ours: string): boolean {
  return /^\d+$/.test(theirs) && /^\d+$/.test(ours) && BigInt(theirs) < BigInt(ours);
}
