/**
 * Copies of the texts that are kept of an object, equal ones shared.
 *
 * A text cut out of a line may be a slice that keeps the whole line alive (9 kB for a namespace's name;
 * measured on Node 20: 600 MB for 50,000 pods), and the same few names stand in thousands of objects.
 */
import { copyText } from '../text/copy.ts';

/** What a pool remembers at most; one more and it forgets everything, which costs memory but changes nothing. */
const MAX_REMEMBERED = 20_000;

/** The one value of a key, created when it is first asked for. */
export type Pool<T> = (key: string, create: () => T) => T;

export function createPool<T>(): Pool<T> {
  const known = new Map<string, T>();
  return (key, create) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const created = create();
    known.set(copyText(key), created);
    return created;
  };
}

const texts = new Map<string, string>();
const lists = createPool<readonly string[]>();
const maps = createPool<ReadonlyMap<string, string>>();

/** The one copy of a text that many objects have: a namespace, a node, a label. */
export function sharedText(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size >= MAX_REMEMBERED) texts.clear();
  const copy = copyText(text);
  // Found by itself: a pool would keep a copy of its own for a key.
  texts.set(copy, copy);
  return copy;
}

/** The one list with these texts: the pods of a node have its addresses in common. */
export function sharedTexts(list: readonly string[]): readonly string[] {
  return lists(JSON.stringify(list), () => list.map(sharedText));
}

/** The one map with these entries: the pods of a workload have their labels in common. */
export function sharedMap(entries: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  return maps(
    JSON.stringify(entries),
    () => new Map(entries.map(([key, value]) => [sharedText(key), sharedText(value)])),
  );
}
