/** What the checks say as they go: part of what CI prints, so that it is seen what was compared and how long it took. */
import { afterEach, beforeEach } from 'vitest';

export function tell(text: string): void {
  process.stdout.write(`realstack  ${text}\n`);
}

/** After each test of the group: what it has compared, and its time. */
export function tellEach(compared: () => string): void {
  let begin = 0;
  beforeEach(() => {
    begin = performance.now();
  });
  afterEach(({ task }) => tell(`${task.name}: ${compared()} in ${toSeconds(begin)} s`));
}

/** Since a moment of `performance.now()`. */
export function toSeconds(begin: number): string {
  return ((performance.now() - begin) / 1000).toFixed(1);
}
