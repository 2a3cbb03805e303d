/**
 * The Helm chart: the same objects, with values where clusters differ.
 *
 * The container is rendered from the one description with marks in place of values; the marks then become template
 * expressions. So a field that is added to the description is in the chart too.
 */
import { toAddition } from '../../src/install/container.ts';
import type { Addition, Resources } from '../../src/install/objects.ts';
import { toRules } from '../../src/install/rights.ts';
import { toResources, toSettings, type Vantage } from '../../src/install/settings.ts';
import { VERSION } from '../../src/version.ts';
import { toSchema } from './chartSchema.ts';
import { HELPERS, NETWORK_POLICY, NOTES, POD_MONITORS, toValues } from './chartTexts.ts';
import { type Files, toDocuments, toYaml } from './documents.ts';
import { APP_NAMES, type App, LABELS, RBAC, ROLE, toBinding } from './names.ts';
import { toPolicy, toPolicyBinding } from './policy.ts';
import { toAccount, toDaemonSet } from './reader.ts';

const FOLDER = 'chart/corespan';
const MADE = '{{- /* Made by `npm run generate`; change scripts/manifests, not this file. */ -}}\n';

export function toChart(): Files {
  const files: [string, string][] = [
    ['Chart.yaml', toDocuments('', CHART)],
    ['values.yaml', toValues()],
    ['values.schema.json', `${JSON.stringify(toSchema(), undefined, 2)}\n`],
    ['templates/_helpers.tpl', MADE + HELPERS],
    ['templates/rbac.yaml', toTemplate('', ROLE_OBJECT)],
    ['templates/reader.yaml', toReaderTemplate()],
    ['templates/policy.yaml', toPolicyTemplate()],
    ['templates/pod-monitors.yaml', MADE + POD_MONITORS],
    ['templates/network-policy.yaml', MADE + NETWORK_POLICY],
    ['templates/NOTES.txt', NOTES],
  ];
  return new Map(files.map(([path, content]) => [`${FOLDER}/${path}`, content]));
}

const CHART = {
  apiVersion: 'v2',
  name: 'corespan',
  description:
    'Who asked for whom: the query logs of CoreDNS and NodeLocal DNSCache as spans, service graph and metrics',
  type: 'application',
  version: VERSION,
  appVersion: VERSION,
  // Earlier ones have no subPathExpr.
  kubeVersion: '>=1.25.0-0',
  keywords: ['coredns', 'dns', 'opentelemetry', 'service-graph'],
};

const ROLE_OBJECT = {
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRole',
  metadata: { name: ROLE, labels: LABELS },
  rules: toRules(),
};

/** Where in the values the resources of a vantage stand. */
const RESOURCES: Readonly<Record<Vantage, string>> = {
  reader: '.Values.resources',
  coredns: '.Values.resources',
  'node-local-dns': '.Values.nodeLocalDns.resources',
};

function toReaderTemplate(): string {
  const settings = toSettings('reader', { image: mark('image'), resources: MARKED_RESOURCES });
  const { container, volumes } = toAddition(settings);
  const env = container.env.flatMap((variable) =>
    variable.name === 'NODE_OPTIONS' ? [{ name: mark('config'), value: '' }, toHeapVariable()] : [variable],
  );
  const daemonSet = toDaemonSet({ container: { ...container, env }, volumes });
  const account = { name: 'corespan', namespace: mark('namespace') };
  const text = [toAccount(mark('namespace')), toBinding('corespan-reader', account), daemonSet]
    .map(toYaml)
    .join('---\n');
  return toTemplate(
    'eq .Values.mode "reader"',
    text
      .replaceAll('namespace: corespan', `namespace: ${mark('namespace')}`)
      .replace('- operator: Exists', mark('tolerations'))
      .replace('kubernetes.io/os: linux', mark('nodeSelector')),
    RESOURCES.reader,
  );
}

function toPolicyTemplate(): string {
  const parameters = `apiVersion: v1
kind: ConfigMap
metadata:
  name: corespan-policy
  namespace: kube-system
  labels:
    app.kubernetes.io/name: corespan
data:
  image: {{ include "corespan.image" . | quote }}
  {{- range $name, $value := .Values.config }}
  {{ include "corespan.variable" $name }}: {{ include "corespan.text" $value }}
  {{- end }}
`;
  const [coredns, nodeLocalDns] = APP_NAMES.map(toPolicyText);
  const binding = toYaml(
    toBinding('corespan-node-local-dns', { name: 'node-local-dns', namespace: 'kube-system' }),
  );
  const condition = '{{- if .Values.nodeLocalDns.enabled }}\n';
  return `${MADE}{{- if eq .Values.mode "policy" }}\n${parameters}---\n${coredns}${condition}---\n${nodeLocalDns}---\n${binding}{{- end }}\n{{- end }}\n`;
}

function toPolicyText(app: App): string {
  const { container, volumes } = toAddition(toSettings(app, { resources: MARKED_RESOURCES }));
  const env = container.env.map((variable) =>
    variable.name === 'NODE_OPTIONS' ? toHeapVariable() : variable,
  );
  const addition: Addition = { container: { ...container, env }, volumes };
  const resources = RESOURCES[app];
  return `${toYaml(toPolicy(app, addition))}---\n${toYaml(toPolicyBinding(app))}`
    .replace(/Object\.spec\.containers\.resources\{requests: .*?, limits: .*?"\}\}/, () => {
      const toMap = (part: string): string => `${part}: {{ ${resources}.${part} | toJson }}`;
      return `Object.spec.containers.resources{${toMap('requests')}, ${toMap('limits')}}`;
    })
    .replaceAll(mark('heap'), `{{ include "corespan.heap" ${resources}.limits.memory }}`);
}

type Mark = 'image' | 'namespace' | 'config' | 'tolerations' | 'nodeSelector' | 'heap';

/** A word that no manifest holds; `toTemplate` puts the expression of that name in its place. */
function mark(name: Mark): string {
  return `MARK_${name}_MARK`;
}

const MARKED_RESOURCES: Resources = toResources('reader');

function toHeapVariable(): { readonly name: string; readonly value: string } {
  return { name: 'NODE_OPTIONS', value: `--max-old-space-size=${mark('heap')}` };
}

/** Expressions by the name of their mark. */
function toExpressions(resources: string): Readonly<Record<Mark, string>> {
  return {
    image: '{{ include "corespan.image" . | quote }}',
    namespace: '{{ .Release.Namespace }}',
    config: '',
    tolerations: '{{- toYaml .Values.tolerations | nindent 6 }}',
    nodeSelector: '{{- toYaml .Values.nodeSelector | nindent 8 }}',
    heap: `{{ include "corespan.heap" ${resources}.limits.memory }}`,
  };
}

const CONFIG = `        {{- range $name, $value := .Values.config }}
        - name: {{ include "corespan.variable" $name }}
          value: {{ include "corespan.text" $value }}
        {{- end }}
`;

function toTemplate(condition: string, content: object | string, resources = ''): string {
  let text = typeof content === 'string' ? content : toYaml(content);
  text = text
    .replace(new RegExp(`^ *- name: ${mark('config')}\\n *value: ""\\n`, 'm'), CONFIG)
    .replace(
      /^( *)resources:\n(?:\1 .*\n)+/m,
      `$1resources:\n          {{- toYaml ${resources} | nindent 10 }}\n`,
    );
  for (const [name, expression] of Object.entries(toExpressions(resources))) {
    text = text.replaceAll(`MARK_${name}_MARK`, () => expression);
  }
  return condition === '' ? MADE + text : `${MADE}{{- if ${condition} }}\n${text}{{- end }}\n`;
}
