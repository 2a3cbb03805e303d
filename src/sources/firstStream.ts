/** What a follower of pods waits for until the first log is open; from then on for nothing, whatever comes. */

export interface FirstStream {
  /** A log is followed. */
  opened(): void;
  /** Why none is, as of now. */
  missing(reason: string): void;
  waitingFor(): string | undefined;
}

export interface Sought {
  readonly namespace: string;
  readonly selector: string;
  /** Names of containers. */
  readonly containers: readonly string[];
}

/**
 * DNS pods may all go and come again: that is told and counted when it happens, and makes nobody unready who could
 * follow them before.
 */
export function createFirstStream({ namespace, selector, containers }: Sought): FirstStream {
  const names = `${containers.join(', ')} (--containers)`;
  const sought = `a log of the containers ${names} of pods with ${selector} (--dns-selector) in namespace ${namespace} (--dns-namespace)`;
  let reason = 'the pods are not listed yet';
  let isOpen = false;
  return {
    opened() {
      isOpen = true;
    },
    missing(why) {
      reason = why;
    },
    waitingFor: () => (isOpen ? undefined : `${sought}: ${reason}`),
  };
}
