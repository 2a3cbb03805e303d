/** Names of questions: equal ones are one text, with what follows from it, so that all questions for one name share it. */
import { firstLabel, hashOfName } from '../dns/names.ts';
import type { Question } from '../records/query.ts';
import { copyText } from '../text/copy.ts';

export type Name = Pick<Question, 'qname' | 'stem' | 'nameId' | 'nameHash'>;

/** Names remembered: half as many as questions, because most names are asked for under two types. */
const MAX_NAMES = 32_768;

/** Stems shared: a name and its expansions have one, and so have names of one Service in many namespaces. */
const MAX_STEMS = 8_192;

export function createNames(): (text: string) => Name {
  const names = new Map<string, Name>();
  const stems = new Map<string, string>();
  let given = 0;

  function toStem(qname: string): string {
    const stem = firstLabel(qname);
    const known = stems.get(stem);
    if (known !== undefined) return known;
    if (stems.size >= MAX_STEMS) stems.clear();
    const copy = copyText(stem);
    stems.set(copy, copy);
    return copy;
  }

  return (text) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    if (names.size >= MAX_NAMES) names.clear();
    const qname = copyText(text);
    const name = { qname, stem: toStem(qname), nameId: given++, nameHash: hashOfName(qname) };
    names.set(qname, name);
    return name;
  };
}
