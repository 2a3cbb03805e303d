/** The other end of child.ts: a process that answers its parent's questions, and ends when the parent is gone. */

export interface Question {
  readonly id: number;
  readonly question: string;
  readonly argument: unknown;
}

export interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly failed?: string;
}

export type Answers = Readonly<Record<string, (argument: never) => unknown>>;

/** What a script was given as its argument. */
export function readArgument(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}

/** The first question is always `ready`. */
export function answerQuestions(answers: Answers): void {
  process.on('message', ({ id, question, argument }: Question) => {
    void answer(answers[question], argument).then((reply) =>
      process.send?.({ ...reply, id } satisfies Reply),
    );
  });
  process.on('disconnect', () => process.exit(0));
}

async function answer(
  find: ((argument: never) => unknown) | undefined,
  argument: unknown,
): Promise<Omit<Reply, 'id'>> {
  try {
    return { answer: await find?.(argument as never) };
  } catch (error) {
    return { failed: String(error) };
  }
}
