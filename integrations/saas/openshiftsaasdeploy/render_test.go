package openshiftsaasdeploy

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

func TestTheObjectsOfAFolder(t *testing.T) {
	objects, err := manifests(map[string][]byte{
		"b.yml": []byte("---\nkind: One\ntext: |\n  a\n  --- b\n--- # next\nkind: Two\n---\n"),
		"a.yml": []byte(`{"kind": "First"}`),
		"c.yml": []byte("just text"),
	})
	require.NoError(t, err)
	require.Equal(t, []map[string]any{{"kind": "First"}, {"kind": "One", "text": "a\n--- b\n"}, {"kind": "Two"}}, objects)

	_, err = manifests(map[string][]byte{"bad.yml": []byte("a: [")})
	require.ErrorContains(t, err, "bad.yml")
}

func TestWhatIsManaged(t *testing.T) {
	st := &stage{managed: []kubeapi.Managed{{Kind: "ConfigMap"}, {Kind: "Route.route.openshift.io"}, {Kind: "Secret", Names: []string{"known"}}}}
	for _, tc := range []struct {
		version, kind, name string
		want                bool
	}{
		{"v1", "ConfigMap", "any", true},
		{"route.openshift.io/v1", "Route", "any", true},
		{"v1", "Secret", "known", true},
		{"v1", "Secret", "other", false},
		{"v1", "Service", "any", false},
		{"", "ConfigMap", "any", false},
	} {
		object := map[string]any{"kind": tc.kind, "metadata": map[string]any{"name": tc.name}}
		if tc.version != "" {
			object["apiVersion"] = tc.version
		}
		require.Equal(t, tc.want, st.manages(object), "%+v", tc)
	}
}

func TestAlertsAreLinkedToTheirTemplates(t *testing.T) {
	rule := func(annotations any) map[string]any { return map[string]any{"alert": "A", "annotations": annotations} }
	bare, linked := rule(nil), rule(map[string]any{"summary": "s"})
	linkAlerts(map[string]any{"kind": "PrometheusRule", "spec": map[string]any{"groups": []any{map[string]any{"rules": []any{bare, linked}}}}}, "https://page")
	require.Equal(t, rule(map[string]any{"summary": "s", "html_url": "https://page"}), linked)
	require.Equal(t, rule(nil), bare)
	linkAlerts(map[string]any{"kind": "PrometheusRule", "spec": "odd"}, "https://page")
}

func TestGeneratedValuesDependOnWhatIsDeployed(t *testing.T) {
	draw := func(value, publisher, commit string) string {
		text := make([]byte, 16)
		_, err := io.ReadFull(generator(map[string]string{"A": value}, publisher, commit), text)
		require.NoError(t, err)
		return string(text)
	}
	first := draw("a", "p", "c")
	require.Equal(t, first, draw("a", "p", "c"))
	require.NotEqual(t, draw("a", "p", "c"), draw("b", "p", "c"))
	require.NotEqual(t, draw("a", "p", "c"), draw("a", "q", "c"))
	require.NotEqual(t, draw("a", "p", "c"), draw("a", "p", "d"))
}

func TestAnObjectIsRealisedAfterItsControllerHasLookedAtIt(t *testing.T) {
	deployment := func(generation, observed int) map[string]any {
		return map[string]any{
			"kind": "Deployment", "metadata": map[string]any{"generation": generation}, "spec": map[string]any{"replicas": 1},
			"status": map[string]any{"observedGeneration": observed, "replicas": 1, "readyReplicas": 1, "updatedReplicas": 1},
		}
	}
	phase, _ := judge(deployment(2, 2))
	require.Equal(t, resources.Realized, phase)
	phase, words := judge(deployment(2, 1))
	require.Equal(t, resources.NotRealized, phase)
	require.Contains(t, words, "not looked at it yet")
	phase, _ = judge(map[string]any{"kind": "ConfigMap", "metadata": map[string]any{"generation": 3}})
	require.Equal(t, resources.Realized, phase)
}
