/** One call of a reflector, from the question to the way it ended. */
import { between, type Clock } from './clock.ts';
import { broken, type Connection, type Opened } from './connection.ts';
import type { Ask, Attempt, Ending } from './decisions.ts';
import { readList } from './listPages.ts';
import type { Resource } from './objects.ts';
import { toPath } from './paths.ts';
import { createWatchdog } from './watchdog.ts';
import { readWatch, type WatchListener } from './watchStream.ts';

export interface Call {
  readonly ask: Ask;
  readonly resource: Resource;
  /** Terms of the field selector. */
  readonly fields: readonly string[];
  readonly labels: string | undefined;
  readonly resourceVersion: string;
  /** Gives the call up. */
  readonly controller: AbortController;
}

export interface CallListener extends WatchListener {
  /** The server has accepted the call. */
  accepted(): void;
}

/** Milliseconds in which a WatchList must tell the whole state: servers before 1.27 never say that they have. */
const INITIAL_STATE_TIMEOUT = 60_000;
/** Milliseconds without a byte after which a connection counts as dead; a bookmark comes every minute. */
const SILENCE = { least: 90_000, most: 120_000 };
/** Seconds that a watch lasts before the server ends it, as in client-go. */
const WATCH_TIMEOUT = { least: 300, most: 600 };

/** Never rejects. Whatever the call says goes to `listener` as it comes. */
export async function perform(
  call: Call,
  { connection, clock }: { readonly connection: Connection; readonly clock: Clock },
  listener: CallListener,
): Promise<Attempt> {
  const silence = between(clock, SILENCE.least, SILENCE.most);
  const timeout = between(clock, WATCH_TIMEOUT.least, WATCH_TIMEOUT.most);
  const watchdog = createWatchdog(clock, () => call.controller.abort());
  let ask = call.ask;
  let wasHeard = false;
  let acceptedAt: number | undefined;

  const noting: CallListener = {
    accepted() {
      acceptedAt ??= clock.now();
      watchdog.allow(ask === 'watch_list' ? INITIAL_STATE_TIMEOUT : silence);
      listener.accepted();
    },
    replaced(objects, resourceVersion) {
      wasHeard = true;
      if (ask === 'watch_list') {
        // The rest of the stream is an ordinary watch.
        ask = 'watch';
        watchdog.allow(silence);
      }
      listener.replaced(objects, resourceVersion);
    },
    changed(type, object) {
      wasHeard = true;
      listener.changed(type, object);
    },
    reached(resourceVersion) {
      wasHeard = true;
      listener.reached(resourceVersion);
    },
    received: (type) => listener.received(type),
    dropped: (reason) => listener.dropped(reason),
  };

  function onChunk(): void {
    // The time for the initial state is for all of it.
    if (ask !== 'watch_list') watchdog.feed();
  }

  async function open(page: string): Promise<Opened> {
    const path = toPath(ask, { ...call, page, timeout });
    const opened = await connection.get(path, call.controller.signal);
    if (opened.kind === 'accepted') noting.accepted();
    return opened;
  }

  async function answer(): Promise<Ending> {
    const { resource } = call;
    if (ask === 'list' || ask === 'probe') {
      const listed = await readList({ resource, isWhole: ask === 'list', open, onChunk });
      if (listed.kind !== 'listed') return listed;
      if (ask === 'list') noting.replaced(listed.objects, listed.resourceVersion);
      return { kind: 'answered', resourceVersion: listed.resourceVersion };
    }
    const opened = await open('');
    if (opened.kind !== 'accepted') return opened;
    const hasInitialState = ask === 'watch_list';
    return readWatch({ resource, chunks: opened.body, hasInitialState, onChunk }, noting);
  }

  const ending = await answer().catch(
    (error: unknown): Ending => (watchdog.hasBarked ? { kind: 'silent' } : broken('reset', error)),
  );
  watchdog.cancel();
  return { ask, ending, wasHeard, lasted: acceptedAt === undefined ? 0 : clock.now() - acceptedAt };
}
