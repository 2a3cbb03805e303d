/** The body of a request: written by ours where the spans are such as build.ts makes, else by OpenTelemetry's serializer. */
import type { ISerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { type Groups, toGroups } from './groups.ts';
import { toOwnMemory } from './known.ts';

/** It stands there until the next one is asked for. */
export type ToRequest = (spans: ReadableSpan[]) => Uint8Array;

/** What stands around others that are written each time. */
export interface Around {
  readonly begin: Uint8Array;
  readonly end: Uint8Array;
}

export function toRequests(
  write: (groups: Groups) => Uint8Array,
  library: Pick<ISerializer<ReadableSpan[], unknown>, 'serializeRequest'>,
): ToRequest {
  return (spans) => {
    const groups = toGroups(spans);
    if (groups !== undefined) return write(groups);
    const request = library.serializeRequest(spans);
    if (request === undefined) throw new Error('the spans could not be encoded');
    return request;
  };
}

/** To be remembered with the object that it says something of. */
export function toAround(begin: Uint8Array, end: Uint8Array): Around {
  return { begin: toOwnMemory(begin), end: toOwnMemory(end) };
}
