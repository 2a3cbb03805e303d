/** What tells a Prometheus Operator to scrape corespan, wherever it runs. */

import { PORT } from '../../src/install/settings.ts';
import { type Files, toDocuments, toKustomization } from './documents.ts';
import { APP_NAMES, APPS, DNS_NAMESPACE, LABELS, NAMESPACE } from './names.ts';

interface Target {
  readonly name: string;
  readonly namespace: string;
  readonly matchLabels: Readonly<Record<string, string>>;
}

const BESIDE_DNS: readonly Target[] = APP_NAMES.map((app) => ({
  name: `corespan-${app}`,
  namespace: DNS_NAMESPACE,
  matchLabels: { 'k8s-app': APPS[app].label },
}));
export const READER: Target = { name: 'corespan', namespace: NAMESPACE, matchLabels: LABELS };
const TARGETS = [...BESIDE_DNS, READER];

/** Pods that have no port of that name are left alone by the operator. */
const ENDPOINT = { port: 'corespan', path: '/metrics', interval: '30s' } as const;

export function toMonitors(): Files {
  const pod = 'components/pod-monitor';
  const service = 'components/service-monitor';
  return new Map([
    [`${pod}/kustomization.yaml`, toKustomization('Component', { resources: ['pod-monitors.yaml'] })],
    [`${pod}/pod-monitors.yaml`, toDocuments('', ...TARGETS.map(toPodMonitor))],
    [
      `${service}/kustomization.yaml`,
      toKustomization('Component', { resources: ['services.yaml', 'service-monitors.yaml'] }),
    ],
    [`${service}/services.yaml`, toDocuments('', ...BESIDE_DNS.map(toService))],
    [`${service}/service-monitors.yaml`, toDocuments('', ...TARGETS.map(toServiceMonitor))],
  ]);
}

function toPodMonitor(target: Target): object {
  const selector = { matchLabels: target.matchLabels };
  return toMonitor('PodMonitor', target, { selector, podMetricsEndpoints: [ENDPOINT] });
}

function toServiceMonitor(target: Target): object {
  const selector = { matchLabels: toServiceLabels(target) };
  return toMonitor('ServiceMonitor', target, { selector, endpoints: [ENDPOINT] });
}

/** All beside the DNS pods, so that they can be made before the reader's namespace is. */
function toMonitor(kind: string, { name, namespace }: Target, spec: object): object {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind,
    metadata: { name, namespace: DNS_NAMESPACE, labels: LABELS },
    spec: { namespaceSelector: { matchNames: [namespace] }, ...spec },
  };
}

/**
 * Headless: it is only there to be found. Pods that are not ready are in it too: corespan is to be seen most of all
 * when something is wrong.
 */
export function toService(target: Target): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: target.name, namespace: target.namespace, labels: toServiceLabels(target) },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: target.matchLabels,
      ports: [{ name: 'corespan', port: PORT, targetPort: 'corespan' }],
    },
  };
}

function toServiceLabels({ name }: Target): Readonly<Record<string, string>> {
  return { ...LABELS, 'app.kubernetes.io/component': name };
}
