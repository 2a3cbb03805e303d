/** Bytes that arrive one after another, at their own pace: what comes through a pipe, or out of an archive. */
import type { Readable } from 'node:stream';

export interface Stream {
  /** Fills `into` from byte `position` on, which never goes back; returns how many bytes were there yet. */
  read(into: Buffer, position: number): number;
  /** True if everything has come that will, and `position` is where it ends. */
  isAtEnd(position: number): boolean;
  /** What broke it; what came before can be read. */
  error(): unknown;
  /** Resolves when more can be read, or none will come. */
  arrived(): Promise<void>;
  close(): void;
}

/**
 * The bytes of `readable` as they come; at most a window and what the stream holds itself is kept. Once `stopped`, what has
 * come is all there is.
 */
export function createStream(
  readable: NodeJS.ReadableStream & Partial<Pick<Readable, 'destroy'>>,
  stopped?: Promise<void>,
): Stream {
  let held = Buffer.alloc(0);
  /** Of the first byte held. */
  let begin = 0;
  let isEnded = false;
  let failure: unknown;
  let wake: (() => void) | undefined;

  function tell(): void {
    wake?.();
    wake = undefined;
  }

  function end(error?: unknown): void {
    failure ??= error;
    isEnded = true;
    tell();
  }

  readable.on('readable', tell);
  readable.on('end', () => end());
  readable.on('error', end);
  // Whoever is destroyed before its end says no more than this.
  readable.on('close', () => end());

  /** Takes what has come, until `wanted` bytes from `position` on are held. */
  function hold(position: number, wanted: number): void {
    for (;;) {
      const passed = Math.min(held.length, Math.max(0, position - begin));
      held = held.subarray(passed);
      begin += passed;
      if (held.length >= wanted || isEnded) return;
      const come: Buffer | string | null = readable.read();
      if (come === null) return;
      held = Buffer.concat([held, typeof come === 'string' ? Buffer.from(come) : come]);
    }
  }

  void stopped?.then(() => {
    hold(begin, Infinity);
    end();
    readable.destroy?.();
  });

  return {
    read(into, position) {
      hold(position, into.length);
      return begin < position ? 0 : held.copy(into);
    },
    isAtEnd(position) {
      return isEnded && begin + held.length <= position;
    },
    error: () => failure,
    arrived() {
      if (isEnded) return Promise.resolve();
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    close() {
      end();
      readable.destroy?.();
    },
  };
}
