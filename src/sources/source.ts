/** What `run` takes its lines from: somebody polls it, and not to be polled is all the back-pressure there is. */
import type { Accept } from './reading.ts';

/**
 * The log volume (follow.ts), the Kubernetes API (kube.ts) and standard input (stdin.ts) are sources. Nothing in here
 * waits, so that a reader can stop, scrape and export between any two slices.
 */
export interface Source {
  /**
   * Hands over lines that are there, one slice (slice.ts). It throws only what `accept` throws; the lines of
   * that call do not come again.
   */
  poll(accept: Accept): Polled;
  /** `look` is called when lines have come since the last poll; files tell nobody, so their source has none. */
  onArrival?(look: () => void): void;
  /** What has to come before there is anything to read; undefined if it has. */
  waitingFor?(): string | undefined;
  /** Remembers how far reading came, if the source can be read from there again. */
  save(unsettled: Unsettled): void;
  /** Closes what is open; does not save. */
  stop(): void;
}

/** `more`: poll again at once. `caughtUp`: nothing is unread for now. `ended`: no line will ever come again. */
export type Polled = 'more' | 'caughtUp' | 'ended';

/** For a file's id its lowest byte whose output is not settled yet, undefined if none is: a restart reads on there. */
export type Unsettled = (fileId: string) => number | undefined;
