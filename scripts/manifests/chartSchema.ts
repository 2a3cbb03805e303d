/** The JSON schema of the chart's values; `config` is made from the table of options. */
import { OPTIONS, type Option } from '../../src/config/options.ts';
import type { ValueType } from '../../src/config/values.ts';
import { REPOSITORY, TAG } from '../../src/install/image.ts';
import { TUNABLE } from '../../src/install/settings.ts';

type Schema = Readonly<Record<string, unknown>>;

export function toSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart corespan',
    ...toObject({
      mode: { enum: ['reader', 'policy'], description: 'How corespan gets to the logs.' },
      image: toObject({
        repository: { type: 'string', pattern: `^(${REPOSITORY})?$` },
        tag: { type: 'string', pattern: `^(${TAG})?$` },
        digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
      }),
      config: toObject(Object.fromEntries(TUNABLE.map((name) => [name, toOptionSchema(OPTIONS[name])]))),
      otlpHeadersSecret: { type: 'string', pattern: '^([a-z0-9]([-.a-z0-9]*[a-z0-9])?)?$' },
      logSource: { enum: OPTIONS.logSource.type.choices },
      imagePullSecrets: { type: 'array', items: toObject({ name: { type: 'string', minLength: 1 } }) },
      resources: RESOURCES,
      nodeSelector: TEXTS,
      tolerations: { type: 'array', items: { type: 'object' } },
      nodeLocalDns: toObject({ enabled: FLAG, resources: RESOURCES }),
      podMonitor: toObject({ enabled: FLAG, interval: DURATION, labels: TEXTS }),
      networkPolicy: toObject({
        enabled: FLAG,
        monitoringNamespace: { type: 'string', minLength: 1 },
        egressPorts: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 65_535 } },
      }),
      // Helm hands these down to every chart.
      global: { type: 'object' },
    }),
  };
}

function toObject(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', additionalProperties: false, properties };
}

const FLAG: Schema = { type: 'boolean' };
const TEXTS: Schema = { type: 'object', additionalProperties: { type: 'string' } };
const DURATION: Schema = { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$' };
/** Those that the chart can size the heap by. */
const MEMORY: Schema = { type: 'string', pattern: '^[1-9][0-9]*(Mi|Gi)$' };
/** Text or, as `helm --set` has it, a number. */
const CPU: Schema = {
  type: ['string', 'number'],
  minimum: 0.001,
  pattern: '^([0-9]+m|[0-9]+(\\.[0-9]{1,3})?)$',
};

const RESOURCES: Schema = {
  ...toObject({
    requests: { ...toObject({ cpu: CPU, memory: MEMORY }), required: ['cpu', 'memory'] },
    limits: { ...toObject({ cpu: CPU, memory: MEMORY }), required: ['memory'] },
  }),
  required: ['requests', 'limits'],
};

/** A value of `config` may be written as YAML has it: a number as a number, a list as a list. */
function toOptionSchema({ type, help }: Option): Schema {
  return { description: help, ...toTypeSchema(type) };
}

function toTypeSchema(type: ValueType): Schema {
  if (typeof type === 'object') {
    if ('choices' in type) return { enum: type.choices };
    const { min, max } = 'integer' in type ? type.integer : type.number;
    if ('integer' in type) return { type: 'integer', minimum: min, maximum: max };
    // `helm --set` knows whole numbers only: 0.05 comes as text.
    return { type: ['number', 'string'], minimum: min, maximum: max, pattern: '^[0-9]*\\.?[0-9]+$' };
  }
  switch (type) {
    case 'text':
      return { type: 'string', minLength: 1 };
    case 'texts':
    case 'zones':
      return {
        type: ['string', 'array'],
        minLength: 1,
        minItems: 1,
        items: { type: 'string', minLength: 1 },
      };
    case 'flag':
      return FLAG;
    case 'endpoint':
      return { type: 'string', pattern: '^(none|https?://.+)$' };
    case 'address':
      return { type: 'string', pattern: '^(none|.*:[0-9]{1,5})$' };
    case 'time':
      return { type: 'string', format: 'date-time' };
    case 'duration':
      return DURATION;
  }
}
