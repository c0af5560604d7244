{{- define "qontract-temporal.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 30 | trimSuffix "-" -}}
{{- end }}

{{- define "qontract-temporal.serviceAccount" -}}
{{- default (include "qontract-temporal.fullname" .) .Values.serviceAccount.name -}}
{{- end }}

{{- define "qontract-temporal.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "qontract-temporal.labels" -}}
{{ include "qontract-temporal.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The image of a build: (list $ version) */}}
{{- define "qontract-temporal.image" -}}
{{- $root := index . 0 }}{{ $version := index . 1 -}}
{{- if $version.digest -}}
{{ $root.Values.image.repository }}@{{ $version.digest }}
{{- else -}}
{{ $root.Values.image.repository }}:{{ default $version.buildId $version.tag }}
{{- end -}}
{{- end }}

{{/* What a pod needs under the pod security standard "restricted". */}}
{{- define "qontract-temporal.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "qontract-temporal.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "qontract-temporal.payloadEnv" -}}
- name: QONTRACT_PAYLOAD_STORE
  value: {{ .Values.payloads.store | quote }}
{{- if .Values.payloads.existingSecret }}
- name: QONTRACT_PAYLOAD_KEYS
  value: file:/etc/qontract-temporal/payloads/{{ .Values.payloads.key }}
{{- end }}
{{- end }}

{{- define "qontract-temporal.temporalEnv" -}}
- name: TEMPORAL_ADDRESS
  value: {{ .Values.temporal.address | quote }}
- name: TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
{{- with .Values.temporal.apiKey }}
{{- if .existingSecret }}
- name: TEMPORAL_API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- if include "qontract-temporal.tls" . }}
- name: TEMPORAL_TLS
  value: "true"
{{- end }}
{{- with .Values.temporal.tls }}
{{- if .existingSecret }}
- name: TEMPORAL_TLS_CLIENT_CERT_PATH
  value: /etc/qontract-temporal/tls/tls.crt
- name: TEMPORAL_TLS_CLIENT_KEY_PATH
  value: /etc/qontract-temporal/tls/tls.key
{{- if .ca }}
- name: TEMPORAL_TLS_SERVER_CA_CERT_PATH
  value: /etc/qontract-temporal/tls/ca.crt
{{- end }}
{{- end }}
{{- if .serverName }}
- name: TEMPORAL_TLS_SERVER_NAME
  value: {{ .serverName | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "qontract-temporal.tls" -}}
{{- with .Values.temporal }}{{ if or .tls.enabled .tls.existingSecret .apiKey.existingSecret }}true{{ end }}{{ end -}}
{{- end }}
