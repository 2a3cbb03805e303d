/**
 * The heartbeat of `run`: read a slice, hand it on, and let time pass when nothing is unread.
 *
 * While lines come the source is looked at every 250 ms, and before each scrape, so that what is shown is new all the
 * same: the first lines after a pause are the dear ones (docs/profile.md), and `fs.watch`, which wakes for each, costs 3.6 %
 * of a core at 1,000 lines/s. An idle DNS is looked at less often, and a source that can tell when lines come, at once.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pipeline } from '../app.ts';
import type { Self } from '../self/self.ts';
import { isDue } from '../sources/due.ts';
import type { Polled, Source, Unsettled } from '../sources/source.ts';
import type { Faults } from './faults.ts';

export interface Turns {
  /** Reads a slice now, for somebody who wants to see what is new. */
  look(): void;
  /** Resolves once the source has ended and its last line was handed on. */
  readonly ended: Promise<void>;
  /** Reads what is there, for `ms` at most, and never again. */
  stop(ms: number): Promise<void>;
}

export interface TurnsInput {
  readonly pipeline: Pipeline;
  readonly source: Source;
  readonly self: Self;
  /** A bug must not take the DNS pod down: it is told, and reading goes on with the next line. */
  readonly faults: Faults;
  readonly now: () => number;
  /** True while somebody is sent the metrics, a piece in each turn of the event loop. */
  readonly isScraped: () => boolean;
}

/** Milliseconds between two looks at the source. */
const LOOK = { active: 250, idle: 1_000 };
/** Milliseconds between two moments that the pipeline is told of. */
const TICK_EVERY = 100;
/** Milliseconds for which a line may be on its way from the DNS server's write to the file. */
const ON_ITS_WAY = 30;
/** Turns of the event loop between two slices of a backlog while a scrape is under way. */
const TURNS_FOR_SCRAPES = 8;
/** Milliseconds between two checkpoints. */
const SAVE_EVERY = 5_000;

export function startTurns({ pipeline, source, self, faults, now, isScraped }: TurnsInput): Turns {
  const ended = Promise.withResolvers<void>();
  let wait = LOOK.active;
  let saved = now();
  let ticked = saved;
  let lines = 0;
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let isStopped = false;
  let isBehind = false;

  function turn(): void {
    try {
      look();
    } catch (error) {
      faults(error);
      timer = setTimeout(turn, LOOK.idle);
    }
  }

  function look(): void {
    const started = now();
    const before = lines;
    const polled = poll();
    saveNowAndThen(started);
    isBehind = polled === 'more';
    if (isBehind) {
      // No time has passed while lines of before are unread; but spans that wait hold the checkpoint back.
      pipeline.send(started);
      // A backlog is read in slices: scrape, watch and export get their turn between them.
      letPass(TURNS_FOR_SCRAPES);
      return;
    }
    if (polled === 'ended') ended.resolve();
    tickNowAndThen(started);
    wait = lines > before ? LOOK.active : Math.min(LOOK.idle, wait * 1.25);
    timer = setTimeout(turn, wait);
  }

  /** A turn is over in no time where no scrape has anything to do. */
  function letPass(turns: number): void {
    immediate = setImmediate(turns > 0 && isScraped() ? () => letPass(turns - 1) : turn);
  }

  function poll(): Polled {
    try {
      return source.poll((batch) => {
        lines += batch.to - batch.from;
        pipeline.accept(batch);
      });
    } catch (error) {
      faults(error);
      return 'caughtUp';
    }
  }

  function saveNowAndThen(at: number): void {
    if (!isDue(saved, SAVE_EVERY, at)) return;
    saved = at;
    source.save(toUnsettled(pipeline));
    self.log.tick(at);
  }

  /** Lines may wake us one by one; time need not pass with each of them. */
  function tickNowAndThen(at: number): void {
    if (!isDue(ticked, TICK_EVERY, at)) return;
    ticked = at;
    pipeline.tick(at - ON_ITS_WAY);
  }

  source.onArrival?.(() => {
    if (isStopped) return;
    forgetNext();
    immediate = setImmediate(turn);
  });

  function lookNow(): void {
    // A backlog is read as fast as it can be already.
    if (isStopped || isBehind) return;
    forgetNext();
    turn();
  }

  function forgetNext(): void {
    clearTimeout(timer);
    clearImmediate(immediate);
  }

  // What is read from now on was not idle meanwhile, however old it is.
  pipeline.metrics.tick(ticked);
  turn();
  return {
    ended: ended.promise,
    look: lookNow,
    async stop(ms) {
      isStopped = true;
      forgetNext();
      const deadline = now() + ms;
      while (poll() === 'more' && now() < deadline) await nextTurn();
    },
  };
}

/** For each file the lowest byte that is not settled yet. */
export function toUnsettled(pipeline: Pipeline): Unsettled {
  let lowest: ReadonlyMap<string, number> | undefined;
  return (fileId) => {
    // Everything that is open is walked through: only for a source that asks.
    lowest ??= pipeline.unsettled();
    return lowest.get(fileId);
  };
}
