package networkpolicies

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

func TestAPolicyHasTheBodyAndTheHashOfTheReference(t *testing.T) {
	got := body("monitoring")
	require.Equal(t, map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": map[string]any{"name": "allow-from-monitoring-namespace"},
		"spec": map[string]any{
			"ingress": []any{map[string]any{"from": []any{map[string]any{
				"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": "monitoring"}},
			}}}},
			"podSelector": map[string]any{}, "policyTypes": []any{"Ingress"},
		},
	}, got)
	hash, err := kubeapi.Hash(got)
	require.NoError(t, err)
	require.Equal(t, "f8b06f95c75b510b1b3eb43820ad6c9906799574dfa2e0d21d844ef9fe5272ac", hash)
}
