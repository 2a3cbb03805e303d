/** corespan alone: a DaemonSet that reads the logs of its node's DNS pods, which know nothing of it. */
import { CONTAINER_NAME, toAddition } from '../../src/install/container.ts';
import type { Addition } from '../../src/install/objects.ts';
import { toRights } from '../../src/install/rights.ts';
import { PORT, toSettings } from '../../src/install/settings.ts';
import { type Files, toDocuments, toKustomization } from './documents.ts';
import { READER, toService } from './monitors.ts';
import { IMAGE, LABELS, NAMESPACE } from './names.ts';

const ACCOUNT = { name: CONTAINER_NAME, namespace: NAMESPACE };

export function toReader(): Files {
  const folder = 'components/reader';
  const resources = ['namespace.yaml', 'rbac.yaml', 'daemonset.yaml', 'service.yaml'];
  const why = 'hostPath volumes need the level privileged; the container itself keeps to restricted.';
  return new Map([
    [`${folder}/kustomization.yaml`, toKustomization('Component', { resources })],
    [`${folder}/namespace.yaml`, toDocuments(why, toNamespace())],
    [
      `${folder}/rbac.yaml`,
      toDocuments('', toAccount(NAMESPACE), ...toRights('corespan-reader', ACCOUNT, LABELS)),
    ],
    [
      `${folder}/daemonset.yaml`,
      toDocuments('', toDaemonSet(toAddition(toSettings('reader', { image: IMAGE })))),
    ],
    [`${folder}/service.yaml`, toDocuments('', toService(READER))],
    ...toNetworkPolicy(),
  ]);
}

function toNamespace(): object {
  const level = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels: { ...LABELS, ...level } },
  };
}

export function toAccount(namespace: string): object {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: CONTAINER_NAME, namespace, labels: LABELS },
  };
}

export function toDaemonSet({ container, volumes }: Addition): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: CONTAINER_NAME, namespace: NAMESPACE, labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: { labels: LABELS },
        spec: {
          serviceAccountName: CONTAINER_NAME,
          // The DNS that is watched must not be needed to watch it.
          dnsPolicy: 'Default',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          // DNS pods run on tainted nodes too.
          tolerations: [{ operator: 'Exists' }],
          containers: [container],
          volumes,
        },
      },
    },
  };
}

/**
 * For the reader only. A NetworkPolicy holds for whole pods: one that selects DNS pods would cut off DNS itself.
 */
function toNetworkPolicy(): [string, string][] {
  const folder = 'components/network-policy';
  const to = (ports: readonly number[]): object => ({
    ports: ports.map((port) => ({ protocol: 'TCP', port })),
  });
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: CONTAINER_NAME, namespace: NAMESPACE, labels: LABELS },
    spec: {
      podSelector: { matchLabels: LABELS },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
          ...to([PORT]),
        },
      ],
      // OTLP over HTTP, which is all that corespan speaks.
      egress: [to([443, 6443]), to([4318])],
    },
  };
  const what =
    'Out: the API server and an OTLP endpoint on 443 or 4318, no DNS. In: scrapes from the namespace monitoring.\nIt selects the reader only: a policy on DNS pods would hold for DNS too.';
  return [
    [`${folder}/kustomization.yaml`, toKustomization('Component', { resources: ['network-policy.yaml'] })],
    [`${folder}/network-policy.yaml`, toDocuments(what, policy)],
  ];
}
