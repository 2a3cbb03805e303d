/**
 * The Helm chart: the same objects, with values where clusters differ.
 *
 * The container is rendered from the one description with marks in place of values; the marks then become template
 * expressions. So a field that is added to the description is in the chart too.
 */
import { toAddition } from '../../src/install/container.ts';
import type { Addition } from '../../src/install/objects.ts';
import { toRights } from '../../src/install/rights.ts';
import { toResources, toSettings, type Vantage } from '../../src/install/settings.ts';
import { VERSION } from '../../src/version.ts';
import { toCel } from './cel.ts';
import { toSchema } from './chartSchema.ts';
import { HELPERS, NETWORK_POLICY, NOTES, POD_MONITORS, toValues } from './chartTexts.ts';
import { type Files, toDocuments, toYaml } from './documents.ts';
import { APP_NAMES, type App, LABELS } from './names.ts';
import { CEL_TYPE, toPolicy, toPolicyBinding } from './policy.ts';
import { toAccount, toDaemonSet } from './reader.ts';

const FOLDER = 'chart/corespan';
const MADE = '{{- /* Made by `npm run generate`; change scripts/manifests, not this file. */ -}}\n';

export function toChart(): Files {
  const files: [string, string][] = [
    ['Chart.yaml', toDocuments('', CHART)],
    ['values.yaml', toValues()],
    ['values.schema.json', `${JSON.stringify(toSchema(), undefined, 2)}\n`],
    ['templates/_helpers.tpl', MADE + HELPERS],
    ['templates/rbac.yaml', toRightsTemplate()],
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
  // discovery.k8s.io/v1, which the endpoint slices are read from.
  kubeVersion: '>=1.21.0-0',
  keywords: ['coredns', 'dns', 'opentelemetry', 'service-graph'],
};

/** Where in the values the resources of a vantage stand. */
const RESOURCES: Readonly<Record<Vantage, string>> = {
  reader: '.Values.resources',
  coredns: '.Values.resources',
  'node-local-dns': '.Values.nodeLocalDns.resources',
};

/** For the account of the reader, or for that of the cache, whose pods the policy changes. */
function toRightsTemplate(): string {
  const account = { name: mark('account'), namespace: mark('accountNamespace') };
  const text = toRights(mark('rights'), account, LABELS).map(toYaml).join('---\n');
  return toTemplate('or (eq .Values.mode "reader") .Values.nodeLocalDns.enabled', text);
}

/** Everything that a value can bring; what depends on one is put under its condition later. */
const WHOLE = {
  image: mark('image'),
  resources: toResources('reader'),
  otlpHeadersSecret: mark('headers'),
  logSource: 'docker',
} as const;

function toReaderTemplate(): string {
  const { container, volumes } = toAddition(toSettings('reader', WHOLE));
  const env = container.env.flatMap((variable) =>
    variable.name === 'NODE_OPTIONS' ? [{ name: mark('config'), value: '' }, toHeapVariable()] : [variable],
  );
  const daemonSet = toDaemonSet({ container: { ...container, env }, volumes });
  const text = [toAccount(mark('namespace')), daemonSet].map(toYaml).join('---\n');
  return toTemplate(
    'eq .Values.mode "reader"',
    text
      .replaceAll('namespace: corespan', `namespace: ${mark('namespace')}`)
      .replace('- operator: Exists', mark('tolerations'))
      .replace(/^( *)dnsPolicy:/m, `$1${mark('pullSecrets')}\n$&`)
      .replace(toItem('OTEL_EXPORTER_OTLP_HEADERS'), (item) => under('.Values.otlpHeadersSecret', item))
      .replaceAll(toItem('corespan-docker'), (item) => under(IS_DOCKER, item))
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
  const condition = '{{- if .Values.nodeLocalDns.enabled }}\n';
  return `${MADE}{{- if eq .Values.mode "policy" }}\n${parameters}---\n${coredns}${condition}---\n${nodeLocalDns}{{- end }}\n{{- end }}\n`;
}

function toPolicyText(app: App): string {
  const { container, volumes } = toAddition(toSettings(app, { ...WHOLE, image: '' }));
  const env = container.env.map((variable) =>
    variable.name === 'NODE_OPTIONS' ? toHeapVariable() : variable,
  );
  const addition: Addition = { container: { ...container, env }, volumes };
  const resources = RESOURCES[app];
  return `${toYaml(toPolicy(app, addition))}---\n${toYaml(toPolicyBinding(app))}`
    .replace(/Object\.spec\.containers\.resources\{requests: .*?, limits: .*?"\}\}/, () => {
      const toMap = (part: string): string =>
        `${part}: {{ (include "corespan.resources" ${resources} | fromJson).${part} | toJson }}`;
      return `Object.spec.containers.resources{${toMap('requests')}, ${toMap('limits')}}`;
    })
    .replace(toOptional(container.env, CEL_TYPE.env, 'OTEL_EXPORTER_OTLP_HEADERS'), (item) =>
      inline('.Values.otlpHeadersSecret', item),
    )
    .replace(toOptional(container.volumeMounts, CEL_TYPE.mount, 'corespan-docker'), (item) =>
      inline(IS_DOCKER, item),
    )
    .replace(/,\n *JSONPatch\{[^\n]*name: "corespan-docker"[^\n]*\}\}(?=,?\n)/, (item) =>
      inline(IS_DOCKER, item),
    )
    .replaceAll(mark('headers'), '{{ .Values.otlpHeadersSecret }}')
    .replaceAll(mark('heap'), `{{ include "corespan.heap" ${resources}.limits.memory }}`);
}

const IS_DOCKER = 'eq .Values.logSource "docker"';

/** The item of that name in a list of YAML. */
function toItem(name: string): RegExp {
  return new RegExp(`^( *)- name: ${name}\\n(?:\\1  .*\\n)+`, 'gm');
}

function under(condition: string, item: string): string {
  const indent = /^ */.exec(item)?.[0] ?? '';
  return `${indent}{{- if ${condition} }}\n${item}${indent}{{- end }}\n`;
}

/** The item of that name in a list of CEL, with the comma before it. */
function toOptional(list: readonly { readonly name: string }[], type: string, name: string): string {
  return `, ${toCel(
    list.find((item) => item.name === name),
    type,
  )}`;
}

function inline(condition: string, item: string): string {
  return `{{ if ${condition} }}${item}{{ end }}`;
}

type Mark =
  | 'account'
  | 'accountNamespace'
  | 'config'
  | 'headers'
  | 'heap'
  | 'image'
  | 'namespace'
  | 'nodeSelector'
  | 'pullSecrets'
  | 'rights'
  | 'tolerations';

/** A word that no manifest holds; `toTemplate` puts the expression of that name in its place. */
function mark(name: Mark): string {
  return `MARK_${name}_MARK`;
}

function toHeapVariable(): { readonly name: string; readonly value: string } {
  return { name: 'NODE_OPTIONS', value: `--max-old-space-size=${mark('heap')}` };
}

/** Expressions by the name of their mark. */
function toExpressions(resources: string): Readonly<Record<Mark, string>> {
  return {
    image: '{{ include "corespan.image" . | quote }}',
    account: '{{ ternary "corespan" "node-local-dns" (eq .Values.mode "reader") }}',
    accountNamespace: '{{ ternary .Release.Namespace "kube-system" (eq .Values.mode "reader") }}',
    rights: '{{ .Release.Name }}-chart',
    headers: '{{ .Values.otlpHeadersSecret | quote }}',
    pullSecrets:
      '{{- with .Values.imagePullSecrets }}\n      imagePullSecrets:\n      {{- toYaml . | nindent 6 }}\n      {{- end }}',
    namespace: '{{ .Release.Namespace }}',
    config: '',
    tolerations: '{{- toYaml (.Values.tolerations | default list) | nindent 8 }}',
    nodeSelector: '{{- toYaml (.Values.nodeSelector | default dict) | nindent 8 }}',
    heap: `{{ include "corespan.heap" ${resources}.limits.memory }}`,
  };
}

const CONFIG = `        {{- range $name, $value := .Values.config }}
        - name: {{ include "corespan.variable" $name }}
          value: {{ include "corespan.text" $value }}
        {{- end }}
`;

function toTemplate(condition: string, content: string, resources = ''): string {
  let text = content
    .replace(new RegExp(`^ *- name: ${mark('config')}\\n *value: ""\\n`, 'm'), CONFIG)
    .replace(
      /^( *)resources:\n(?:\1 .*\n)+/m,
      `$1resources:\n          {{- include "corespan.resources" ${resources} | fromJson | toYaml | nindent 10 }}\n`,
    );
  for (const [name, expression] of Object.entries(toExpressions(resources)) as [Mark, string][]) {
    text = text.replaceAll(mark(name), () => expression);
  }
  return `${MADE}{{- if ${condition} }}\n${text}{{- end }}\n`;
}
