/** Where spans go: nowhere, or to the OTLP endpoint that an option or the environment names. */
import type { Config } from '../config/load.ts';
import type { Self } from '../self/self.ts';
import type { SpanSink } from '../spans/batcher.ts';
import { readResource, startOtel } from '../spans/otel.ts';
import { createOtlpSink } from '../spans/otlp.ts';
import { toOtlpEndpoint } from '../spans/otlpVariables.ts';
import type { World } from './command.ts';
import { type Endpoint, watchEndpoint } from './endpoint.ts';

export interface Destination {
  /** Undefined: spans are off. */
  readonly sink: SpanSink | undefined;
  /** What is known of the endpoint; undefined if spans do not go to one. */
  readonly endpoint: Pick<Endpoint, 'name' | 'failure'> | undefined;
  /** From OTEL_RESOURCE_ATTRIBUTES. */
  readonly resource: Readonly<Record<string, string>>;
  /** Ends what is around the sink; the sink itself ends with the pipeline. */
  stop(): Promise<void>;
}

export interface DestinationInput {
  readonly config: Config;
  readonly env: World['env'];
  readonly self: Self;
  /** The cluster address of a Service, for an endpoint in the cluster. */
  readonly serviceAddress: (host: string) => string | undefined;
}

export async function openDestination(input: DestinationInput): Promise<Destination> {
  const { config, env, self, serviceAddress } = input;
  const option = config.otlpEndpoint;
  const url = toOtlpEndpoint(option, env);
  if (url === 'none') return NO_DESTINATION;
  if (url === undefined) {
    self.log.info('Spans are off: neither --otlp-endpoint nor OTEL_EXPORTER_OTLP_ENDPOINT is set');
    return NO_DESTINATION;
  }
  const otel = await startOtel(env, self.log);
  const { resource, takeRejected } = otel;
  if (!otel.isEnabled) return { ...NO_DESTINATION, resource, stop: () => otel.stop() };
  const sink = await createOtlpSink({ endpoint: option, env, serviceAddress, takeRejected });
  const endpoint = watchEndpoint({ url, option, env }, sink);
  return {
    sink: endpoint.sink,
    endpoint,
    resource,
    async stop() {
      endpoint.stop();
      await otel.stop();
    },
  };
}

/** A sink that needs nothing around it, whose spans are those that an endpoint would get. */
export function toDestination(sink: SpanSink): Destination {
  return { ...NO_DESTINATION, sink, resource: readResource() };
}

const NO_DESTINATION: Destination = {
  sink: undefined,
  endpoint: undefined,
  resource: {},
  stop: () => Promise.resolve(),
};
