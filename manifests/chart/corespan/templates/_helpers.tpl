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
{{- if lt $limit 96 -}}
{{- fail (printf "resources.limits.memory: %s ends corespan again and again, which makes a DNS pod unready; it needs 96Mi at least" .limits.memory) -}}
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
