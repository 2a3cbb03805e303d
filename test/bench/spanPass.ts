/** A process of its own for one sender: sends so many spans, and says what each cost. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createOurSender, createSdkSender, toLookups } from './spanSenders.ts';
import { answerQuestions, readArgument } from './stage/answering.ts';

export interface SpanPass {
  readonly sender: 'ours' | 'sdk';
  readonly url: string;
  /** Spans that are sent before it is looked at the clock. */
  readonly warmUp: number;
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

const { sender: name, url, warmUp, spans, burst } = readArgument() as SpanPass;

answerQuestions({
  ready: () => true,
  async pass(): Promise<SpanPassed> {
    const sender = name === 'ours' ? await createOurSender(url) : createSdkSender(url);
    // The same ones again and again: lookups that wait to be sent would be what the garbage collector has to look through.
    const lookups = toLookups(burst);
    async function sendSpans(count: number): Promise<void> {
      for (let sent = 0; sent < count; sent += burst) {
        for (const lookup of lookups.slice(0, count - sent)) sender.send(lookup);
        await sender.keepUp();
        await nextTurn();
      }
    }
    await sendSpans(warmUp);
    const before = process.cpuUsage();
    await sendSpans(spans);
    const told = await sender.stop();
    const { user, system } = process.cpuUsage(before);
    return { perSpan: (user + system) / spans, told };
  },
});
