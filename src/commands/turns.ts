/**
 * The heartbeat of `run`: read a slice, hand it on, and let time pass when nothing is unread.
 *
 * While lines come the log is looked at every 100 ms, which costs 0.4 % of a core at 1,000 lines/s; `fs.watch`
 * costs eight times that (facts in docs/benchmarks.md). An idle DNS is looked at less often.
 */
import type { Pipeline } from '../app.ts';
import type { Self } from '../self/self.ts';
import type { Follower } from '../sources/follow.ts';

export interface Turns {
  stop(): void;
}

export interface TurnsInput {
  readonly pipeline: Pipeline;
  readonly follower: Follower;
  readonly self: Self;
  readonly now: () => number;
}

/** Milliseconds between two looks at the log. */
const LOOK = { active: 100, idle: 500 };
/** Milliseconds for which a line may be on its way from the DNS server's write to the file. */
const ON_ITS_WAY = 30;
/** Milliseconds between two checkpoints. */
const SAVE_EVERY = 5_000;

export function startTurns({ pipeline, follower, self, now }: TurnsInput): Turns {
  let wait = LOOK.active;
  let saved = now();
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;

  function look(): void {
    const started = now();
    let lines = 0;
    const hasMore = follower.poll((batch) => {
      lines += batch.to - batch.from;
      pipeline.accept(batch);
    });
    saveNowAndThen(started);
    if (hasMore) {
      // A backlog is read in slices: scrape, watch and export get their turn between them.
      immediate = setImmediate(turn);
      return;
    }
    pipeline.tick(started - ON_ITS_WAY);
    wait = lines > 0 ? LOOK.active : Math.min(LOOK.idle, wait * 1.25);
    timer = setTimeout(turn, wait);
  }

  function saveNowAndThen(at: number): void {
    if (at - saved < SAVE_EVERY) return;
    saved = at;
    follower.save(toSettled(pipeline));
    self.log.tick(at);
  }

  function turn(): void {
    try {
      look();
    } catch (error) {
      // A bug must not take the DNS pod down: say it, and go on with the next line.
      self.log.often('error', 'A slice of the log could not be processed', {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      timer = setTimeout(turn, LOOK.idle);
    }
  }

  turn();
  return {
    stop() {
      clearTimeout(timer);
      clearImmediate(immediate);
    },
  };
}

/** For each file the lowest byte that is not settled yet. */
export function toSettled(pipeline: Pipeline): (fileId: string) => number | undefined {
  const lowest = pipeline.unsettled();
  return (fileId) => lowest.get(fileId);
}
