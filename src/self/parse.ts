/** What the parser tells of itself: every line ends here, as parsed or as rejected. */
import type { Log } from './log.ts';
import type { Cell, Registry } from './registry.ts';

export interface ParseSelf {
  /** Lines of `pod` come in; names the closed set of reasons, so that every series exists from the first line. */
  met(pod: string, reasons: readonly string[]): void;
  /** `count` lines of `pod` were understood as `kind`. */
  parsed(pod: string, kind: string, count: number): void;
  /** One line of `pod` was not understood; `sample` is the start of its text. */
  rejected(pod: string, reason: string, sample: string): void;
}

interface PodCells {
  readonly parsed: Map<string, Cell>;
  readonly rejected: Map<string, Cell>;
}

export function createParseSelf(registry: Registry, log: Log): ParseSelf {
  /** Cells are kept: looking one up in the registry costs more than reading a line does. */
  const pods = new Map<string, PodCells>();

  function cellsOf(pod: string): PodCells {
    const known = pods.get(pod);
    if (known !== undefined) return known;
    const cells = { parsed: new Map<string, Cell>(), rejected: new Map<string, Cell>() };
    pods.set(pod, cells);
    return cells;
  }

  function parsedCell(pod: string, kind: string): Cell {
    const { parsed } = cellsOf(pod);
    const cell = parsed.get(kind) ?? registry.cell('corespan_lines_parsed_total', pod, kind);
    parsed.set(kind, cell);
    return cell;
  }

  function rejectedCell(pod: string, reason: string): Cell {
    const { rejected } = cellsOf(pod);
    const cell = rejected.get(reason) ?? registry.cell('corespan_lines_rejected_total', pod, reason);
    rejected.set(reason, cell);
    return cell;
  }

  return {
    met(pod, reasons) {
      if (pods.has(pod)) return;
      for (const reason of reasons) rejectedCell(pod, reason);
    },
    parsed(pod, kind, count) {
      parsedCell(pod, kind).value += count;
    },
    rejected(pod, reason, sample) {
      rejectedCell(pod, reason).value++;
      log.often('warn', 'A line was not understood', { reason, pod, line: sample });
    },
  };
}
