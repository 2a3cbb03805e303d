/** Whether a Corefile makes CoreDNS write down every query, server block by server block. */

import { isInZone } from '../../dns/names.ts';
import type { Block, Corefile, Directive } from './blocks.ts';
import { toFullName, toZone } from './zones.ts';

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
  return [
    ...gaps,
    ...unread.map(({ line, pattern }) => ({
      line,
      block: '',
      kind: 'unread_import' as const,
      message: `nobody has seen whether the blocks of ${pattern} log`,
    })),
  ];
}

export function toSentence({ block, message }: LogGap): string {
  return block === '' ? message : `block ${block} ${message}`;
}

type Gap = Pick<LogGap, 'kind' | 'message'>;

function toGap(block: Block): Gap | undefined {
  const rules = toRules(block);
  if (rules.length > 0) return toPartial(block, rules) ?? toPoorFormat(rules);
  if (block.unread.length > 0) {
    const files = block.unread.join(', ');
    return { kind: 'unread_import', message: `has no log, unless ${files} brings it` };
  }
  return { kind: 'no_log', message: 'has no log: its queries leave no line' };
}

/** One name of a `log` line, with what is said about it. */
interface Rule {
  readonly zone: string;
  readonly classes: readonly string[];
  /** Undefined: the default one. */
  readonly format: string | undefined;
}

/** The first rule whose zone holds the name decides, and none behind it (plugin/log/log.go). */
function toRules({ directives }: Block): Rule[] {
  const rules = directives.filter(({ name }) => name === 'log').flatMap(readRules);
  return rules.filter(({ zone }, at) => !rules.slice(0, at).some((before) => isInZone(zone, before.zone)));
}

/** `log [NAME]` or `log NAME… FORMAT`: a single word is a name, whatever stands in it (plugin/log/setup.go). */
function readRules({ args, nested }: Directive): Rule[] {
  const last = args.at(-1) ?? '';
  const format = args.length > 1 && last.includes('{') ? last : undefined;
  const names = format === undefined ? args : args.slice(0, -1);
  const chosen = nested.filter(({ name }) => name === 'class').flatMap((option) => option.args);
  const classes = chosen.length === 0 ? ['all'] : chosen;
  return (names.length === 0 ? ['.'] : names).map((name) => ({ zone: toFullName(name), classes, format }));
}

function toPartial({ keys }: Block, rules: readonly Rule[]): Gap | undefined {
  const lost = rules.find(({ zone }) => zone.includes('{'));
  if (lost !== undefined) {
    const message =
      'has a log whose format is taken for a name, as no name stands before it: write log . FORMAT';
    return { kind: 'poor_format', message };
  }
  const isWhole = ({ zone }: Rule): boolean => keys.every((key) => isInZone(toZone(key).zone, zone));
  const only = [
    ...(rules.some(isWhole) ? [] : [`names under ${rules.map(toZoneText).join(', ')}`]),
    ...rules
      .filter(({ classes }) => !isWholeClass(classes))
      .map((rule) => {
        const answers = `answers of class ${rule.classes.join(', ')}`;
        return isWhole(rule) ? answers : `${answers} about names under ${toZoneText(rule)}`;
      }),
  ];
  return only.length === 0
    ? undefined
    : { kind: 'partial', message: `logs only ${only.join(', and only ')}` };
}

function toZoneText({ zone }: Rule): string {
  return zone === '.' ? zone : zone.slice(0, -1);
}

function isWholeClass(classes: readonly string[]): boolean {
  return classes.includes('all') || ['success', 'denial', 'error'].every((name) => classes.includes(name));
}

const NEEDED = ['{remote}', '{name}', '{rcode}'] as const;

function toPoorFormat(rules: readonly Rule[]): Gap | undefined {
  for (const { format } of rules) {
    if (format === undefined || /\{(common|combined)\}/.test(format)) continue;
    const missing = NEEDED.filter((field) => !format.includes(field));
    if (missing.length > 0) {
      return { kind: 'poor_format', message: `has a format without ${missing.join(', ')}` };
    }
  }
  return undefined;
}
