/** corespan beside CoreDNS and NodeLocal DNSCache: patches for kustomize and for `kubectl patch`. */
import { toAddition } from '../../src/install/container.ts';
import type { Addition } from '../../src/install/objects.ts';
import { toRights } from '../../src/install/rights.ts';
import { toSettings } from '../../src/install/settings.ts';
import { type Files, toDocuments, toKustomization } from './documents.ts';
import { APP_NAMES, APPS, type App, CACHE_ACCOUNT, DNS_NAMESPACE, IMAGE, LABELS } from './names.ts';

export function toSidecars(): Files {
  return new Map(APP_NAMES.flatMap(toSidecar));
}

function toSidecar(app: App): [string, string][] {
  const { kind, label, name, container: dns } = APPS[app];
  const folder = `components/${app}-sidecar`;
  const patches = [{ path: 'add.yaml', target: { kind, labelSelector: `k8s-app=${label}` } }];
  const addition = toAddition(toSettings(app, { image: IMAGE }));
  const live = `kubectl -n ${DNS_NAMESPACE} patch ${kind.toLowerCase()} ${name} --patch-file patch.yaml`;
  return [
    [`${folder}/kustomization.yaml`, toKustomization('Component', { patches })],
    [
      `${folder}/add.yaml`,
      toDocuments(
        'A strategic merge would put the container first, where kubectl logs looks.',
        toOperations(addition),
      ),
    ],
    [
      `${folder}/patch.yaml`,
      toDocuments(
        `For a ${kind} that is in the cluster, once the image is one that every node can pull:\n  ${live}`,
        { spec: { template: { spec: toMerge(dns, addition) } } },
      ),
    ],
  ];
}

/** A merge alone would put the container first, where kubectl logs looks. */
function toMerge(dns: string, { container, volumes }: Addition): object {
  return {
    '$setElementOrder/containers': [{ name: dns }, { name: container.name }],
    containers: [container],
    volumes,
  };
}

function toOperations({ container, volumes }: Addition): object[] {
  const add = (list: string, value: object): object => ({
    op: 'add',
    path: `/spec/template/spec/${list}/-`,
    value,
  });
  return [add('containers', container), ...volumes.map((volume) => add('volumes', volume))];
}

/** CoreDNS's account has what it needs; the cache's account has nothing. */
export function toNodeLocalRights(): Files {
  const folder = 'components/node-local-dns-rbac';
  return new Map([
    [`${folder}/kustomization.yaml`, toKustomization('Component', { resources: ['rights.yaml'] })],
    [`${folder}/rights.yaml`, toDocuments('', ...toRights('corespan-node-local-dns', CACHE_ACCOUNT, LABELS))],
  ]);
}
