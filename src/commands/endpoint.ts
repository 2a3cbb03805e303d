/** The OTLP endpoint as people are told of it: what it is called, and what went wrong there last. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { ExportResultCode } from '@opentelemetry/core';
import type { Environment } from '../config/environment.ts';
import type { SpanSink } from '../spans/batcher.ts';
import { findEndpoint } from '../spans/otlpVariables.ts';
import { toErrorText } from '../text/errors.ts';

export interface Endpoint {
  /** Its URL without credentials, and the option or variable that says so. */
  readonly name: string;
  /** Undefined if nothing has gone wrong. */
  failure(): string | undefined;
  readonly sink: SpanSink;
  stop(): void;
}

export interface EndpointInput {
  readonly url: string;
  /** Undefined: a variable of `env` says the URL. */
  readonly option: string | undefined;
  readonly env: Environment;
}

/**
 * Watches what happens to `sink`. The exporter tells of a failure only once it has given up trying, which may be after
 * the deadline: each try is seen on Node's own channels of HTTP requests.
 */
export function watchEndpoint({ url, option, env }: EndpointInput, sink: SpanSink): Endpoint {
  const from = option === undefined ? findEndpoint(env)?.name : '--otlp-endpoint';
  const parsed = URL.parse(url);
  let failure: string | undefined;

  function onError(message: unknown): void {
    const { request, error } = message as { request: ClientRequest; error: unknown };
    if (request.getHeader('host') === parsed?.host) failure = toErrorText(error);
  }

  function onResponse(message: unknown): void {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    if (request.getHeader('host') !== parsed?.host) return;
    const { statusCode = 0, statusMessage = '' } = response;
    if (statusCode >= 300) failure = `it answered ${statusCode} ${statusMessage}`.trimEnd();
  }

  subscribe(CHANNELS.error, onError);
  subscribe(CHANNELS.response, onResponse);
  return {
    name: `${parsed === null ? url : `${parsed.origin}${parsed.pathname.replace(/\/$/, '')}`} (${from})`,
    failure: () => failure,
    sink: {
      ...sink,
      export(spans, done) {
        sink.export(spans, (result) => {
          if (result.code !== ExportResultCode.SUCCESS) failure ??= result.error?.message;
          done(result);
        });
      },
    },
    stop() {
      unsubscribe(CHANNELS.error, onError);
      unsubscribe(CHANNELS.response, onResponse);
    },
  };
}

const CHANNELS = { error: 'http.client.request.error', response: 'http.client.response.finish' } as const;
