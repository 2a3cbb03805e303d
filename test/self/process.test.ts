import { describe, expect, it } from 'vitest';
import type { SelfMetricName } from '../../src/self/catalogue.ts';
import { observeProcess, type ProcessUsage } from '../../src/self/process.ts';
import { createRegistry, type Registry } from '../../src/self/registry.ts';

const NAMES = [
  'corespan_process_resident_memory_bytes',
  'corespan_process_heap_bytes',
  'corespan_process_cpu_seconds_total',
  'corespan_event_loop_utilization',
] as const satisfies SelfMetricName[];

const readAll = (registry: Registry): number[] =>
  NAMES.flatMap((name) => registry.samples(name).map(({ value }) => value));

describe('what the process costs', () => {
  it('is read at each look; the loop since the last one', () => {
    const registry = createRegistry();
    let usage: ProcessUsage = { resident: 3, heap: 2, cpu: 0.5, loop: { active: 100, idle: 900 } };
    observeProcess(registry, () => usage);
    usage = { resident: 30, heap: 20, cpu: 1.5, loop: { active: 400, idle: 1_000 } };
    expect(readAll(registry)).toEqual([30, 20, 1.5, 0.75]);
    usage = { resident: 31, heap: 21, cpu: 1.75, loop: { active: 400, idle: 1_100 } };
    expect(readAll(registry)).toEqual([31, 21, 1.75, 0]);
    // No time has passed: there is no share to tell.
    expect(readAll(registry)).toEqual([31, 21, 1.75]);
  });

  it('is that of this process unless told otherwise', () => {
    const registry = createRegistry();
    observeProcess(registry);
    const [resident = 0, heap = 0, cpu = 0] = readAll(registry);
    expect(resident).toBeGreaterThan(10e6);
    expect(heap).toBeGreaterThan(1e6);
    expect(cpu).toBeGreaterThan(0.01);
  });
});
