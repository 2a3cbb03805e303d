/**
 * Answers to questions about a key at a time, kept for as long as they hold: while the time lies in the stretch in
 * which the answer is the same, and nothing that it was read from has changed.
 *
 * The clear twin is `answer` itself, asked anew each time; a test compares the two under random changes.
 */
import type { Moment, Source } from './moment.ts';
import { createRecent } from './recent.ts';

export interface AnswersOptions<Subject, Answer> {
  /** Keys that are remembered, in each of two generations. */
  readonly max: number;
  /** What the spelling of a key alone says; worked out once. */
  readonly toSubject: (key: string) => Subject;
  /** Says through `moment` how far the answer goes, and what it was read from. */
  readonly answer: (subject: Subject, moment: Moment) => Answer;
}

/** All that a hit needs in one object: a look at another one is a miss of the processor's cache. */
interface Kept<Subject, Answer> {
  readonly subject: Subject;
  answer: Answer;
  from: number;
  to: number;
  sources: readonly Source[];
  /** The sum of the generations of what it was read from: they only count up. */
  generation: number;
}

export function createAnswers<Subject, Answer>(
  options: AnswersOptions<Subject, Answer>,
): (key: string, time: number) => Answer {
  const { toSubject, answer } = options;
  const recent = createRecent<Kept<Subject, Answer>>(options.max);
  const share = createShare();
  /** One for all questions: whoever is asked keeps none. */
  const moment = { time: 0, from: 0, to: 0, sources: [] as Source[] };

  function ask(subject: Subject, time: number): Answer {
    moment.time = time;
    moment.from = -Infinity;
    moment.to = Infinity;
    moment.sources.length = 0;
    return answer(subject, moment);
  }

  function keepFirst(key: string, time: number): Answer {
    const subject = toSubject(key);
    const first = ask(subject, time);
    const { from, to } = moment;
    const sources = share(moment.sources);
    recent.set(key, { subject, answer: first, from, to, sources, generation: sumOf(sources) });
    return first;
  }

  function renew(kept: Kept<Subject, Answer>, time: number): Answer {
    kept.answer = ask(kept.subject, time);
    kept.from = moment.from;
    kept.to = moment.to;
    kept.sources = share(moment.sources);
    kept.generation = sumOf(kept.sources);
    return kept.answer;
  }

  return (key, time) => {
    const kept = recent.get(key);
    if (kept === undefined) return keepFirst(key, time);
    const holds = kept.from <= time && time < kept.to && sumOf(kept.sources) === kept.generation;
    return holds ? kept.answer : renew(kept, time);
  };
}

/** Equal lists of sources become one; there are no more than a handful. */
function createShare(): (sources: readonly Source[]) => readonly Source[] {
  const shared: (readonly Source[])[] = [];
  return (sources) => {
    const known = shared.find((one) => isSameList(one, sources));
    if (known !== undefined) return known;
    const copy = [...sources];
    shared.push(copy);
    return copy;
  };
}

function isSameList(a: readonly Source[], b: readonly Source[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

function sumOf(sources: readonly Source[]): number {
  let sum = 0;
  for (const { generation } of sources) sum += generation;
  return sum;
}
