/** Says when what is done now and then is to be done again, whatever becomes of the wall clock. */

/** True too if the clock was set back: what was done last then lies in the future. */
export function isDue(last: number, every: number, now: number): boolean {
  return now < last || now - last >= every;
}
