/** What kind of query it is: the labels that are no workload's, as one small number that is worked out once a query. */

import { NO_RCODE, RCODES } from '../dns/rcodes.ts';
import { LABELLED_TYPES } from '../dns/types.ts';
import type { ResolvedQuery } from '../records/lookup.ts';
import { TARGET_CLASSES } from '../records/peer.ts';

/** Equal for queries of the same target class, type and response code as they are labelled: all junk is one kind. */
export type Kind = number;

export function toKind({ query: { question, rcode }, target }: ResolvedQuery): Kind {
  const type = TYPES.get(question.qtype) ?? TYPES.size;
  const code = CODES.get(rcode) ?? CODES.size;
  return (type * (CODES.size + 1) + code) * CLASSES.size + (CLASSES.get(target.class) ?? 0);
}

const TYPES = toIndices(LABELLED_TYPES);
const CODES = toIndices([...RCODES, NO_RCODE]);
const CLASSES = toIndices(TARGET_CLASSES);

function toIndices(labels: readonly string[]): ReadonlyMap<string, number> {
  return new Map(labels.map((label, index) => [label, index]));
}
