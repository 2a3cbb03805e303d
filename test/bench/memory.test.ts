/** The memory benchmark in small: the shipped bundle reads, sends and accounts for everything; nothing is timed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runScenario, type Scenario } from './memoryScenarios.ts';

const folder = mkdtempSync(join(tmpdir(), 'corespan-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL: Scenario = {
  says: 'small',
  pods: 300,
  rate: 1_000,
  sampleRatio: 1,
  uniqueNames: true,
  maxEdges: 100,
};

it('a sidecar beside API server, log and OTLP endpoint loses nothing', { timeout: 180_000 }, async () => {
  const outcome = await runScenario(SMALL, { folder, seconds: 3, scrapeEvery: 500 });
  expect(outcome.problems).toEqual([]);
  expect(outcome.lines).toBe(3_000);
  expect(outcome.spans).toBeGreaterThan(1_000);
  expect(outcome.series).toBeGreaterThan(500);
  expect(outcome.loop.samples).toBeGreaterThan(0);
  // Generous: what only a leak or a table without bounds would reach.
  expect(outcome.peak).toBeLessThan(250e6);
  expect(outcome.peak).toBeGreaterThan(40e6);
});
