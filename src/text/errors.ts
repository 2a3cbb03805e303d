/** What was thrown, as text: most often an Error, though anything can be thrown. */

/** What went wrong, for a sentence that says what was being done. */
export function toErrorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The same with the places in the code, for what is a bug of ours. */
export function toStackText(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
