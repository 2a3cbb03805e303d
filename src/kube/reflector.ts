/**
 * Keeps up with one resource for as long as corespan runs: the whole state first, then every change, and the
 * whole state anew where changes were missed. It never gives up; what follows each call stands in decisions.ts.
 */
import type { KubeSelf } from '../self/kube.ts';
import { toErrorText } from '../text/errors.ts';
import { toDelay } from './backOff.ts';
import { type CallListener, perform } from './call.ts';
import { type Clock, SYSTEM_CLOCK, startPause } from './clock.ts';
import type { Connection } from './connection.ts';
import { type Ask, type Attempt, decide, type Ending, type Standing, type Step } from './decisions.ts';
import type { Change, ClusterObject, Resource } from './objects.ts';
import type { FieldTerm, Selector } from './selector.ts';
import type { WatchListSupport } from './watchListSupport.ts';

export interface ReflectorOptions {
  /** What it is called in metrics and messages. */
  readonly name: string;
  readonly resource: Resource;
  readonly selector: Selector;
  /** False if corespan does without the resource where it is forbidden. */
  readonly isNeeded: boolean;
  /** Its own, so that no call waits behind another's watch; closed by `stop`. */
  readonly connection: Connection;
  readonly watchList: WatchListSupport;
  readonly clock?: Clock;
}

export interface Reflector {
  readonly name: string;
  /** Tells every change, in order, with the time of its arrival; what `accept` throws is counted. */
  start(accept: (change: Change) => void): void;
  /** Frees the connection and every timer; nothing is told afterwards. */
  stop(): void;
  readonly phase: ReflectorPhase;
}

export type ReflectorPhase =
  /** No complete state yet. */
  | 'cold'
  /** A complete state, and the server answers. */
  | 'synced'
  /** A complete state of some time ago: the last call went wrong. */
  | 'stale'
  /** The server refuses to tell, whatever is known from before; a fault later on is no permission. */
  | 'forbidden';

export function createReflector(options: ReflectorOptions, self: KubeSelf): Reflector {
  const { name, resource, selector, isNeeded, connection, watchList, clock = SYSTEM_CLOCK } = options;
  let standing: Omit<Standing, 'resourceVersion'> = {
    failures: 0,
    silences: 0,
    terms: selector.fields,
    isNeeded,
  };
  let phase: ReflectorPhase = 'cold';
  let isComplete = false;
  /** "" before the first complete state. */
  let resourceVersion = '';
  /**
   * When the server last said how things stand, in milliseconds since the epoch: by a change, a bookmark, a complete
   * state, or the answer to a probe that there was nothing to say.
   */
  let lastSeen: number | undefined;
  let accept: ((change: Change) => void) | undefined;
  const stopping = new AbortController();
  /** Ends the call or the pause of the moment. */
  let interrupt: () => void = () => undefined;

  function tell(change: Change): void {
    if (stopping.signal.aborted) return;
    try {
      accept?.(change);
    } catch (error) {
      self.dropped(name, 'consumer_failed', toErrorText(error));
    }
  }

  function reached(version: string): void {
    resourceVersion = version;
    lastSeen = clock.now();
  }

  /** Does the work of the terms that the server has refused. */
  function isWanted(object: ClusterObject): boolean {
    return selector.fields.every((term) => standing.terms.includes(term) || (term.keeps?.(object) ?? true));
  }

  const listener: CallListener = {
    accepted() {
      phase = isComplete ? 'synced' : 'cold';
    },
    replaced(objects, version) {
      reached(version);
      isComplete = true;
      phase = 'synced';
      // Nearly always all: then no list of 50,000 is made anew.
      const wanted = objects.every(isWanted) ? objects : objects.filter(isWanted);
      self.completed(name, wanted.length);
      tell({ type: 'replace', at: clock.now(), resource, objects: wanted });
    },
    changed(type, object) {
      reached(object.resourceVersion);
      if (isWanted(object)) tell({ type, at: clock.now(), object });
    },
    reached,
    received: (type) => self.received(name, type),
    dropped: (reason) => self.dropped(name, reason),
  };

  function follow({ failures, silences, reason, also, wait }: Step, ending: Ending): void {
    const message = toMessage(ending);
    const isFault = wait === 'back_off';
    standing = { ...standing, failures, silences };
    if (also?.kind === 'refresh_token') connection.refresh();
    if (also?.kind === 'drop_term') standing = { ...standing, terms: without(standing.terms, also.term) };
    if (also?.kind === 'refuse_watch_list') {
      watchList.refused();
      self.listsInstead(name, message);
    }
    if (reason !== undefined) self.restarted(name, { reason, message, isFault });
    if (reason === 'forbidden') {
      if (phase !== 'forbidden') self.forbidden(name, { message, isNeeded });
      phase = 'forbidden';
    } else if (isFault && (isNeeded || phase !== 'forbidden')) {
      phase = isComplete ? 'stale' : 'cold';
    }
  }

  /**
   * A quiet resource may never get a bookmark (1.36: none as long as nothing of it has changed since the server's
   * start). Its probe tells that the silence was the truth: without that its age would grow for ever.
   */
  function noteProbe({ ask, ending }: Attempt, next: Step): void {
    if (ask === 'probe' && ending.kind === 'answered' && next.ask === 'watch') lastSeen = clock.now();
  }

  function toAsk(ask: Step['ask']): Ask {
    if (ask !== 'initial' && ask !== 'watch_list') return ask;
    return watchList.isExpected() ? 'watch_list' : 'list';
  }

  async function run(): Promise<void> {
    for (let ask = toAsk('initial'); !stopping.signal.aborted; ) {
      const controller = new AbortController();
      interrupt = () => controller.abort();
      const fields = standing.terms.map(({ text }) => text);
      const call = { ask, resource, fields, labels: selector.labels, resourceVersion, controller };
      const attempt = await perform(call, { connection, clock }, listener);
      if (stopping.signal.aborted) return;
      const step = decide(attempt, { ...standing, resourceVersion });
      follow(step, attempt.ending);
      noteProbe(attempt, step);
      ask = toAsk(step.ask);
      const pause = startPause(clock, toDelay(step, toRetryAfter(attempt.ending), clock));
      interrupt = pause.end;
      await pause.over;
    }
  }

  return {
    name,
    start(consumer) {
      if (accept !== undefined || stopping.signal.aborted) return;
      accept = consumer;
      self.watches(name, {
        isSynced: () => toSynced(phase, isNeeded),
        age: () => (lastSeen === undefined ? Number.NaN : (clock.now() - lastSeen) / 1000),
      });
      void run();
    },
    stop() {
      stopping.abort();
      interrupt();
      connection.close();
    },
    get phase() {
      return phase;
    },
  };
}

/** What the server or the system said. */
function toMessage(ending: Ending): string {
  switch (ending.kind) {
    case 'refused':
      return `${ending.status.code} ${ending.status.message}`.trim();
    case 'broken':
      return ending.message;
    case 'answered':
      return 'answered';
    case 'ended':
      return 'the server ended the stream';
    case 'silent':
      return 'nothing came in time';
  }
}

function toRetryAfter(ending: Ending): number | undefined {
  return ending.kind === 'refused' ? ending.status.retryAfter : undefined;
}

function without(terms: readonly FieldTerm[], term: FieldTerm): readonly FieldTerm[] {
  return terms.filter((other) => other !== term);
}

/** 1 or 0 for the metric; NaN, and so no series, where a resource that may be missing is forbidden. */
function toSynced(phase: ReflectorPhase, isNeeded: boolean): number {
  switch (phase) {
    case 'synced':
    case 'stale':
      return 1;
    case 'cold':
      return 0;
    case 'forbidden':
      return isNeeded ? 0 : Number.NaN;
  }
}
