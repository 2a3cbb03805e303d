/** Whether every check has to run: REALSTACK=required turns each that is skipped into a failure. */

/** Throws at any other value: a misspelt one would let everything be skipped in silence. */
export function isRequired(value: string | undefined = process.env['REALSTACK']): boolean {
  if (value === undefined || value === '') return false;
  if (value === 'required') return true;
  throw new Error(`REALSTACK: got ${JSON.stringify(value)}, wants required, or nothing at all`);
}
