{{- define "gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* 52, so that what is added to it still fits into a name of 63. */}}
{{- define "gateway.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "gateway.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "gateway.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What never changes: a Deployment's selector cannot. */}}
{{- define "gateway.selector" -}}
app.kubernetes.io/name: {{ include "gateway.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "gateway.testSelector" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: test
{{- end -}}

{{- define "gateway.labels" -}}
{{- with .Values.commonLabels }}
{{- toYaml . }}
{{ end -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{ include "gateway.selector" . }}
{{- end -}}

{{- define "gateway.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "gateway.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "gateway.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The ports of regions' own listeners, as a list in JSON. */}}
{{- define "gateway.regionPorts" -}}
{{- $ports := list -}}
{{- range .Values.config.regions -}}
{{- if .listen -}}{{- $ports = append $ports (int .listen.port) -}}{{- end -}}
{{- end -}}
{{- $ports | uniq | sortAlpha | toJson -}}
{{- end -}}

{{/* The seconds of a duration as the configuration writes it: 500ms, 30s, 5m, 1h, 1d, or a number of seconds. */}}
{{- define "gateway.seconds" -}}
{{- $unit := regexFind "[a-z]+$" (toString .) | default "s" -}}
{{- mulf (regexFind "^[0-9.]+" (toString .) | float64) (get (dict "ms" 0.001 "s" 1 "m" 60 "h" 3600 "d" 86400) $unit) | ceil -}}
{{- end -}}

{{/* What the gateway takes over at its next start only: a change of it restarts the pod, of nothing else. */}}
{{- define "gateway.atStart" -}}
{{- $listeners := list -}}
{{- range .Values.config.regions -}}
{{- if or .listen .sw_patch_listen -}}{{- $listeners = append $listeners (pick . "region_name" "listen" "sw_patch_listen") -}}{{- end -}}
{{- end -}}
{{- pick .Values.config "listen" "admin" "upload" "audit" "state_dir" | toJson -}}{{- $listeners | toJson -}}
{{- end -}}

{{/* How long a pod may take to end, in seconds: what the gateway waits for, and 10 for what it tells and keeps after that. */}}
{{- define "gateway.stopsWithin" -}}
{{- $drain := default dict .Values.config.drain -}}
{{- $delay := include "gateway.seconds" (default "0s" $drain.delay) -}}
{{- $timeout := include "gateway.seconds" (default "30s" $drain.timeout) -}}
{{- addf ($delay | float64) ($timeout | float64) 10 | ceil -}}
{{- end -}}

{{- define "gateway.gracePeriod" -}}
{{- default (include "gateway.stopsWithin" . | int) (int .Values.terminationGracePeriodSeconds) -}}
{{- end -}}
