/** Plays the recording of the demo: once and at once, or round after round at the speed of the clock. */
import type { Pipeline } from '../app.ts';
import { toDnsPodLabel } from '../records/line.ts';
import type { Self } from '../self/self.ts';
import type { World } from './command.ts';
import type { Playback, Round } from './playback.ts';

export interface DemoInput {
  readonly world: World;
  readonly self: Self;
  readonly playback: Playback;
  readonly pipeline: Pipeline;
}

/** Milliseconds between two looks at what is due. */
const BEAT_MS = 100;
/** Milliseconds until the first table, and between the next ones. */
const TABLE = { first: 5_000, next: 30_000 };
/** Milliseconds of the recording that are there at once: whoever comes first sees numbers already. */
const HEAD_START = 15_000;
/** Milliseconds of pause between two rounds: what is open closes, and the map comes to rest. */
const REST_MS = 7_000;

/** Everything at once, as if it had just ended. */
export function playOnce(input: DemoInput): void {
  const { world, playback } = input;
  playDue(input, playback.begin(world.now() - playback.length), Infinity);
}

/** What the demo says: what to open once there is something to see, and the table now and then. */
export interface Telling {
  whatToOpen(): void;
  table(): void;
}

/** Until somebody has seen enough. */
export async function playOn(input: DemoInput, tell: Telling): Promise<void> {
  const { world, self, playback, pipeline } = input;
  const begun = world.now() - HEAD_START;
  let round = playback.begin(begun);
  let nextRound = begun + playback.length + REST_MS;
  playDue(input, round, world.now());
  pipeline.tick(world.now());
  tell.whatToOpen();
  let nextTable = world.now() + TABLE.first;
  await beatUntil(world.stopped, () => {
    const now = world.now();
    playDue(input, round, now);
    pipeline.tick(now);
    self.log.tick(now);
    if (now >= nextTable) {
      tell.table();
      nextTable = now + TABLE.next;
    }
    if (round.isOver() && now >= nextRound) {
      round = playback.begin(now);
      nextRound = now + playback.length + REST_MS;
    }
  });
}

function playDue({ self, pipeline }: DemoInput, round: Round, now: number): void {
  for (const change of round.changes(now)) pipeline.change(change);
  for (const lines of round.lines(now)) {
    self.sources.read(toDnsPodLabel(lines.file), lines.to - lines.from);
    pipeline.accept(lines);
  }
}

/** Rejects with what `beat` throws. */
function beatUntil(stopped: Promise<void>, beat: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      try {
        beat();
      } catch (error) {
        clearInterval(timer);
        reject(error);
      }
    }, BEAT_MS);
    void stopped.then(() => {
      clearInterval(timer);
      resolve();
    });
  });
}
