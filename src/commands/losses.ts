/** Spans that an endpoint did not get, as one sentence: how many, which endpoint, why. */
import type { Destination } from './destination.ts';
import type { Summary } from './summary.ts';

/** What --span-rate or a full queue dropped was dropped on purpose: only what the endpoint did not take is a loss. */
const LOSSES = ['export_failed', 'partial_success', 'shutdown'] as const;

/** Empty if everything that was sent arrived. */
export function toLosses(
  { dropped }: Summary['spans'],
  { name, failure }: NonNullable<Destination['endpoint']>,
): string[] {
  const lost = LOSSES.reduce((sum, reason) => sum + (dropped[reason] ?? 0), 0);
  if (lost === 0) return [];
  const cause = failure() ?? toCause(dropped);
  return [`${lost} ${lost === 1 ? 'span' : 'spans'} did not reach ${name}: ${cause}`];
}

/** Nothing went wrong on the way. */
function toCause(dropped: Summary['spans']['dropped']): string {
  return (dropped['shutdown'] ?? 0) > 0
    ? 'they were not taken within --shutdown-timeout'
    : 'the endpoint refused them';
}
