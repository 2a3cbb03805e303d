/** Whether a Corefile makes CoreDNS write down every query, server block by server block. */
import type { Block, Corefile, Directive } from './blocks.ts';

export interface LogGap {
  readonly line: number;
  /** The block's zones, as written; empty for blocks that nobody has seen. */
  readonly block: string;
  readonly kind: /** Nothing is written. */
    | 'no_log'
    /** Nothing is written, unless a file that was not given says `log`. */
    | 'unread_import'
    /** Only some classes of answers or some names. */
    | 'partial'
    /** What is written does not tell who asked, for what, or how it ended. */
    | 'poor_format';
  /** A sentence about this block, without its name. */
  readonly message: string;
}

/** Every block needs a `log` of its own: CoreDNS knows no default. */
export function findLogGaps({ blocks, unread }: Pick<Corefile, 'blocks' | 'unread'>): LogGap[] {
  const gaps = blocks.flatMap((block) => {
    const gap = toGap(block);
    return gap === undefined ? [] : [{ line: block.line, block: block.keys.join(' '), ...gap }];
  });
  const message = (pattern: string): string => `nobody has seen whether the blocks of ${pattern} log`;
  return [
    ...gaps,
    ...unread.map(({ line, pattern }) => ({
      line,
      block: '',
      kind: 'unread_import' as const,
      message: message(pattern),
    })),
  ];
}

export function toSentence({ block, message }: LogGap): string {
  return block === '' ? message : `block ${block} ${message}`;
}

type Gap = Pick<LogGap, 'kind' | 'message'>;

function toGap(block: Block): Gap | undefined {
  const logs = block.directives.filter(({ name }) => name === 'log');
  if (logs.length > 0) return toPartial(logs) ?? toPoorFormat(logs);
  if (block.unread.length > 0) {
    const files = block.unread.join(', ');
    return { kind: 'unread_import', message: `has no log, unless ${files} brings it` };
  }
  return { kind: 'no_log', message: 'has no log: its queries leave no line' };
}

/** Several `log` lines add up. */
function toPartial(logs: readonly Directive[]): Gap | undefined {
  if (logs.some(coversEverything)) return undefined;
  const classes = [...new Set(logs.flatMap(toClasses))];
  const zones = [...new Set(logs.flatMap(toZones))].filter((zone) => zone !== '.');
  const only = [
    ...(classes.includes('all') ? [] : [`answers of class ${classes.join(', ')}`]),
    ...(zones.length > 0 ? [`names under ${zones.join(', ')}`] : []),
  ];
  return { kind: 'partial', message: `logs only ${only.join(', and of those only ')}` };
}

function coversEverything(log: Directive): boolean {
  const zones = toZones(log);
  const isWhole = zones.length === 0 || zones.includes('.');
  return isWhole && isWholeClass(toClasses(log));
}

function isWholeClass(classes: readonly string[]): boolean {
  return classes.includes('all') || ['success', 'denial', 'error'].every((name) => classes.includes(name));
}

function toClasses({ nested }: Directive): string[] {
  const chosen = nested.filter(({ name }) => name === 'class').flatMap(({ args }) => args);
  return chosen.length === 0 ? ['all'] : chosen;
}

/** `log [NAMES…] [FORMAT]`: a format holds braces, a name does not. */
function toZones({ args }: Directive): string[] {
  return args.filter((arg) => !arg.includes('{'));
}

const NEEDED = ['{remote}', '{name}', '{rcode}'] as const;

function toPoorFormat(logs: readonly Directive[]): Gap | undefined {
  for (const { args } of logs) {
    const format = args.find((arg) => arg.includes('{'));
    if (format === undefined || /\{(common|combined)\}/.test(format)) continue;
    const missing = NEEDED.filter((field) => !format.includes(field));
    if (missing.length > 0) {
      return { kind: 'poor_format', message: `has a format without ${missing.join(', ')}` };
    }
  }
  return undefined;
}
