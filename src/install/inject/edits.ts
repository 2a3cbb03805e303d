/** Changes to a text at known places: everything else stays as it is, byte by byte. */

export interface Edit {
  readonly from: number;
  /** Equal to `from` where nothing is taken away. */
  readonly to: number;
  readonly insert: string;
}

/** Throws where edits overlap: better no text than one that is broken and looks done. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { from, to, insert } of edits.toSorted((a, b) => a.from - b.from)) {
    if (from < at) throw new Error(`an edit at ${from} begins in another that ends at ${at}`);
    result += text.slice(at, from) + insert;
    at = to;
  }
  return result + text.slice(at);
}

/** Where the line of `offset` ends: before its line end, or at the end of the text. */
export function toLineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end === -1) return text.length;
  return text[end - 1] === '\r' && end > offset ? end - 1 : end;
}

/** Where the line of `offset` begins. */
function toLineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the line before ends, so that taking away from there takes the whole line of `offset`. */
export function toPreviousLineEnd(text: string, offset: number): number {
  const start = toLineStart(text, offset);
  if (start === 0) return 0;
  return text[start - 2] === '\r' ? start - 2 : start - 1;
}

export function toColumn(text: string, offset: number): number {
  return offset - toLineStart(text, offset);
}
