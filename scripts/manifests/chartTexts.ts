/** What of the chart has no like among the other manifests: helpers, notes, the values with their comments. */
import { LEAST_MEMORY } from '../../src/install/heap.ts';
import { PORT, TUNABLE, toResources } from '../../src/install/settings.ts';

const LEAST_MEBIBYTES = LEAST_MEMORY / 2 ** 20;

/** `corespan.heap` computes what `toHeapMegabytes` does; a test compares them. */
export const HELPERS = `{{- define "corespan.image" -}}
{{- with .Values.image -}}
{{- required "image.repository: set it to where every node can pull corespan from; an image that cannot be pulled keeps DNS pods from being ready" .repository -}}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end }}

{{- define "corespan.variable" -}}
CORESPAN_{{ snakecase . | upper }}
{{- end }}

{{- define "corespan.text" -}}
{{- if kindIs "slice" . }}{{ join "," . | quote }}{{ else if kindIs "float64" . }}{{ . | toString | quote }}{{ else }}{{ . | quote }}{{ end -}}
{{- end }}

{{- define "corespan.mebibytes" -}}
{{- $number := trimSuffix "Gi" (trimSuffix "Mi" .) | int -}}
{{- ternary (mul $number 1024) $number (hasSuffix "Gi" .) -}}
{{- end }}

{{- define "corespan.millicores" -}}
{{- $text := toString . -}}
{{- if hasSuffix "m" $text }}{{ trimSuffix "m" $text }}{{ else }}{{ mulf $text 1000 }}{{ end -}}
{{- end }}

{{- /* Refuses what keeps pods from being made or from staying; every quantity becomes text, as CEL needs it. */ -}}
{{- define "corespan.resources" -}}
{{- $limit := include "corespan.mebibytes" .limits.memory | int -}}
{{- if lt $limit ${LEAST_MEBIBYTES} -}}
{{- fail (printf "resources.limits.memory: %s ends corespan again and again, which makes a DNS pod unready; it needs ${LEAST_MEBIBYTES}Mi at least" .limits.memory) -}}
{{- end -}}
{{- if gt (include "corespan.mebibytes" .requests.memory | int) $limit -}}
{{- fail (printf "resources.requests.memory: %s is more than the limit of %s; no pod can be made with that" .requests.memory .limits.memory) -}}
{{- end -}}
{{- with .limits.cpu -}}
{{- if gt (include "corespan.millicores" $.requests.cpu | float64) (include "corespan.millicores" . | float64) -}}
{{- fail (printf "resources.requests.cpu: %v is more than the limit of %v; no pod can be made with that" $.requests.cpu .) -}}
{{- end -}}
{{- end -}}
{{- $texts := dict "requests" (dict) "limits" (dict) -}}
{{- range $kind := list "requests" "limits" -}}
{{- range $name, $amount := index $ $kind }}{{ $_ := set (index $texts $kind) $name (toString $amount) }}{{ end -}}
{{- end -}}
{{- toJson $texts -}}
{{- end }}

{{- define "corespan.heap" -}}
{{- $mebibytes := include "corespan.mebibytes" . | int -}}
{{- max 16 (min (div (mul $mebibytes 62) 100) (sub $mebibytes 64)) -}}
{{- end }}
`;

export const POD_MONITORS = `{{- if .Values.podMonitor.enabled }}
{{- if eq .Values.mode "reader" }}
{{- include "corespan.podMonitor" (dict "name" "corespan" "namespace" .Release.Namespace "labels" (dict "app.kubernetes.io/name" "corespan") "root" .) }}
{{- else }}
{{- include "corespan.podMonitor" (dict "name" "corespan-coredns" "namespace" "kube-system" "labels" (dict "k8s-app" "kube-dns") "root" .) }}
{{- if .Values.nodeLocalDns.enabled }}
---
{{- include "corespan.podMonitor" (dict "name" "corespan-node-local-dns" "namespace" "kube-system" "labels" (dict "k8s-app" "node-local-dns") "root" .) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "corespan.podMonitor" }}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    app.kubernetes.io/name: corespan
    {{- with .root.Values.podMonitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- toYaml .labels | nindent 6 }}
  podMetricsEndpoints:
  - port: corespan
    path: /metrics
    interval: {{ .root.Values.podMonitor.interval }}
{{- end }}
`;

export const NETWORK_POLICY = `{{- if and (eq .Values.mode "reader") .Values.networkPolicy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: corespan
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/name: corespan
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: corespan
  policyTypes:
  - Ingress
  - Egress
  ingress:
  - from:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .Values.networkPolicy.monitoringNamespace }}
    ports:
    - protocol: TCP
      port: ${PORT}
  egress:
  - ports:
    {{- range .Values.networkPolicy.egressPorts }}
    - protocol: TCP
      port: {{ . }}
    {{- end }}
{{- end }}
`;

export const NOTES = `{{- if eq .Values.mode "reader" }}
A reader runs on every node and reads the logs of the DNS pods there; the DNS pods were not touched:

  kubectl -n {{ .Release.Namespace }} rollout status daemonset/corespan
{{- else }}
DNS pods get corespan when they are made next; those that run were not touched. One first:

  kubectl -n kube-system delete pod "$(kubectl -n kube-system get pods -l k8s-app=kube-dns -o name | head -n 1 | cut -d/ -f2)"
  kubectl -n kube-system get pods -l k8s-app=kube-dns

then, if that one is Ready with one container more, all:

  kubectl -n kube-system rollout restart deployment/coredns
{{- end }}

CoreDNS has to write the query log; in the checkout of corespan this says whether it does:

  npx --no corespan doctor
`;

export function toValues(): string {
  const { requests, limits } = toResources('reader');
  const cache = toResources('node-local-dns');
  return `# Made by \`npm run generate\`; change scripts/manifests, not this file.
# values.schema.json says what is allowed; what is misspelt is refused.

# reader: a DaemonSet that reads the logs of the node's DNS pods and does not touch them. Works everywhere.
# policy: the API server adds corespan to DNS pods as they are made. Needs Kubernetes 1.36.
mode: reader

image:
  # Where every node can pull corespan from. There is no default: see docs/install/image.md.
  repository: ""
  # The chart's version unless given.
  tag: ""
  # sha256:…; beats the tag.
  digest: ""

# Some options of \`corespan run\`, by their keys in docs/reference/configuration.md:
${toLines(TUNABLE.join(', '))}
config: {}
#  otlpEndpoint: http://192.0.2.9:4318
#  sampleRatio: 0.05

# Name of a Secret whose key OTEL_EXPORTER_OTLP_HEADERS holds headers for the endpoint (authorization=Bearer …): in the
# namespace of the release, in mode policy in kube-system. Without the Secret there are no headers; pods start anyway.
otlpHeadersSecret: ""

# docker: for nodes that still run Docker, whose log files are links into a folder of Docker's.
logSource: pod

# Mode reader: Secrets to pull the image with. In mode policy DNS pods have their own, or their account has.
imagePullSecrets: []

resources:
  requests:
    cpu: ${requests.cpu}
    memory: ${requests.memory}
  # The heap is sized by the limit on memory.
  limits:
    cpu: ${limits.cpu}
    memory: ${limits.memory}

# Mode reader: which nodes.
nodeSelector:
  kubernetes.io/os: linux
tolerations:
- operator: Exists

# Mode policy: the NodeLocal DNSCache too; its account gets the right to list and watch.
nodeLocalDns:
  enabled: false
  resources:
    requests:
      cpu: ${cache.requests.cpu}
      memory: ${cache.requests.memory}
    limits:
      cpu: ${cache.limits.cpu}
      memory: ${cache.limits.memory}

# For a Prometheus Operator.
podMonitor:
  enabled: false
  interval: 30s
  labels: {}

# Mode reader. A policy on DNS pods would hold for DNS itself, so in mode policy there is none.
networkPolicy:
  enabled: false
  monitoringNamespace: monitoring
  # The API server and an OTLP endpoint; no DNS.
  egressPorts: [443, 6443, 4318]
`;
}

/** A comment of YAML, wrapped as the others are. */
function toLines(text: string): string {
  return text.replaceAll(/(.{1,116})(?: |$)/g, '# $1\n').trimEnd();
}
