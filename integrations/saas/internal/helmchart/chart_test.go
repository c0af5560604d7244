package helmchart_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/helmchart"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/yaml11"
)

const shop = `
-- Chart.yaml --
apiVersion: v2
name: shop
version: 0.1.0
kubeVersion: ">=1.25.0"
dependencies:
- {name: base, version: 0.1.0}
- {name: extra, version: 0.1.0, condition: extra.enabled}
-- .helmignore --
*.bak
private/
-- values.yaml --
replicas: 1
image: quay.io/team/shop
big: 12345678
extra: {enabled: false}
base: {color: red}
-- crds/one.yaml --
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ones.example.com}
-- templates/_names.tpl --
{{ define "shop.name" }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}
-- templates/NOTES.txt --
thank you
-- templates/old.yaml.bak --
not: {yaml
-- templates/private/none.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: private}
-- templates/deployment.yaml --
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.name" . }}
  namespace: {{ .Release.Namespace }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
      - image: "{{ .Values.image }}:{{ required "tag is missing" .Values.tag }}"
        args: {{ .Files.Get "files/args.txt" | fromYamlArray | toJson }}
        env: {{ toYaml .Values.env | nindent 8 }}
---
{{- if .Capabilities.APIVersions.Has "batch/v1" }}
apiVersion: batch/v1
kind: Job
metadata:
  name: hook
  annotations: {helm.sh/hook: pre-install}
spec: {big: {{ .Values.big }}, found: {{ lookup "v1" "Secret" "ns" "name" | len }}, kube: {{ .Capabilities.KubeVersion.Minor | quote }}}
{{- end }}
-- templates/empty.yaml --
{{ if .Values.never }}
apiVersion: v1
{{ end }}
-- files/args.txt --
- a
- b
-- charts/base/Chart.yaml --
apiVersion: v2
name: base
version: 0.1.0
-- charts/base/templates/map.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: base}
data: {color: {{ .Values.color }}, on: "yes"}
-- charts/extra/Chart.yaml --
apiVersion: v2
name: extra
version: 0.1.0
-- charts/extra/templates/map.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: extra}
`

const values = `{"tag": "v1", "replicas": 3, "env": [{"name": "A", "value": "1"}], "base": {"color": "blue"}}`

func files(t *testing.T, change map[string]string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, file := range txtar.Parse([]byte(shop)).Files {
		all[file.Name] = file.Data
	}
	for name, text := range change {
		all[name] = []byte(text)
		if text == "" {
			delete(all, name)
		}
	}
	return all
}

func TestAChartMakesItsObjects(t *testing.T) {
	chart, err := helmchart.Load(files(t, nil))
	require.NoError(t, err)
	for range 2 {
		objects, err := chart.Render("team-a", []byte(values))
		require.NoError(t, err)
		text, err := json.Marshal(objects)
		require.NoError(t, err)
		require.JSONEq(t, `[
			{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "base"}, "data": {"color": "blue", "true": "yes"}},
			{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "release-name-shop", "namespace": "team-a"}, "spec": {"replicas": 3, "template": {"spec": {"containers": [
				{"image": "quay.io/team/shop:v1", "args": ["a", "b"], "env": [{"name": "A", "value": "1"}]}]}}}},
			{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "hook", "annotations": {"helm.sh/hook": "pre-install"}}, "spec": {"big": 12345678, "found": 0, "kube": "37"}}
		]`, string(text))
	}
}

func TestObjectsAreThoseThatHelmPrints(t *testing.T) {
	binary, err := servers.Find("helm")
	require.NoError(t, err)
	folder := t.TempDir()
	all := files(t, nil)
	for name, text := range all {
		at := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
		require.NoError(t, os.WriteFile(at, text, 0o600))
	}
	command := exec.CommandContext(t.Context(), binary, "template", folder, "--namespace", "team-a", "--values", "-", "--kube-version", "v1.37.0")
	command.Stdin = bytes.NewReader([]byte(values))
	printed, err := command.Output()
	require.NoError(t, err)
	want, err := yaml11.ParseAll(string(printed))
	require.NoError(t, err)
	chart, err := helmchart.Load(all)
	require.NoError(t, err)
	objects, err := chart.Render("team-a", []byte(values))
	require.NoError(t, err)
	require.ElementsMatch(t, want, objects)
}

func TestWhatIsNoChartIsInvalid(t *testing.T) {
	for name, tc := range map[string]struct {
		change map[string]string
		values string
		says   string
	}{
		"no Chart.yaml":             {map[string]string{"Chart.yaml": ""}, values, "it is no chart: Chart.yaml file is missing"},
		"a library":                 {map[string]string{"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\ntype: library\n"}, values, "chart shop is of type library"},
		"a dependency that lacks":   {map[string]string{"charts/base/Chart.yaml": "", "charts/base/templates/map.yaml": ""}, values, "chart shop lacks dependencies, base: commit what `helm dependency build`"},
		"another Kubernetes":        {map[string]string{"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\nkubeVersion: <1.20.0\n"}, values, "chart shop is for Kubernetes <1.20.0"},
		"a value that is missing":   {nil, `{"env": []}`, "tag is missing"},
		"a value that breaks rules": {map[string]string{"values.schema.json": `{"properties": {"replicas": {"maximum": 2}}}`}, values, "replicas"},
		"values that are none":      {nil, `[1]`, "the values for chart shop are no names with values"},
		"a template that is none":   {map[string]string{"templates/x.yaml": "{{ nothing }}"}, values, `function "nothing" not defined`},
		"objects that are no YAML":  {map[string]string{"templates/x.yaml": "a: [\n"}, values, "what shop/templates/x.yaml makes: it is not YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			chart, err := helmchart.Load(files(t, tc.change))
			if err == nil {
				_, err = chart.Render("team-a", []byte(tc.values))
			}
			require.ErrorContains(t, err, tc.says)
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		})
	}
}
