/**
 * Follows the log of one container for as long as its pod is there: over broken connections, silences and restarts
 * of the container, telling every line once. Where lines may be missing it says so.
 *
 *     look who is there ─▶ restarted? the rest of the old log, then the new one ─▶ read until the stream ends ─┐
 *            ▲                                                                                                 │
 *            └───────────────────────────────── wait a little, or longer ◀─────────────────────────────────────┘
 */
import { toErrorText } from '../text/errors.ts';
import { toDelay } from './backOff.ts';
import { type Clock, startPause } from './clock.ts';
import type { Connection } from './connection.ts';
import type { Step } from './decisions.ts';
import { type DnsPods, type FoundContainer, toKey } from './dnsPods.ts';
import { createLogResume, type LogResume } from './logResume.ts';
import { type LogListener, readLogStream, type StreamEnding } from './logStream.ts';
import { createWatchdog } from './watchdog.ts';

export interface ContainerListener extends LogListener {
  /** What follows is the log of this run. */
  began(restarts: number): void;
  /** The server sends the log, or is silent because there is nothing to send yet. */
  opened(): void;
  /** Lines may be gone: the log was rotated or restarted away (`missed`), or went with its pod (`gone`). */
  lost(reason: 'missed' | 'gone'): void;
  /** The pod is gone, and nothing more can be had of its log. */
  ended(): void;
  failed(message: string): void;
}

export interface FollowerPlace {
  readonly pods: DnsPods;
  /** Its own; closed by `stop`. */
  readonly connection: Connection;
  readonly clock: Clock;
  /** Milliseconds since the epoch before which nothing is asked for; undefined: from the beginning. */
  readonly start: number | undefined;
}

export interface LogFollower {
  /** Resolves once the pod is gone and everything that could be had of its log was told, or after `stop`. */
  readonly done: Promise<void>;
  stop(): void;
}

type Ending =
  | { readonly kind: StreamEnding | 'silent' }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Of HTTP; undefined if there was no answer. */
      readonly code?: number;
      readonly retryAfter?: number | undefined;
    };

/** Milliseconds without a byte after which the stream is opened anew: nothing else shows that it is dead. */
const SILENCE = 60_000;
/**
 * How often a line that is missing is looked for before the log counts as rotated: the API server may not know for a
 * second or two that the container is another one by now.
 */
const LOOKS_FOR_UNMET = 3;

export function followLog(
  container: FoundContainer,
  { pods, connection, clock, start }: FollowerPlace,
  listener: ContainerListener,
): LogFollower {
  const key = toKey(container);
  const stopping = new AbortController();
  let interrupt: () => void = () => undefined;
  let restarts = container.restarts;
  let resume = createLogResume(start);
  /** Calls in a row that brought nothing. */
  let failures = 0;
  /** Streams in a row in which the last line did not come again. */
  let unmet = 0;
  /** The log may have gone on since it was last read. */
  let isBehind = true;

  async function read(query: Record<string, string>): Promise<Ending> {
    const controller = new AbortController();
    interrupt = () => controller.abort();
    const opened = await connection.get(toPath(container, resume, query), controller.signal);
    if (opened.kind === 'refused') {
      const { code, message, retryAfter } = opened.status;
      if (code === 401) connection.refresh();
      return { kind: 'failed', message: `${code} ${message}`.trim(), code, retryAfter };
    }
    if (opened.kind === 'broken') {
      // The kubelet sends no head before the first line: of a log that is quiet, that is all there is.
      if (opened.cause !== 'header_timeout') return { kind: 'failed', message: opened.message };
      listener.opened();
      return { kind: 'silent' };
    }
    listener.opened();
    return await readOpened(opened.body, () => controller.abort());
  }

  async function readOpened(body: AsyncIterable<Buffer>, giveUp: () => void): Promise<Ending> {
    const watchdog = createWatchdog(clock, giveUp);
    watchdog.allow(SILENCE);
    const noting: LogListener = {
      ...listener,
      lines(chunk) {
        failures = 0;
        unmet = 0;
        if (!stopping.signal.aborted) listener.lines(chunk);
      },
      async room() {
        // Whoever does not read hears nothing.
        watchdog.cancel();
        await listener.room();
        watchdog.allow(SILENCE);
      },
    };
    try {
      return { kind: await readLogStream({ chunks: body, resume }, noting) };
    } catch (error) {
      return watchdog.hasBarked ? { kind: 'silent' } : { kind: 'failed', message: toErrorText(error) };
    } finally {
      watchdog.cancel();
    }
  }

  /** The container runs anew: what its last run still had to say comes first. False if that has to wait. */
  async function turnTo(next: number): Promise<boolean> {
    if (next > restarts + 1) {
      // Of the runs between, the API has the last one still.
      listener.lost('missed');
      begin(next - 1);
    }
    if (!(await readRest())) return false;
    begin(next);
    return true;
  }

  function begin(run: number): void {
    restarts = run;
    resume = createLogResume(undefined);
    unmet = 0;
    if (!stopping.signal.aborted) listener.began(restarts);
  }

  async function readRest(): Promise<boolean> {
    let ending = await read({ previous: 'true' });
    if (ending.kind === 'unmet') {
      listener.lost('missed');
      resume.accept();
      ending = await read({ previous: 'true' });
    }
    if (ending.kind === 'ended') return true;
    if (ending.kind !== 'failed' || !isFinal(ending.code)) return false;
    listener.lost('missed');
    return true;
  }

  /** One round; undefined once the pod is gone. */
  async function round(): Promise<Ending | undefined> {
    const found = await pods.look();
    if (found.kind === 'failed') return found;
    const now = found.containers.get(key);
    if (now === undefined) return undefined;
    if (now.restarts > restarts && !(await turnTo(now.restarts))) {
      return { kind: 'failed', message: 'the log of the last run cannot be read yet' };
    }
    return await read({ follow: 'true' });
  }

  /** A stream that the server ends has told everything; without a log there is nothing to tell. */
  function isBehindAfter(ending: Ending): boolean {
    if (ending.kind === 'failed' && isFinal(ending.code)) return isBehind;
    return ending.kind !== 'ended';
  }

  /** What it means, and how long to wait before the next round. */
  function judge(ending: Ending): Pick<Step, 'wait' | 'failures'> {
    failures++;
    isBehind = isBehindAfter(ending);
    switch (ending.kind) {
      case 'ended':
        break;
      case 'silent':
        // Nothing is wrong with a log to which nobody writes.
        failures = 0;
        return { wait: 'jitter', failures };
      case 'unmet':
        unmet++;
        if (unmet < LOOKS_FOR_UNMET) break;
        listener.lost('missed');
        resume.accept();
        return { wait: 'none', failures };
      case 'failed':
        if (!isWaiting(ending)) listener.failed(ending.message);
        break;
    }
    return { wait: 'back_off', failures };
  }

  async function run(): Promise<void> {
    listener.began(restarts);
    for (
      let ending = await round();
      ending !== undefined && !stopping.signal.aborted;
      ending = await round()
    ) {
      const retryAfter = ending.kind === 'failed' ? ending.retryAfter : undefined;
      const pause = startPause(clock, toDelay(judge(ending), retryAfter, clock));
      interrupt = pause.end;
      await pause.over;
      if (stopping.signal.aborted) return;
    }
    if (stopping.signal.aborted) return;
    if (isBehind) listener.lost('gone');
    listener.ended();
    connection.close();
  }

  return {
    done: run(),
    stop() {
      stopping.abort();
      interrupt();
      connection.close();
    },
  };
}

function toPath(
  { namespace, pod, name }: FoundContainer,
  resume: LogResume,
  query: Record<string, string>,
): string {
  const since = resume.since();
  const all = new URLSearchParams({
    container: name,
    timestamps: 'true',
    ...query,
    ...(since !== undefined && { sinceTime: since }),
  });
  const path = [namespace, 'pods', pod, 'log'].map(encodeURIComponent).join('/');
  return `/api/v1/namespaces/${path}?${all.toString()}`;
}

/** The answer will be the same the next time: there is no such log. */
function isFinal(code: number | undefined): boolean {
  return code === 204 || code === 400 || code === 404;
}

/**
 * A pod without a node (204, no content), or a container that was not started yet: `container "coredns" in pod "…" is
 * waiting to start: ContainerCreating`.
 */
function isWaiting({ code, message }: Extract<Ending, { kind: 'failed' }>): boolean {
  return code === 204 || (code === 400 && message.includes('waiting to start'));
}
