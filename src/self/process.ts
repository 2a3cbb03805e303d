/** What corespan costs its host: memory, CPU time, and how busy its event loop is; asked for only when somebody looks. */
import type { Registry } from './registry.ts';

/** How the process stands at this moment. */
export interface ProcessUsage {
  /** Bytes. */
  readonly resident: number;
  /** Bytes. */
  readonly heap: number;
  /** Seconds, of user and system. */
  readonly cpu: number;
  /** Milliseconds since the start in which the event loop was at work, and in which it waited. */
  readonly loop: { readonly active: number; readonly idle: number };
}

/** Shows the usage of this process in every scrape. */
export function observeProcess(registry: Registry, read: () => ProcessUsage = readUsage): void {
  let before = read().loop;

  /** Share since the last look; NaN, which shows nothing, if no time has passed. */
  function toUtilization(loop: ProcessUsage['loop']): number {
    const active = loop.active - before.active;
    const idle = loop.idle - before.idle;
    before = loop;
    return active / (active + idle);
  }

  registry.observe('corespan_process_resident_memory_bytes', [], () => read().resident);
  registry.observe('corespan_process_heap_bytes', [], () => read().heap);
  registry.observe('corespan_process_cpu_seconds_total', [], () => read().cpu);
  registry.observe('corespan_event_loop_utilization', [], () => toUtilization(read().loop));
}

function readUsage(): ProcessUsage {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    resident: rss,
    heap: heapUsed,
    cpu: (user + system) / 1e6,
    loop: performance.eventLoopUtilization(),
  };
}
