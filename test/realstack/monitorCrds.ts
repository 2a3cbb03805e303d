/**
 * Stand-ins for the CustomResourceDefinitions of the Prometheus Operator: the fields that we use, from its API
 * reference, so that strict checking refuses any other. The operator itself does not run here.
 */

const SELECTOR = {
  type: 'object',
  properties: { matchLabels: { type: 'object', additionalProperties: { type: 'string' } } },
};
const TEXT = { type: 'string' };
const NAMESPACES = { type: 'object', properties: { matchNames: { type: 'array', items: TEXT } } };
const ENDPOINTS = {
  type: 'array',
  items: { type: 'object', properties: { port: TEXT, path: TEXT, interval: TEXT } },
};

const TEXTS = { type: 'object', additionalProperties: TEXT };
const RULE_GROUPS = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      name: TEXT,
      rules: {
        type: 'array',
        items: {
          type: 'object',
          properties: { record: TEXT, alert: TEXT, expr: TEXT, for: TEXT, labels: TEXTS, annotations: TEXTS },
          required: ['expr'],
        },
      },
    },
    required: ['name'],
  },
};

export const MONITOR_CRDS = [
  toCrd('PodMonitor', { selector: SELECTOR, namespaceSelector: NAMESPACES, podMetricsEndpoints: ENDPOINTS }, [
    'selector',
    'podMetricsEndpoints',
  ]),
  toCrd('ServiceMonitor', { selector: SELECTOR, namespaceSelector: NAMESPACES, endpoints: ENDPOINTS }, [
    'selector',
    'endpoints',
  ]),
  toCrd('PrometheusRule', { groups: RULE_GROUPS }, []),
]
  .map((crd) => JSON.stringify(crd))
  .join('\n---\n');

function toCrd(kind: string, properties: object, required: readonly string[]): object {
  const singular = kind.toLowerCase();
  const schema = { type: 'object', properties: { spec: { type: 'object', properties, required } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.monitoring.coreos.com` },
    spec: {
      group: 'monitoring.coreos.com',
      scope: 'Namespaced',
      names: { kind, singular, plural: `${singular}s`, listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}
