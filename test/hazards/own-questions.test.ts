/** corespan's own questions for its endpoint are left out; everybody else's for the same endpoint are not. */
import { describe, expect, it } from 'vitest';
import { createPipeline, type OwnQuestions } from '../../src/app.ts';
import { toOwnQuestions } from '../../src/commands/ownQuestions.ts';
import { load } from '../../src/config/load.ts';
import type { Lines } from '../../src/records/line.ts';
import { podObject } from '../support/objects.ts';
import { TEST_OPTIONS } from '../support/pipeline.ts';
import { COREDNS, NOON } from '../support/queries.ts';
import { createTestSelf } from '../support/self.ts';
import { createTestWorld } from '../support/world.ts';

const OWN: OwnQuestions = { beginning: 'tempo.observability.svc.', addresses: new Set(['10.244.0.5']) };

function toLines(clients: readonly string[]): Lines {
  const texts = clients.map(
    (client) =>
      `[INFO] ${client}:40000 - 7 "A IN tempo.observability.svc.cluster.local. udp 60 false 512" NOERROR qr,aa,rd 110 0.0001s`,
  );
  const bytes = Buffer.from(texts.join(''));
  const ends = texts.map((_, at) => texts.slice(0, at + 1).join('').length);
  return {
    file: COREDNS,
    bytes,
    from: 0,
    to: texts.length,
    time: Float64Array.from(texts, (_, at) => NOON + at),
    start: Int32Array.from([0, ...ends.slice(0, -1)]),
    end: Int32Array.from(ends),
    offset: Float64Array.from(ends),
  };
}

/** How many of the clients' questions were left out as our own. */
function countOwn(clients: readonly string[], own: OwnQuestions | undefined): number {
  const self = createTestSelf();
  const pipeline = createPipeline({ ...TEST_OPTIONS, own }, undefined, self);
  const agent = podObject('agent', { isHostNetwork: true, addresses: ['192.0.2.11'] });
  pipeline.change({ type: 'replace', resource: 'pods', objects: [agent], at: NOON });
  pipeline.accept(toLines(clients));
  pipeline.finish();
  expect(pipeline.totals.queries + self.count('corespan_queries_skipped_total', 'self')).toBe(clients.length);
  return self.count('corespan_queries_skipped_total', 'self');
}

describe('a question for the endpoint', () => {
  it.each([
    { from: 'our own address', clients: ['10.244.0.5'], own: 1 },
    { from: 'the loopback of the network namespace that we share', clients: ['127.0.0.1'], own: 1 },
    { from: 'an agent in a pod', clients: ['10.244.1.9'], own: 0 },
    { from: 'an agent on the host network of a node', clients: ['192.0.2.11'], own: 0 },
  ])('from $from', ({ clients, own }) => {
    expect(countOwn(clients, OWN)).toBe(own);
  });

  it('is nobody of ours where we cannot be in the log', () => {
    expect(countOwn(['10.244.0.5', '127.0.0.1'], undefined)).toBe(0);
  });
});

describe('what is asked for', () => {
  const world = (env: Record<string, string>) =>
    createTestWorld([], {
      env,
      addresses: () => ['127.0.0.1', '10.244.0.5', 'fe80::1%eth0', '::FFFF:192.0.2.1'],
    });
  const ADDRESSES = new Set(['127.0.0.1', '10.244.0.5', 'fe80::1', '192.0.2.1']);
  const IN_POD = { KUBERNETES_SERVICE_HOST: '192.0.2.1' };
  const endpoint = 'http://Tempo.example.org:4318';

  it.each<{ case: string; args: string[]; env: Record<string, string>; expected: OwnQuestions | undefined }>([
    {
      case: 'the option',
      args: ['--otlp-endpoint', endpoint],
      env: IN_POD,
      expected: { beginning: 'tempo.example.org.', addresses: ADDRESSES },
    },
    {
      case: 'the variable of traces, which beats the general one',
      args: [],
      env: {
        ...IN_POD,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://other',
      },
      expected: { beginning: 'tempo.example.org.', addresses: ADDRESSES },
    },
    {
      case: 'an address needs no question',
      args: ['--otlp-endpoint', 'http://192.0.2.9:4318'],
      env: IN_POD,
      expected: undefined,
    },
    { case: 'no endpoint', args: [], env: IN_POD, expected: undefined },
    { case: 'none', args: ['--otlp-endpoint', 'none'], env: IN_POD, expected: undefined },
    { case: 'outside a pod', args: ['--otlp-endpoint', endpoint], env: {}, expected: undefined },
  ])('$case', ({ args, env, expected }) => {
    const { config } = load({ verb: 'run', args, env, readFile: () => ({}) });
    expect(toOwnQuestions(config, world(env))).toEqual(expected);
  });
});
