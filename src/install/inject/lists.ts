/** Adds items to lists in YAML or JSON text and takes them out again, without touching anything beside them. */
import {
  type CST,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { type Edit, toColumn, toLineEnd, toPreviousLineEnd } from './edits.ts';

/** Takes out the items of `map[key]` that `isOurs` names; the key goes too if it came with them. */
export function toRemoval(
  text: string,
  { map, key }: { readonly map: YAMLMap; readonly key: string },
  isOurs: (name: string) => boolean,
): Edit[] {
  const pair = findPair(map, key);
  const list = pair?.value;
  if (pair === undefined || !isSeq(list)) return [];
  const ours = list.items.flatMap((item, at) => (isOurs(toName(item)) ? [at] : []));
  if (ours.length === 0) return [];
  if (ours.length === list.items.length) return [toWholeRemoval(text, map, { pair, list })];
  if (list.flow === true) return toRuns(ours).map((run) => toFlowRemoval(list, run));
  return ours.map((at) => toBlockRemoval(text, list, at));
}

/** Adds `items` at the end of a list; its key has to be there. */
export function toAddition(text: string, list: YAMLSeq, items: readonly object[]): Edit {
  const last = list.items.at(-1) as Node | undefined;
  if (list.flow === true || last === undefined) {
    const json = items.map((item) => JSON.stringify(item)).join(', ');
    const at = last === undefined ? toInside(text, list) : endOf(last);
    return { from: at, to: at, insert: last === undefined ? FILLED + json : `, ${json}` };
  }
  const column = toColumn(text, dashOf(list, 0));
  const at = toEndWithComments(text, toContentEnd(text, endOf(last)), column);
  return {
    from: at,
    to: at,
    insert: toLines(text, { value: items, column, isIndented: isIndented(text, list) }),
  };
}

/** Adds a list under a new key behind `after`, in the manner of the map. */
export function toNewList(
  text: string,
  {
    map,
    after,
    key,
    items,
  }: {
    readonly map: YAMLMap;
    readonly after: Pair;
    readonly key: string;
    readonly items: readonly object[];
  },
): Edit {
  const sibling = after.value as Node;
  if (map.flow === true) {
    const at = endOf(sibling);
    return { from: at, to: at, insert: `, ${JSON.stringify(key)}: ${JSON.stringify(items)}` };
  }
  const column = toColumn(text, startOf(after.key as Node));
  const at = toEndWithComments(text, toContentEnd(text, endOf(sibling)), column);
  const style = isSeq(sibling) && sibling.flow !== true ? isIndented(text, sibling) : false;
  return { from: at, to: at, insert: toLines(text, { value: { [key]: items }, column, isIndented: style }) };
}

export function findPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

export function toName(item: unknown): string {
  const name = isMap(item) ? item.get('name') : undefined;
  return typeof name === 'string' ? name : '';
}

/** The value as lines of their own: each begins with a line end, none follows the last. */
function toLines(
  text: string,
  {
    value,
    column,
    isIndented: indentSeq,
  }: {
    readonly value: unknown;
    readonly column: number;
    readonly isIndented: boolean;
  },
): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = stringify(value, { lineWidth: 0, indentSeq }).trimEnd().split('\n');
  return lines.map((line) => eol + ' '.repeat(column) + line).join('');
}

/** Before our first item in a list that was there and empty: it stays when our items go. */
const FILLED = ' ';

/** All items are ours: the list was empty, or it came with them. */
function toWholeRemoval(
  text: string,
  map: YAMLMap,
  { pair, list }: { readonly pair: Pair; readonly list: YAMLSeq },
): Edit {
  const key = startOf(pair.key as Node);
  if (map.flow !== true && list.flow !== true) {
    return { from: toPreviousLineEnd(text, key), to: toContentEnd(text, endOf(list)), insert: '' };
  }
  const at = map.items.indexOf(pair);
  const before = map.items[at - 1];
  const inside = toInside(text, list);
  if (map.flow !== true || before === undefined || text.startsWith(FILLED, inside)) {
    return { from: inside, to: toLastEnd(list), insert: '' };
  }
  return { from: endOf((before.value ?? before.key) as Node), to: endOf(list), insert: '' };
}

/** Behind the bracket that opens a flow list. */
function toInside(text: string, list: YAMLSeq): number {
  return text.indexOf('[', startOf(list)) + 1;
}

function toBlockRemoval(text: string, list: YAMLSeq, at: number): Edit {
  const item = list.items[at] as Node;
  return { from: toPreviousLineEnd(text, dashOf(list, at)), to: toContentEnd(text, endOf(item)), insert: '' };
}

/** Places of items that stand side by side. */
interface Run {
  readonly first: number;
  readonly last: number;
}

function toRuns(places: readonly number[]): Run[] {
  const lasts = places.filter((at) => !places.includes(at + 1));
  return places
    .filter((at) => !places.includes(at - 1))
    .map((first, at) => ({ first, last: lasts[at] ?? first }));
}

/**
 * With the comma before the run, or behind it if the list begins with it. A run is one edit: two items at the
 * beginning would both lay claim to the comma between them.
 */
function toFlowRemoval(list: YAMLSeq, { first, last }: Run): Edit {
  const before = list.items[first - 1] as Node | undefined;
  if (before !== undefined) return { from: endOf(before), to: endOf(list.items[last] as Node), insert: '' };
  return { from: toFlowStart(list, first), to: toFlowStart(list, last + 1), insert: '' };
}

/** Where an item of a flow list begins; its anchor or tag is not in its range. */
function toFlowStart(list: YAMLSeq, at: number): number {
  const properties = flowTokens(list, at).find(({ type }) => type === 'anchor' || type === 'tag');
  return properties?.offset ?? startOf(list.items[at] as Node);
}

/** Where the last item of a flow list ends, or the comma behind it, which a list of nothing must not have. */
function toLastEnd(list: YAMLSeq): number {
  const comma = flowTokens(list, list.items.length).find(({ type }) => type === 'comma');
  return comma === undefined ? endOf(list.items.at(-1) as Node) : comma.offset + 1;
}

/** What stands before an item of a flow list, from the comma on; behind the last item, a last comma. */
function flowTokens(list: YAMLSeq, at: number): readonly CST.SourceToken[] {
  const token = list.srcToken;
  return (token?.type === 'flow-collection' ? token.items[at]?.start : undefined) ?? [];
}

/** Comments behind the last item that are indented deeper than its dash belong to it. */
function toEndWithComments(text: string, end: number, column: number): number {
  let last = end;
  let at = end;
  while (at < text.length) {
    const next = text.indexOf('\n', at) + 1;
    if (next === 0) break;
    const lineEnd = toLineEnd(text, next);
    const line = text.slice(next, lineEnd);
    const indent = line.length - line.trimStart().length;
    if (line.trim() !== '' && !(line.trimStart().startsWith('#') && indent > column)) break;
    if (line.trim() !== '') last = lineEnd;
    if (lineEnd >= text.length) break;
    at = lineEnd;
  }
  return last;
}

/** The end of the last line that holds something of a node which ends at `end`. */
function toContentEnd(text: string, end: number): number {
  // A block scalar ends behind its line end.
  const content = text.slice(0, end).trimEnd().length;
  return toLineEnd(text, content);
}

function isIndented(text: string, list: YAMLSeq): boolean {
  const dash = dashOf(list, 0);
  const keyLine = text.slice(0, dash).trimEnd();
  const keyColumn = /^[ ]*(?:- )*/.exec(keyLine.slice(keyLine.lastIndexOf('\n') + 1))?.[0].length ?? 0;
  return toColumn(text, dash) > keyColumn;
}

function dashOf(list: YAMLSeq, at: number): number {
  const token = list.srcToken;
  const start = token?.type === 'block-seq' ? token.items[at]?.start : undefined;
  const dash = start?.find(({ type }) => type === 'seq-item-ind');
  if (dash === undefined) throw new Error('a block list without a dash');
  return dash.offset;
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function endOf(node: Node): number {
  return node.range?.[1] ?? 0;
}
