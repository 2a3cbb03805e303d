/** Which variable decides where spans go. */
import { expect, it } from 'vitest';
import { toOtlpEndpoint } from '../../src/spans/otlpVariables.ts';

const ALL = 'http://192.0.2.1:4318';
const TRACES = 'http://192.0.2.2:4318/v1/traces';

it.each([
  { option: undefined, env: {}, endpoint: undefined },
  { option: undefined, env: { OTEL_EXPORTER_OTLP_ENDPOINT: ALL }, endpoint: ALL },
  {
    option: undefined,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: ALL, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: TRACES },
    endpoint: TRACES,
  },
  {
    option: undefined,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: ALL, OTEL_TRACES_EXPORTER: 'none' },
    endpoint: 'none',
  },
  {
    option: undefined,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: ALL, OTEL_TRACES_EXPORTER: 'otlp' },
    endpoint: ALL,
  },
  { option: TRACES, env: { OTEL_TRACES_EXPORTER: 'none' }, endpoint: TRACES },
  { option: 'none', env: { OTEL_EXPORTER_OTLP_ENDPOINT: ALL }, endpoint: 'none' },
])('--otlp-endpoint $option with $env: $endpoint', ({ option, env, endpoint }) => {
  expect(toOtlpEndpoint(option, env)).toBe(endpoint);
});
