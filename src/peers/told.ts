/** When a state of an object was told, and what that says of the time before. */

export interface Told {
  readonly at: number;
  /**
   * Until when the state before surely held: earlier than `at` where nobody saw it change (a relist), -Infinity
   * where nothing was told before (the first complete state).
   */
  readonly sureUntil: number;
}

/** What the first complete state tells of is older than the watch. */
export function isFirstState({ sureUntil }: Told): boolean {
  return sureUntil === -Infinity;
}

/** Since when something is known to be there; -Infinity: it was there when the watch began. */
export function toTime(told: Told): number {
  return isFirstState(told) ? -Infinity : told.at;
}
