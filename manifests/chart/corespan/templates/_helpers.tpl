{{- /* Made by `npm run generate`; change scripts/manifests, not this file. */ -}}
{{- define "corespan.image" -}}
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

{{- define "corespan.heap" -}}
{{- $isGi := hasSuffix "Gi" . -}}
{{- $number := trimSuffix "Gi" (trimSuffix "Mi" .) | int -}}
{{- $mebibytes := ternary (mul $number 1024) $number $isGi -}}
{{- max 16 (min (div (mul $mebibytes 62) 100) (sub $mebibytes 64)) -}}
{{- end }}
