/**
 * One lone call, as an application would tell of it. Tempo looks at spans in the order in which they come: once it
 * has drawn this edge, it has looked at everything that it was sent before.
 */
import { expect } from 'vitest';
import { fetchIn } from './doors.ts';
import type { OtlpAttribute } from './monitoringSpans.ts';
import type { Tempo } from './tempo.ts';

export interface WitnessEdge {
  readonly client: string;
  readonly server: string;
}

const CLIENT_KIND = 3;

export async function sendEdge(
  namespace: string,
  { otlpUrl }: Pick<Tempo, 'otlpUrl'>,
  { client, server }: WitnessEdge,
): Promise<void> {
  const end = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId: 'c0ffee00c0ffee00c0ffee00c0ffee00',
    spanId: 'c0ffee00c0ffee00',
    name: 'call',
    kind: CLIENT_KIND,
    startTimeUnixNano: String(end - 1_000_000n),
    endTimeUnixNano: String(end),
    attributes: [toAttribute('peer.service', server)],
  };
  const resource = { attributes: [toAttribute('service.name', client)] };
  const { status } = await fetchIn(namespace, `${otlpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  expect(status).toBe(200);
}

function toAttribute(key: string, stringValue: string): OtlpAttribute {
  return { key, value: { stringValue } };
}
