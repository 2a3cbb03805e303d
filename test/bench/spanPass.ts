/** A process of its own for one sender: sends so many spans, and says what each cost. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createOurSender, createSdkSender, toLookups } from './spanSenders.ts';
import { answerQuestions, readArgument } from './stage/answering.ts';

export interface SpanPass {
  readonly sender: 'ours' | 'sdk';
  readonly url: string;
  readonly spans: number;
  /** Spans between two waits for the endpoint; all of them in one turn if that is more. */
  readonly burst: number;
}

export interface SpanPassed {
  /** Microseconds of CPU a span, all threads. */
  readonly perSpan: number;
  /** What the sender says it lost. */
  readonly told: number;
}

const { sender: name, url, spans, burst } = readArgument() as SpanPass;

answerQuestions({
  ready: () => true,
  async pass(): Promise<SpanPassed> {
    const sender = name === 'ours' ? await createOurSender(url) : createSdkSender(url);
    const lookups = toLookups(spans);
    const before = process.cpuUsage();
    for (let at = 0; at < lookups.length; at += burst) {
      for (const lookup of lookups.slice(at, at + burst)) sender.send(lookup);
      await sender.keepUp();
      await nextTurn();
    }
    const told = await sender.stop();
    const { user, system } = process.cpuUsage(before);
    return { perSpan: (user + system) / spans, told };
  },
});
