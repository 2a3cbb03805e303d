/** The Kubernetes API as a source: every line of the DNS pods once, whatever breaks; and what is missing is counted. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { LogFile } from '../../src/records/line.ts';
import { createKubeSource } from '../../src/sources/kube.ts';
import type { Source } from '../../src/sources/source.ts';
import { createFakeClock, type FakeClock } from '../kube/fakeClock.ts';
import { openCredentials, until } from '../kube/harness.ts';
import { type LogServer, startLogServer } from '../support/logServer.ts';
import { createTestSelf, type TestSelf } from '../support/self.ts';
import { type ReadLine, toReadLines } from './harness.ts';

interface Following {
  readonly api: LogServer;
  readonly clock: FakeClock;
  readonly self: TestSelf;
  readonly source: Source;
  readonly lines: readonly (ReadLine & { readonly file: LogFile })[];
  /** Polls until the texts are these. */
  untilRead(...texts: readonly string[]): Promise<void>;
  losses(): Record<string, number>;
}

/** A line of the log, so many seconds after the source was started. */
function at(seconds: number, text: string): string {
  return `2026-11-21T12:00:${seconds.toFixed(9).padStart(12, '0')}Z ${text}`;
}

async function startApi(): Promise<LogServer> {
  const api = await startLogServer();
  onTestFinished(() => api.close());
  return api;
}

function follow(api: LogServer, lineLimit?: number, random = 0): Following {
  const clock = createFakeClock({ random });
  const self = createTestSelf();
  const lines: (ReadLine & { readonly file: LogFile })[] = [];
  const options = {
    credentials: openCredentials(api.url),
    namespace: 'kube-system',
    selector: 'k8s-app in (kube-dns,node-local-dns)',
    containers: ['coredns', 'node-cache'],
    clock,
    now: clock.now,
    ...(lineLimit !== undefined && { lineLimit }),
  };
  const source = createKubeSource(options, self.sources);
  onTestFinished(() => source.stop());
  const texts = (): string[] => lines.map(({ text }) => text);
  return {
    api,
    clock,
    self,
    source,
    lines,
    async untilRead(...wanted) {
      await until(
        () => {
          source.poll((batch) => {
            for (const line of toReadLines(batch)) lines.push({ ...line, file: batch.file });
          });
          return texts().length >= wanted.length;
        },
        `${wanted.length} lines, got ${JSON.stringify(texts())}`,
      );
      expect(texts()).toEqual(wanted);
    },
    losses: () =>
      Object.fromEntries(
        self.registry
          .samples('corespan_possible_loss_total')
          .filter(({ value }) => value > 0)
          .map(({ labels, value }) => [labels[0] ?? '', value]),
      ),
  };
}

/** The usual beginning: one pod, whose log is being followed. */
async function followOne(lineLimit?: number): Promise<Following> {
  const api = await startApi();
  api.addPod('coredns-1');
  const following = follow(api, lineLimit);
  await until(() => api.streams === 1, 'the stream');
  return following;
}

test('lines come with their time and their pod, as from a file', async () => {
  const { api, self, lines, untilRead } = await followOne();
  api.write('coredns-1', at(1.5, '[INFO] one'), at(1.5000005, '{"time":"x"}'));
  await untilRead('[INFO] one', '{"time":"x"}');
  const pod = { namespace: 'kube-system', name: 'coredns-1', uid: 'uid-0', container: 'coredns' };
  expect(lines[0]).toMatchObject({ time: Date.parse('2026-11-21T12:00:01.500Z'), offset: 0, file: { pod } });
  expect(lines[1]?.offset).toBe(`${at(1.5, '')}stdout F [INFO] one\n`.length);
  expect(self.count('corespan_lines_read_total', 'kube-system/coredns-1')).toBe(2);
});

test('what was there before the start is left out; a pod that comes later is read from its beginning', async () => {
  const api = await startApi();
  api.addPod('coredns-1');
  api.write('coredns-1', '2026-11-21T11:59:59.000000000Z old');
  const { clock, untilRead } = follow(api);
  await until(() => api.streams === 1, 'the stream');
  api.addPod('node-local-dns-1', 'node-cache');
  api.write('node-local-dns-1', at(1, 'first'));
  await until(() => clock.waits.includes(10_000), 'the pause');
  clock.advance(10_000);
  await untilRead('first');
  api.write('coredns-1', at(12, 'second'));
  await untilRead('first', 'second');
});

test('a pod that is not on the first page of the list is followed, and is not gone', async () => {
  const { api, losses, untilRead } = await followOne();
  api.write('coredns-1', at(1, 'a'));
  await untilRead('a');
  for (let n = 0; n < 1_000; n++) api.addPod(`batch-${n}`, 'batch');
  api.cut();
  await until(() => api.streams === 1, 'the next stream');
  api.write('coredns-1', at(2, 'b'));
  await untilRead('a', 'b');
  expect(losses()).toEqual({});
  expect(api.calls.filter((call) => call.includes('&continue='))).toHaveLength(2);
});

test('a container too many is followed once there is room, from the moment of the start too', async () => {
  const api = await startApi();
  const names = Array.from({ length: 65 }, (_, n) => `coredns-${n + 10}`);
  for (const name of names) api.addPod(name);
  api.write('coredns-74', '2026-11-21T11:59:59.000000000Z old');
  const { clock, self, untilRead } = follow(api);
  await until(() => api.streams === 64, 'the streams');
  expect(self.count('corespan_source_errors_total', 'limit')).toBe(1);
  api.write('coredns-74', at(1, 'new'));
  api.removePod('coredns-10');
  await until(() => {
    if (clock.waits.includes(10_000)) clock.advance(10_000);
    return api.calls.some((call) => call.includes('/coredns-74/log'));
  }, 'its turn');
  await untilRead('new');
});

test('a broken stream goes on where it was, and nothing comes twice', async () => {
  const { api, losses, untilRead, self } = await followOne();
  api.write('coredns-1', at(1.2, 'a'), at(1.7, 'b'));
  api.send('coredns-1', at(1.8, 'half a li'));
  await untilRead('a', 'b');
  api.cut();
  await until(
    () => api.streams === 1 && api.calls.at(-1)?.includes('sinceTime=2026-11-21T12:00:01Z') === true,
    'the next',
  );
  api.write('coredns-1', at(1.8, 'half a line, whole'));
  await untilRead('a', 'b', 'half a line, whole');
  expect(losses()).toEqual({});
  expect(self.count('corespan_source_errors_total', 'stream')).toBe(1);
});

test('what is written while nobody listens is read afterwards', async () => {
  const { api, losses, untilRead } = await followOne();
  api.write('coredns-1', at(1, 'a'));
  await untilRead('a');
  api.refuse('/log', 500, 'dial tcp: connection refused');
  api.cut();
  api.write('coredns-1', at(1.1, 'b'), at(5, 'c'));
  await untilRead('a', 'b', 'c');
  expect(losses()).toEqual({});
});

test('rotated while nobody listened: the gap is counted, and reading goes on behind it', async () => {
  const { api, losses, untilRead } = await followOne();
  api.write('coredns-1', at(1, 'a'));
  await untilRead('a');
  api.rotate('coredns-1');
  api.cut();
  api.write('coredns-1', at(2, 'b'));
  await untilRead('a', 'b');
  expect(losses()).toEqual({ missed: 1 });
});

test('restarted: the rest of the old log, then the new one from its beginning, as another file', async () => {
  const { api, losses, lines, untilRead } = await followOne();
  api.write('coredns-1', at(1, 'a'));
  await untilRead('a');
  api.refuse('/pods?', 500, 'away');
  api.cut();
  api.write('coredns-1', at(1.1, 'last words'));
  api.restart('coredns-1');
  api.write('coredns-1', at(3, 'again'));
  await untilRead('a', 'last words', 'again');
  expect(losses()).toEqual({});
  const [old, rest, again] = lines.map(({ file }) => file);
  expect(rest?.id).toBe(old?.id);
  expect(again?.id).not.toBe(old?.id);
  expect(again?.path).toBe('kube-system_coredns-1_uid-0/coredns/1.log');
});

test('what two runs have written is read in their order, however late', async () => {
  const { api, untilRead } = await followOne();
  api.write('coredns-1', at(1, 'a'));
  await untilRead('a');
  api.write('coredns-1', at(1.1, 'b'));
  api.restart('coredns-1');
  api.write('coredns-1', at(2, 'c'));
  // By now both wait to be read, if the second run's stream is there.
  await until(() => api.streams === 1, 'the stream of the second run');
  await nextTurn();
  await untilRead('a', 'b', 'c');
});

test('restarted three times while nobody looked: the last of the runs between can still be had', async () => {
  const { api, lines, losses, untilRead } = await followOne();
  api.write('coredns-1', at(1, 'a'));
  await untilRead('a');
  api.refuse('/pods?', 500, 'away');
  // The first call for that run fails: it is asked for again, and counted as missed only once.
  api.refuse('previous=true', 500, 'away');
  api.restart('coredns-1');
  api.write('coredns-1', at(2, 'of no log any more'));
  api.restart('coredns-1');
  api.write('coredns-1', at(3, 'last words'));
  api.restart('coredns-1');
  api.write('coredns-1', at(4, 'again'));
  await untilRead('a', 'last words', 'again');
  expect(losses()).toEqual({ missed: 1 });
  expect(lines.map(({ file }) => file.path.replace(/^.*\//, ''))).toEqual(['0.log', '2.log', '3.log']);
});

test('a pod that goes after its log has ended costs nothing; one that goes while nobody listens is counted', async () => {
  const api = await startApi();
  api.addPod('coredns-1');
  api.addPod('coredns-2');
  const { losses, self, untilRead } = follow(api);
  const positions = (): (string | undefined)[] =>
    self.registry
      .samples('corespan_read_offset_bytes')
      .filter(({ value }) => !Number.isNaN(value))
      .map(({ labels }) => labels[0]);
  await until(() => api.streams === 2, 'the streams');
  api.write('coredns-1', at(1, 'a'));
  await untilRead('a');
  api.removePod('coredns-1');
  await until(() => api.calls.at(-1)?.includes('/pods?') === true && api.streams === 1, 'the look for it');
  await nextTurn();
  expect(losses()).toEqual({});
  // Nothing is left of it once it has been read.
  await untilRead('a');
  expect(positions()).toEqual(['kube-system/coredns-2']);
  api.refuse('/log', 500, 'away');
  api.cut();
  await until(() => api.calls.at(-1)?.includes('coredns-2/log') === true, 'the call that fails');
  api.removePod('coredns-2');
  await until(() => losses()['gone'] === 1, 'the loss');
});

test('a stream without a byte for a minute is opened anew', async () => {
  const api = await startApi();
  api.addPod('coredns-1');
  const { clock, losses, untilRead } = follow(api);
  await until(() => api.streams === 1 && clock.waits.includes(60_000), 'the stream');
  clock.advance(60_000);
  await until(() => api.calls.filter((call) => call.includes('/log')).length === 2, 'the next stream');
  await until(() => api.streams === 1, 'the next stream');
  api.write('coredns-1', at(61, 'a').replace('12:00:61', '12:01:01'));
  await untilRead('a');
  expect(losses()).toEqual({});
});

test('a log that was quiet for long is no worse off: what fails then is soon tried again', async () => {
  const api = await startApi();
  api.addPod('coredns-1');
  const { clock } = follow(api, undefined, 1);
  for (let minutes = 0; minutes < 10; minutes++) {
    await until(() => api.streams === 1 && clock.waits.includes(60_000), 'the stream');
    clock.advance(60_000);
    await until(() => clock.waits.includes(500), 'the short pause');
    clock.advance(500);
  }
  await until(() => api.streams === 1 && clock.waits.includes(60_000), 'the stream');
  api.cut();
  await until(() => clock.waits.includes(800), 'the first pause of a failure');
});

test('while nobody polls the stream waits, and nothing is lost', async () => {
  const api = await startApi();
  api.addPod('coredns-1');
  const { source, untilRead, clock } = follow(api);
  let looks = 0;
  source.onArrival?.(() => looks++);
  source.poll(() => undefined);
  await until(() => api.streams === 1, 'the stream');
  const texts = Array.from({ length: 30_000 }, (_, n) => `line ${n} ${'x'.repeat(200)}`);
  api.write('coredns-1', ...texts.map((text, n) => at(1 + n / 1000, text)));
  await until(() => looks === 1, 'the news');
  await until(() => !clock.waits.includes(60_000), 'the queue to be full');
  // That is no silence: nothing is asked for again.
  clock.advance(600_000);
  await untilRead(...texts);
  expect(api.calls.filter((call) => call.includes('/log'))).toHaveLength(1);
});

test('lines that are too long are rejected, and what the kubelet says instead of a log is told', async () => {
  const { api, self, untilRead } = await followOne(1000);
  api.write('coredns-1', at(1, 'x'.repeat(2000)), at(2, 'y'.repeat(3_000_000)), at(3, 'short'));
  api.send('coredns-1', 'failed to read the log\n');
  await untilRead('short');
  expect(self.count('corespan_lines_rejected_total', 'kube-system/coredns-1', 'oversize')).toBe(2);
  expect(self.count('corespan_lines_read_total', 'kube-system/coredns-1')).toBe(3);
  await until(() => self.count('corespan_source_errors_total', 'stream') === 1, 'the message');
  expect(self.messages.join()).toContain('failed to read the log');
});

test('forbidden or unreachable: said, and tried again', async () => {
  const api = await startApi();
  api.refuse('/pods?', 403, 'pods is forbidden');
  const { clock, self, untilRead } = follow(api);
  await until(() => self.count('corespan_source_errors_total', 'list') === 1, 'the refusal');
  expect(self.messages.join()).toContain('403 pods is forbidden');
  api.addPod('coredns-1');
  api.refuse('/log', 204, 'a pod without a node');
  api.refuse('/log', 400, 'container "coredns" in pod "coredns-1" is waiting to start: ContainerCreating');
  await until(() => clock.waits.includes(1_000), 'the pause');
  clock.advance(1_000);
  await until(() => api.streams === 1, 'the stream');
  api.write('coredns-1', at(2, 'a'));
  await untilRead('a');
  expect(self.count('corespan_source_errors_total', 'stream')).toBe(0);
});

test('stop ends every stream, and nothing is asked for afterwards', async () => {
  const { api, clock, source } = await followOne();
  source.stop();
  source.stop();
  await until(() => api.streams === 0, 'the end');
  const { length } = api.calls;
  clock.advance(600_000);
  await nextTurn();
  expect(api.calls).toHaveLength(length);
});

test('not ready before a log is followed: it says of what, where, and why; and stays ready afterwards', async () => {
  const api = await startApi();
  api.refuse('/pods?', 403, 'pods is forbidden');
  const { clock, source, self } = follow(api);
  const sought =
    'a log of the containers coredns, node-cache (--containers) of pods with k8s-app in (kube-dns,node-local-dns) (--dns-selector) in namespace kube-system (--dns-namespace)';
  expect(source.waitingFor?.()).toBe(`${sought}: the pods are not listed yet`);
  await until(() => self.count('corespan_source_errors_total', 'list') === 1, 'the refusal');
  expect(source.waitingFor?.()).toBe(`${sought}: the pods cannot be listed: 403 pods is forbidden`);
  clock.advance(1_000);
  await until(() => source.waitingFor?.() === `${sought}: there is no such pod`, 'the empty list');
  api.addPod('coredns-1');
  api.refuse('/log', 403, 'pods/log is forbidden');
  await until(() => clock.waits.includes(1_000), 'the pause');
  clock.advance(1_000);
  const forbidden = 'the log of kube-system/coredns-1 cannot be followed: 403 pods/log is forbidden';
  await until(() => source.waitingFor?.() === `${sought}: ${forbidden}`, 'the second refusal');
  await until(() => {
    clock.advance(1_000);
    return api.streams === 1;
  }, 'the stream');
  await until(() => source.waitingFor?.() === undefined, 'to be ready');
  api.removePod('coredns-1');
  const { length } = api.calls;
  await until(() => {
    clock.advance(10_000);
    return api.calls.length > length + 2;
  }, 'looks that find nothing');
  expect(source.waitingFor?.()).toBeUndefined();
});
