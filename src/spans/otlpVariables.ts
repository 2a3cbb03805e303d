/** The variables that tell OpenTelemetry where spans go and how (OTLP exporter specification); those of traces come first. */

type Environment = Readonly<Record<string, string | undefined>>;

/** Protocols that corespan speaks; `grpc` would need a second HTTP stack in the DNS pod. */
export const OTLP_PROTOCOLS = ['http/json', 'http/protobuf'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

/** A variable that is set; `env` holds no empty ones. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

export function findEndpoint(env: Environment): Variable | undefined {
  return find(['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'], env);
}

export function findProtocol(env: Environment): Variable | undefined {
  return find(['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'], env);
}

/** One that names neither says nothing: the library takes it for unset. */
export function findCompression(env: Environment): Variable | undefined {
  return find(
    ['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION'],
    env,
    (value) => value.trim() === 'gzip' || value.trim() === 'none',
  );
}

/** The endpoint that an option or the environment names, if one does; `none` if either says that nothing is sent. */
export function toOtlpEndpoint(option: string | undefined, env: Environment): string | undefined {
  if (option !== undefined) return option;
  // OpenTelemetry's own way to say it, for all programs of an image (SDK environment variables).
  return env['OTEL_TRACES_EXPORTER']?.trim() === 'none' ? 'none' : findEndpoint(env)?.value;
}

function find(
  names: readonly string[],
  env: Environment,
  isKnown: (value: string) => boolean = () => true,
): Variable | undefined {
  for (const name of names) {
    const value = env[name];
    if (value !== undefined && isKnown(value)) return { name, value };
  }
  return undefined;
}
