/** How long a lookup stays open: until no resolver would go on with it. */
import { toStyle } from './matching.ts';
import { finalStep } from './openLookup.ts';
import type { OpenLookup, Step } from './state.ts';
import { hasFailed, isHalf } from './steps.ts';

/** Milliseconds after the last query's end, unless said otherwise. */
const WAIT = {
  /** After an answer that ends the lookup: for lines that come late. */
  done: 100,
  /** One of A and AAAA was answered, by a client that may never ask for the other. */
  half: 250,
  /** From the start of one half, if the client is known to ask for both: an upstream takes up to 6 s to fail. */
  otherHalf: 6_500,
  /** A denied name that others may follow; the last of them goes upstream, and its line is written at its end. */
  nextName: 6_500,
  /** A failure: glibc waits 5 s before its second try. */
  retry: 5_500,
};

/** When `lookup` closes if nothing more comes, in milliseconds since the epoch. */
export function toDue(lookup: OpenLookup): number {
  const { steps } = lookup;
  const step = finalStep(lookup);
  const end = toEnd(steps);
  if (step.hasError || (!step.hasSuccess && hasFailed(steps))) return end + WAIT.retry;
  const isOver = step.hasSuccess || (step.level === 4 && beganBefore(step, steps));
  if (!isOver) return end + WAIT.nextName;
  if (!isHalf(step)) return end + WAIT.done;
  return asksInPairs(lookup) ? step.firstStart + WAIT.otherHalf : end + WAIT.half;
}

/** True if the walk began with a suffix: then the name as typed is its end. One that it began with has suffixes to come. */
function beganBefore(typed: Step, steps: readonly Step[]): boolean {
  for (const { firstStart } of steps) if (firstStart < typed.firstStart) return true;
  return false;
}

/** The latest end of any of its queries. */
export function toEnd(steps: readonly Step[]): number {
  let end = -Infinity;
  for (const { lastEnd } of steps) if (lastEnd > end) end = lastEnd;
  return end;
}

function asksInPairs({ client, steps, question }: OpenLookup): boolean {
  for (const step of steps) if (step.hasA && step.hasAaaa) return true;
  return client.pairing[toStyle(question)] !== 'unknown';
}
