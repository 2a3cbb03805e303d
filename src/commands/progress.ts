/** Says on a terminal how far a long replay is. */
import type { World } from './command.ts';

/** One line that is written anew each time; nothing where nobody looks. */
export interface ProgressLine {
  show(text: string): void;
  /** Wipes it away. */
  end(): void;
}

type Terminal = Pick<World, 'err' | 'isTerminal'>;

export function createProgressLine({ err, isTerminal }: Terminal): ProgressLine {
  let isShown = false;
  return {
    show(text) {
      if (!isTerminal) return;
      err(`\r${text}\u001b[K`);
      isShown = true;
    },
    end() {
      if (isShown) err('\r\u001b[K');
      isShown = false;
    },
  };
}

export interface Progress {
  lines(count: number): void;
  end(): void;
}

const EVERY_MS = 200;

export function createProgress(world: Terminal & Pick<World, 'now'>): Progress {
  const line = createProgressLine(world);
  const started = world.now();
  let total = 0;
  let shown = started;

  return {
    lines(count) {
      total += count;
      if (!world.isTerminal) return;
      const now = world.now();
      if (now - shown < EVERY_MS) return;
      const rate = Math.round((total / Math.max(1, now - started)) * 1e3);
      line.show(`${total.toLocaleString('en')} lines, ${rate.toLocaleString('en')} lines/s`);
      shown = now;
    },
    end: line.end,
  };
}
