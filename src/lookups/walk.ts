/**
 * Whether a query is another step of an open walk along the search path.
 *
 * A set of levels rather than a sequence: under load the runtime stamps the lines of a few milliseconds at once, and
 * a walk's steps come in any order. No resolver asks for one level twice, so a level that is there already belongs
 * to another walk.
 */
import type { SearchLevel, SearchPath } from '../dns/searchPath.ts';
import { isSameName, startOf } from '../records/query.ts';
import { isFull } from './openLookup.ts';
import type { HeldQuery, OpenLookup, Step } from './state.ts';
import { isHalf } from './steps.ts';

export interface WalkMatch {
  readonly kind: 'walk';
  readonly lookup: OpenLookup;
  readonly base: string;
  /** Level of the query's name, and of the one step that the lookup had before its base was known. */
  readonly level: SearchLevel;
  readonly firstLevel: SearchLevel | undefined;
  /** Lower is better. */
  readonly distance: number;
}

export interface Walks {
  /** How `attempt` fits into `lookup` as a name that it has not asked yet; undefined if it does not. */
  match(lookup: OpenLookup, attempt: HeldQuery): WalkMatch | undefined;
}

/** Milliseconds. */
const WINDOW = {
  /** From the end of a denied name to the start of the next one. */
  next: 1_000,
  /** The same after a name that seemed to exist: the resolver saw no data and walks on at once. */
  nextAfterSuccess: 20,
  /** By how much the lines of one walk may be out of order. */
  late: 50,
  /** By how much the stamps of two lines may be out of order where nothing else speaks for one walk. */
  stamp: 5,
};

/** Farther than any step forward. */
const LATE_DISTANCE = 100;

type Reading = Pick<WalkMatch, 'base' | 'level' | 'firstLevel'>;

export function createWalks(path: SearchPath): Walks {
  function readAs(lookup: OpenLookup, first: Step, qname: string): Reading | undefined {
    if (lookup.base !== undefined) {
      const level = path.levelOf(lookup.base, qname);
      return level === undefined ? undefined : { base: lookup.base, level, firstLevel: undefined };
    }
    const common = path.commonBaseOf(first.question.qname, qname);
    return common && { base: common.base, level: common.levels[1], firstLevel: common.levels[0] };
  }

  return {
    match(lookup, attempt) {
      const { steps } = lookup;
      const [first] = steps;
      if (first === undefined || isFull(lookup) || !isNear(steps, attempt)) return undefined;
      const { question } = attempt.query;
      for (const step of steps) if (isSameName(step.question, question)) return undefined;
      const reading = readAs(lookup, first, question.qname);
      if (reading === undefined) return undefined;
      const { base, level, firstLevel } = reading;
      // The host's search list may hold several suffixes.
      if (level === 3 && !canBeHosts(steps, attempt, firstLevel)) return undefined;
      if (level !== 3) for (const step of steps) if (step.level === level) return undefined;
      const distance = toDistance(steps, attempt, reading);
      return distance === undefined ? undefined : { kind: 'walk', lookup, base, level, firstLevel, distance };
    },
  };
}

/** Cheaper than reading names, and false for most: no step is near enough in time for any kind of step. */
function isNear(steps: readonly Step[], attempt: HeldQuery): boolean {
  for (const step of steps) {
    const isBefore = startOf(attempt.query) >= step.firstStart - WINDOW.late;
    if (isBefore && startOf(attempt.query) - step.lastEnd <= Math.max(toLimit(step), WINDOW.late))
      return true;
  }
  return false;
}

function toDistance(
  steps: readonly Step[],
  attempt: HeldQuery,
  { level, firstLevel }: Reading,
): number | undefined {
  const top = steps.at(-1);
  const newest = newestOf(steps);
  if (top === undefined || newest === undefined) return undefined;
  const topLevel = firstLevel ?? top.level ?? 0;
  // Up the path; or down from the name as typed, which is tried first if it has dots enough.
  const isForward = level > topLevel || (topLevel === 4 && !top.hasSuccess);
  if (isForward && follows(newest, attempt)) {
    return (level > topLevel ? level - topLevel : level + 1) * 2 + (isHalf(newest) ? 1 : 0);
  }
  return Math.abs(startOf(attempt.query) - newest.firstStart) <= WINDOW.late ? LATE_DISTANCE : undefined;
}

/**
 * Any name that begins like the walk's could have one of the host's suffixes. A pod comes to those behind the cluster's
 * three (kubelet writes its resolv.conf so), and before the name as typed, unless that was tried first of all.
 */
function canBeHosts(
  steps: readonly Step[],
  attempt: HeldQuery,
  firstLevel: SearchLevel | undefined,
): boolean {
  if (attempt.client.result !== 'pod') return true;
  const [first] = steps;
  const isBehind = steps.some((step) => {
    const level = step === first ? (firstLevel ?? step.level) : step.level;
    return level === 2 || level === 3;
  });
  const typed = steps.find(({ level }) => level === 4);
  const isOver =
    typed !== undefined &&
    typed !== earliestOf(steps) &&
    typed.firstStart < startOf(attempt.query) - WINDOW.stamp;
  return isBehind && !isOver;
}

function earliestOf(steps: readonly Step[]): Step | undefined {
  let [earliest] = steps;
  for (const step of steps) {
    if (earliest === undefined || step.firstStart < earliest.firstStart) earliest = step;
  }
  return earliest;
}

function newestOf(steps: readonly Step[]): Step | undefined {
  let [newest] = steps;
  for (const step of steps) if (newest === undefined || step.firstStart > newest.firstStart) newest = step;
  return newest;
}

function follows(step: Step, attempt: HeldQuery): boolean {
  return (
    startOf(attempt.query) >= step.firstStart - WINDOW.late &&
    startOf(attempt.query) - step.lastEnd <= toLimit(step)
  );
}

/** A name that was denied or failed can be followed by the next one; one that was answered only at once. */
function toLimit(step: Step): number {
  const wasAnswered = step.hasSuccess && !step.hasDenial && !step.hasError;
  return wasAnswered ? WINDOW.nextAfterSuccess : WINDOW.next;
}
