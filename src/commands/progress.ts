/** Says on a terminal how far a long replay is. */
import type { World } from './command.ts';

export interface Progress {
  lines(count: number): void;
  end(): void;
}

const EVERY_MS = 200;

export function createProgress(world: World): Progress {
  const started = world.now();
  let total = 0;
  let shown = started;
  let isShown = false;

  function show(now: number): void {
    const rate = Math.round((total / Math.max(1, now - started)) * 1e3);
    world.err(`\r${total.toLocaleString('en')} lines, ${rate.toLocaleString('en')} lines/s\u001b[K`);
    isShown = true;
    shown = now;
  }

  return {
    lines(count) {
      total += count;
      if (!world.isTerminal) return;
      const now = world.now();
      if (now - shown >= EVERY_MS) show(now);
    },
    end() {
      if (isShown) world.err('\r\u001b[K');
    },
  };
}
