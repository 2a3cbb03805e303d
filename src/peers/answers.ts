/**
 * Answers to questions about a key at a time, kept for as long as they hold: while the time lies in the stretch in
 * which the answer is the same, and nothing that it was read from has changed.
 *
 * The clear twin is `answer` itself, asked anew each time; a test compares the two under random changes.
 */
import type { Moment, Source } from './moment.ts';

export interface AnswersOptions<Key, Subject, Answer> {
  /** What it forgets is asked anew. */
  readonly table: AnswersTable<Key, Kept<Subject, Answer>>;
  /** What the spelling of a key alone says; worked out once. */
  readonly toSubject: (key: Key) => Subject;
  /** Says through `moment` how far the answer goes, and what it was read from. */
  readonly answer: (subject: Subject, moment: Moment) => Answer;
}

/** Where answers are kept. */
export interface AnswersTable<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
}

/** All that a hit needs in one object: a look at another one is a miss of the processor's cache. */
export interface Kept<Subject, Answer> {
  readonly subject: Subject;
  answer: Answer;
  /** Undefined: for all time, which most names outside the cluster are the same. */
  stretch: Stretch | undefined;
  sources: readonly Source[];
  /** The sum of the generations of what it was read from: they only count up. */
  generation: number;
}

type Stretch = Readonly<Pick<Moment, 'from' | 'to'>>;

export function createAnswers<Key, Subject, Answer>(
  options: AnswersOptions<Key, Subject, Answer>,
): (key: Key, time: number) => Answer {
  const { table, toSubject, answer } = options;
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

  function keepFirst(key: Key, time: number): Answer {
    const subject = toSubject(key);
    const first = ask(subject, time);
    const sources = share(moment.sources);
    table.set(key, {
      subject,
      answer: first,
      stretch: toStretch(moment),
      sources,
      generation: sumOf(sources),
    });
    return first;
  }

  function renew(kept: Kept<Subject, Answer>, time: number): Answer {
    kept.answer = ask(kept.subject, time);
    kept.stretch = toStretch(moment);
    kept.sources = share(moment.sources);
    kept.generation = sumOf(kept.sources);
    return kept.answer;
  }

  return (key, time) => {
    const kept = table.get(key);
    if (kept === undefined) return keepFirst(key, time);
    const holds = isWithin(kept.stretch, time) && sumOf(kept.sources) === kept.generation;
    return holds ? kept.answer : renew(kept, time);
  };
}

function toStretch({ from, to }: Moment): Stretch | undefined {
  return from === -Infinity && to === Infinity ? undefined : { from, to };
}

function isWithin(stretch: Stretch | undefined, time: number): boolean {
  return stretch === undefined || (stretch.from <= time && time < stretch.to);
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
