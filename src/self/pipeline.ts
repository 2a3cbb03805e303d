/** What the pipeline tells of itself as a whole: bugs that cost a record, and a clock that went back. */
import { toStackText } from '../text/errors.ts';
import type { Log } from './log.ts';
import type { Registry } from './registry.ts';

export interface PipelineSelf {
  /** A bug: the record at hand is given up, the next one is taken as if nothing had been. */
  failed(stage: FailedStage, cause: unknown): void;
  /** The times of a log fell back: its clock was set back, or had been ahead. */
  setBack(): void;
}

/** What was at hand: a query that is not yet counted, or a lookup. */
export type FailedStage = 'queries' | 'lookups';

export function createPipelineSelf(registry: Registry, log: Log): PipelineSelf {
  const failures = {
    queries: registry.cell('corespan_dropped_total', 'queries', 'internal_error'),
    lookups: registry.cell('corespan_dropped_total', 'lookups', 'internal_error'),
  };
  const steps = registry.cell('corespan_clock_steps_back_total');
  return {
    failed(stage, cause) {
      failures[stage].value++;
      log.often('error', 'A bug in corespan cost a record; please report it', {
        stage,
        error: toStackText(cause),
      });
    },
    setBack() {
      steps.value++;
      log.often('warn', 'The clock of a log was set back; everything open was closed');
    },
  };
}
