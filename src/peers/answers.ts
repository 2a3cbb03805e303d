/**
 * Answers to questions about a key at a time, kept for as long as they hold: while the time lies in the stretch in
 * which the answer is the same, and nothing that it was read from has changed.
 *
 * The clear twin is `answer` itself, asked anew each time; a test compares the two under random changes.
 */
import { type Moment, type Source, toMoment } from './moment.ts';
import { createRecent } from './recent.ts';

export interface AnswersOptions<Subject, Answer> {
  /** Keys that are remembered, in each of two generations. */
  readonly max: number;
  /** What the spelling of a key alone says; worked out once. */
  readonly toSubject: (key: string) => Subject;
  /** Says through `moment` how far the answer goes, and what it was read from. */
  readonly answer: (subject: Subject, moment: Moment) => Answer;
}

interface Kept<Subject, Answer> {
  readonly subject: Subject;
  moment: Moment;
  answer: Answer;
  /** The sum of the generations of what it was read from: they only count up. */
  generation: number;
}

export function createAnswers<Subject, Answer>(
  options: AnswersOptions<Subject, Answer>,
): (key: string, time: number) => Answer {
  const { toSubject, answer } = options;
  const kept = createRecent<Kept<Subject, Answer>>(options.max);

  function keep(key: string, time: number): Answer {
    const subject = toSubject(key);
    const moment = toMoment(time);
    const first = answer(subject, moment);
    kept.set(key, { subject, moment, answer: first, generation: sumOf(moment.sources) });
    return first;
  }

  return (key, time) => {
    const known = kept.get(key);
    if (known === undefined) return keep(key, time);
    const { moment } = known;
    const holds = moment.from <= time && time < moment.to && sumOf(moment.sources) === known.generation;
    if (holds) return known.answer;
    known.moment = toMoment(time);
    known.answer = answer(known.subject, known.moment);
    known.generation = sumOf(known.moment.sources);
    return known.answer;
  };
}

function sumOf(sources: readonly Source[]): number {
  let sum = 0;
  for (const { generation } of sources) sum += generation;
  return sum;
}
