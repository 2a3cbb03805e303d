/**
 * corespan by admission: the API server adds the container to DNS pods as they are made, so reconcilers that guard
 * the Deployment find nothing changed. `failurePolicy: Ignore`: without the policy pods are made as before.
 */

import { toVariable } from '../../src/config/options.ts';
import { CONTAINER_NAME, toAddition, VOLUME_NAMES } from '../../src/install/container.ts';
import { IMAGE_PATTERN } from '../../src/install/image.ts';
import type { Addition } from '../../src/install/objects.ts';
import { toRights } from '../../src/install/rights.ts';
import { TUNABLE, toSettings } from '../../src/install/settings.ts';
import { type Raw, toCel, toCelLines } from './cel.ts';
import { type Files, toDocuments, toKustomization } from './documents.ts';
import { APP_NAMES, APPS, type App, CACHE_ACCOUNT, DNS_NAMESPACE, IMAGE, LABELS } from './names.ts';

const GROUP = 'admissionregistration.k8s.io';

export function toAdmissionPolicy(): Files {
  const folder = 'components/admission-policy';
  const resources = ['config.yaml', 'rights.yaml', ...APP_NAMES.map((app) => `${app}.yaml`)];
  const what = `The image and variables for every pod that the policies change. Needs Kubernetes 1.36. A pod with the annotation\ncorespan/inject: "false" or "no" is left alone. Variables that are taken, all others are ignored:\n${VARIABLES.join('\n')}`;
  return new Map([
    [`${folder}/kustomization.yaml`, toKustomization('Component', { resources })],
    [`${folder}/config.yaml`, toDocuments(what, toParameters())],
    [
      `${folder}/rights.yaml`,
      toDocuments(
        "CoreDNS's account has what it needs; the cache's account has nothing.",
        ...toRights('corespan-policy', CACHE_ACCOUNT, LABELS),
      ),
    ],
    ...APP_NAMES.map((app): [string, string] => [
      `${folder}/${app}.yaml`,
      toDocuments('', toPolicy(app, toAddition(toSettings(app, { image: IMAGE }))), toPolicyBinding(app)),
    ]),
  ]);
}

function toParameters(): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'corespan-policy', namespace: DNS_NAMESPACE, labels: LABELS },
    data: { image: IMAGE },
  };
}

/** `addition` may hold raw expressions where a chart puts values. */
export function toPolicy(app: App, addition: Addition): object {
  const { label } = APPS[app];
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'MutatingAdmissionPolicy',
    metadata: { name: `corespan-${app}`, labels: LABELS },
    spec: {
      failurePolicy: 'Ignore',
      reinvocationPolicy: 'Never',
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: {
        namespaceSelector: {
          matchLabels: { 'kubernetes.io/metadata.name': DNS_NAMESPACE },
          // These levels refuse hostPath volumes, and so the pod.
          matchExpressions: [
            {
              key: 'pod-security.kubernetes.io/enforce',
              operator: 'NotIn',
              values: ['baseline', 'restricted'],
            },
          ],
        },
        objectSelector: { matchLabels: { 'k8s-app': label } },
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
      matchConditions: toConditions(app),
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: toPatch(addition) } }],
    },
  };
}

/**
 * What we add comes before the pod is validated, where failurePolicy does not help any more: a pod that would be
 * refused, or could not start, is left alone.
 */
function toConditions(app: App): object[] {
  const conditions: Readonly<Record<string, string>> = {
    'runs-dns': hasContainer(APPS[app].container),
    'has-no-corespan': `!${hasContainer(CONTAINER_NAME)}`,
    'has-no-names-of-ours': `!object.spec.?initContainers.orValue([]).exists(c, c.name == "${CONTAINER_NAME}") && !object.spec.?volumes.orValue([]).exists(v, v.name in ${JSON.stringify(VOLUME_NAMES)})`,
    // What its containers request together must fit into what the pod requests.
    'has-no-resources-as-a-whole': '!object.spec.?resources.hasValue()',
    'runs-on-linux':
      'object.spec.?os.?name.orValue("linux") != "windows" && object.spec.?nodeSelector["kubernetes.io/os"].orValue("linux") != "windows"',
    'wants-corespan':
      '!(object.metadata.?annotations["corespan/inject"].orValue("true").lowerAscii() in ["false", "no"])',
    'knows-the-image': `params.?data.?image.orValue("").matches(${JSON.stringify(IMAGE_PATTERN)})`,
    // There the port would be the node's; the cache is always there and has settings for it.
    ...(app === 'coredns' && { 'has-its-own-network': '!object.spec.?hostNetwork.orValue(false)' }),
  };
  return Object.entries(conditions).map(([name, expression]) => ({ name, expression }));
}

export function toPolicyBinding(app: App): object {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name: `corespan-${app}`, labels: LABELS },
    spec: {
      policyName: `corespan-${app}`,
      paramRef: { name: 'corespan-policy', namespace: DNS_NAMESPACE, parameterNotFoundAction: 'Allow' },
    },
  };
}

function hasContainer(name: string): string {
  return `object.spec.containers.exists(c, c.name == ${JSON.stringify(name)})`;
}

export const CEL_TYPE = {
  container: 'Object.spec.containers',
  env: 'Object.spec.containers.env',
  mount: 'Object.spec.containers.volumeMounts',
  volume: 'Object.spec.volumes',
};

/** Not those that the container is built on: without its port the liveness probe would end it again and again. */
const VARIABLES = TUNABLE.map((name) => toVariable(name));

/** The variables that the ConfigMap has come last. */
const GIVEN = `params.data.filter(k, k in ${JSON.stringify(VARIABLES)}).map(k, ${CEL_TYPE.env}{name: k, value: params.data[k]})`;

function toPatch({ container, volumes }: Addition): string {
  const raw = (cel: string): Raw => ({ cel });
  const expression = {
    ...container,
    image: raw('params.data.image'),
    env: raw(`${toCel(container.env, CEL_TYPE.env)} + ${GIVEN}`),
  };
  const operations = [
    toOperation('/spec/containers/-', toCelLines(expression, CEL_TYPE.container, '  ')),
    ...volumes.map((volume) => toOperation('/spec/volumes/-', toCel(volume, CEL_TYPE.volume))),
  ];
  return `(has(object.spec.volumes) ? [] : [JSONPatch{op: "add", path: "/spec/volumes", value: []}]) + [\n  ${operations.join(',\n  ')}\n]`;
}

function toOperation(path: string, value: string): string {
  return `JSONPatch{op: "add", path: ${JSON.stringify(path)}, value: ${value}}`;
}
