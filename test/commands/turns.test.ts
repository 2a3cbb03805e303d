/** The heartbeat of `run`: when a source is polled, and when time passes for the pipeline. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Pipeline } from '../../src/app.ts';
import { createFaults } from '../../src/commands/faults.ts';
import { startTurns } from '../../src/commands/turns.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import type { Lines } from '../../src/records/line.ts';
import type { Polled, Source } from '../../src/sources/source.ts';
import { createTestSelf } from '../support/self.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
beforeEach(() =>
  vi.useFakeTimers({
    now: START,
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'Date'],
  }),
);
afterEach(() => vi.useRealTimers());

const LINE = { from: 0, to: 1 } as Lines;

/** A source that answers polls in order, then that nothing is there; a number hands over as many lines. */
function startHeart(...answers: (Polled | 'throw')[]) {
  const self = createTestSelf();
  const ticks: number[] = [];
  let sends = 0;
  let polls = 0;
  let saves = 0;
  let look: () => void = () => {};
  let isScraped = false;
  const source: Source = {
    poll(accept) {
      polls++;
      const answer = answers.shift() ?? 'caughtUp';
      if (answer === 'throw') throw new Error('a bug');
      if (answer === 'more') accept(LINE);
      return answer;
    },
    onArrival(newLook) {
      look = newLook;
    },
    save: () => saves++,
    stop() {},
  };
  const pipeline = {
    accept() {},
    tick: (now: number) => ticks.push(now - START),
    send: () => sends++,
    unsettled: () => new Map(),
    metrics: { tick() {} } as Partial<Metrics> as Metrics,
  } as Partial<Pipeline> as Pipeline;
  const turns = startTurns({
    pipeline,
    source,
    self,
    faults: createFaults(self),
    now: Date.now,
    isScraped: () => isScraped,
  });
  const scrape = (is: boolean): void => {
    isScraped = is;
  };
  return {
    self,
    turns,
    ticks,
    scrape,
    look: () => look(),
    polls: () => polls,
    saves: () => saves,
    sends: () => sends,
  };
}

it('reads a backlog slice by slice, and lets time pass only when nothing is unread', async () => {
  const heart = startHeart('more', 'more', 'more');
  expect(heart.polls()).toBe(1);
  vi.advanceTimersByTime(3);
  expect([heart.polls(), heart.ticks]).toEqual([4, []]);
  // Spans leave all the same: the checkpoint waits for them.
  expect(heart.sends()).toBe(3);
  vi.advanceTimersByTime(1_000);
  expect(heart.ticks.length).toBeGreaterThan(1);
  await heart.turns.stop(0);
});

it('lets a scrape pass between two slices, and goes on at once when it is over', async () => {
  const heart = startHeart(...Array.from({ length: 20 }, () => 'more' as const));
  heart.scrape(true);
  vi.advanceTimersToNextTimer();
  expect(heart.polls()).toBe(2);
  for (let turn = 0; turn < 8; turn++) vi.advanceTimersToNextTimer();
  expect(heart.polls()).toBe(2);
  vi.advanceTimersToNextTimer();
  expect(heart.polls()).toBe(3);
  heart.scrape(false);
  vi.advanceTimersToNextTimer();
  vi.advanceTimersToNextTimer();
  expect(heart.polls()).toBe(4);
  await heart.turns.stop(0);
});

it('looks less often while nothing comes, once a second at least', async () => {
  const heart = startHeart();
  vi.advanceTimersByTime(60_000);
  expect(heart.polls()).toBeGreaterThan(60);
  expect(heart.polls()).toBeLessThan(70);
  expect(heart.saves()).toBe(11);
  await heart.turns.stop(0);
});

it('looks at once when lines have come, and does not tick for each of them', async () => {
  const heart = startHeart();
  for (let line = 0; line < 50; line++) {
    heart.look();
    vi.advanceTimersByTime(1);
  }
  expect(heart.polls()).toBe(51);
  expect(heart.ticks).toEqual([]);
  for (let line = 0; line < 60; line++) {
    heart.look();
    vi.advanceTimersByTime(1);
  }
  expect(heart.ticks).toEqual([70]);
  await heart.turns.stop(0);
});

it('looks at once for a scrape, unless it is behind or has stopped', async () => {
  const heart = startHeart('caughtUp', 'caughtUp', 'more', 'more', 'caughtUp');
  vi.advanceTimersByTime(150);
  heart.turns.look();
  expect([heart.polls(), heart.ticks]).toEqual([2, [120]]);
  // Once is enough for the time that follows.
  vi.advanceTimersByTime(200);
  expect(heart.polls()).toBe(2);
  heart.turns.look();
  heart.turns.look();
  expect(heart.polls()).toBe(3);
  vi.advanceTimersByTime(2);
  expect(heart.polls()).toBe(5);
  await heart.turns.stop(0);
  const { polls } = heart;
  const before = polls();
  heart.turns.look();
  expect(polls()).toBe(before);
});

it('goes on ticking after the clock was set back by an hour', async () => {
  const heart = startHeart();
  vi.advanceTimersByTime(1_000);
  const before = heart.ticks.length;
  vi.setSystemTime(START - 3_600_000);
  vi.advanceTimersByTime(1_000);
  expect(heart.ticks.length).toBeGreaterThan(before);
  await heart.turns.stop(0);
});

it('survives a bug, counts it, and reads on', async () => {
  const heart = startHeart('throw', 'more');
  vi.advanceTimersByTime(400);
  expect(heart.self.count('corespan_faults_total')).toBe(1);
  expect(heart.polls()).toBeGreaterThan(2);
  await heart.turns.stop(0);
});

it('says when the source has ended', async () => {
  const heart = startHeart('more', 'ended');
  vi.advanceTimersByTime(2);
  await heart.turns.ended;
  await heart.turns.stop(0);
});

it('reads what is unread when it is stopped, but not beyond its deadline', async () => {
  const patient = startHeart('caughtUp', 'more', 'more', 'caughtUp', 'more');
  await patient.turns.stop(1_000);
  expect(patient.polls()).toBe(4);
  const hurried = startHeart('caughtUp', 'more', 'more', 'more');
  await hurried.turns.stop(0);
  expect(hurried.polls()).toBe(2);
  vi.advanceTimersByTime(5_000);
  patient.look();
  vi.advanceTimersByTime(5_000);
  expect([patient.polls(), hurried.polls()]).toEqual([4, 2]);
});
