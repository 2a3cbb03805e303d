/** What the parser tells of itself: every line ends here, as parsed or as rejected. */
import { rememberCells } from './cells.ts';
import type { Log } from './log.ts';
import type { Cell, Registry } from './registry.ts';

export interface ParseSelf {
  /** Lines of `pod` come in; names the closed sets, so that every series exists from the first line. */
  met(pod: string, sets: ParseSets): void;
  /** `count` lines of `pod` were understood as `kind`. */
  parsed(pod: string, kind: string, count: number): void;
  /** One line of `pod` was not understood; `sample` is the start of its text. */
  rejected(pod: string, reason: string, sample: string): void;
}

/** What a line may turn out to be, and why it may be rejected. */
export interface ParseSets {
  readonly kinds: readonly string[];
  readonly reasons: readonly string[];
}

interface PodCells {
  readonly parsed: (kind: string) => Cell;
  readonly rejected: (reason: string) => Cell;
}

export function createParseSelf(registry: Registry, log: Log): ParseSelf {
  const pods = new Map<string, PodCells>();

  function cellsOf(pod: string): PodCells {
    const known = pods.get(pod);
    if (known !== undefined) return known;
    const cells = {
      parsed: rememberCells((kind) => registry.cell('corespan_lines_parsed_total', pod, kind)),
      rejected: rememberCells((reason) => registry.cell('corespan_lines_rejected_total', pod, reason)),
    };
    pods.set(pod, cells);
    return cells;
  }

  return {
    met(pod, { kinds, reasons }) {
      if (pods.has(pod)) return;
      cellsOf(pod);
      for (const kind of kinds) registry.show('corespan_lines_parsed_total', pod, kind);
      for (const reason of reasons) registry.show('corespan_lines_rejected_total', pod, reason);
    },
    parsed(pod, kind, count) {
      cellsOf(pod).parsed(kind).value += count;
    },
    rejected(pod, reason, sample) {
      cellsOf(pod).rejected(reason).value++;
      log.often('warn', 'A line was not understood', { reason, pod, line: sample });
    },
  };
}
