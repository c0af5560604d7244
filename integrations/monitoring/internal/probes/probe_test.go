package probes

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestTheAddressOfAnExporter(t *testing.T) {
	for name, tc := range map[string]struct {
		url  string
		want map[string]any
	}{
		"with a port and a path":  {"http://host:1234/path", map[string]any{"url": "host:1234", "scheme": "http", "path": "/path"}},
		"without a path":          {"https://host", map[string]any{"url": "host", "scheme": "https"}},
		"without a scheme":        {"host:1234/path", nil},
		"with another scheme":     {"ftp://host/path", nil},
		"with something unusable": {"http://host:port", nil},
	} {
		t.Run(name, func(t *testing.T) {
			prober, err := parseProber(tc.url)
			if tc.want == nil {
				require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
				require.ErrorContains(t, err, tc.url)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.want, prober.body())
		})
	}
}

func TestEachProviderHasTheEndpointsThatNameIt(t *testing.T) {
	var endpoints []Endpoint
	require.NoError(t, json.Unmarshal([]byte(`[
		{"name": "test_1", "monitoring": [{"provider": {"path": "/2xx.yml"}}, {"provider": {"path": "/3xx.yml"}}]},
		{"name": "no monitoring"}, {"name": "empty", "monitoring": []}, {"name": "gone", "monitoring": [{"provider": null}]},
		{"name": "test_2", "monitoring": [{"provider": {"path": "/2xx.yml"}}, {"provider": {"path": "/3xx.yml"}}]}]`), &endpoints))
	watched := byProvider(endpoints)
	require.Len(t, watched, 2)
	for _, path := range []string{"/2xx.yml", "/3xx.yml"} {
		require.Len(t, watched[path], 2, path)
		require.Equal(t, "test_1", watched[path][0].Name)
		require.Equal(t, "test_2", watched[path][1].Name)
	}
}

func TestAProbeHasWhatTheProviderSays(t *testing.T) {
	all := Integration{Spec: func(_ Provider, prober Prober, endpoints []Endpoint) Spec {
		return Spec{Prober: prober, Relabeling: []any{DropNamespace()}, Targets: []string{endpoints[0].URL}}
	}}
	for name, tc := range map[string]struct {
		provider string
		// spec is what the Probe has beside prober and targets, or err.
		spec   map[string]any
		labels map[string]any
		err    string
	}{
		"the interval is ten seconds where none is given": {`{"name": "p"}`, map[string]any{"jobName": "p", "interval": "10s"}, map[string]any{}, ""},
		"times and labels are taken over": {
			`{"name": "p", "timeout": "25s", "checkInterval": "1m", "metricLabels": "{\"environment\":\"staging\"}"}`,
			map[string]any{"jobName": "p", "interval": "1m", "scrapeTimeout": "25s"}, map[string]any{"environment": "staging"}, "",
		},
		"labels that are a list are refused": {`{"name": "p", "path": "/p.yml", "metricLabels": "[]"}`, nil, nil, "provider p (/p.yml): metricLabels"},
	} {
		t.Run(name, func(t *testing.T) {
			var provider Provider
			require.NoError(t, json.Unmarshal([]byte(tc.provider), &provider))
			got, err := all.probe(provider, Exporter{ExporterURL: "http://host", Namespace: Namespace{Name: "monitoring"}}, []Endpoint{{URL: "https://test1.url"}})
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			tc.spec["prober"] = map[string]any{"url": "host", "scheme": "http"}
			tc.spec["targets"] = map[string]any{"staticConfig": map[string]any{
				"relabelingConfigs": []any{map[string]any{"action": "labeldrop", "regex": "namespace"}}, "labels": tc.labels, "static": []any{"https://test1.url"},
			}}
			require.Equal(t, map[string]any{
				"apiVersion": "monitoring.coreos.com/v1", "kind": "Probe", "spec": tc.spec,
				"metadata": map[string]any{"name": "p", "namespace": "monitoring", "labels": map[string]any{"prometheus": "app-sre"}},
			}, got)
		})
	}
}
