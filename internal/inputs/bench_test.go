package inputs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/inputs"
)

// BenchmarkCompare compares two bundles with 20,000 namespaces in 200 clusters.
func BenchmarkCompare(b *testing.B) {
	var elements []string
	for i := range 20_000 {
		elements = append(elements, fmt.Sprintf(`{"name": "ns-%d", "delete": null, "clusterAdmin": false, "managedResourceNames": null,
			"cluster": {"name": "cluster-%d", "serverUrl": "https://api.example:6443", "automationToken": {"path": "creds/c", "field": "token"}},
			"quota": {"quotas": [{"name": "small", "resources": {"limits": {"cpu": "4", "memory": "8Gi"}, "pods": 20}, "scopes": ["NotTerminating"]}]}}`, i, i%200))
	}
	base := recorded(map[string]string{"Q": `{"namespaces": [` + strings.Join(elements, ",") + `]}`})
	elements[7] = strings.Replace(elements[7], `"pods": 20`, `"pods": 25`, 1)
	head := recorded(map[string]string{"Q": `{"namespaces": [` + strings.Join(elements, ",") + `]}`})
	for b.Loop() {
		d, err := inputs.Compare(base, head, inputs.Partition{"namespaces": "cluster.name"})
		require.NoError(b, err)
		require.Equal(b, []string{"cluster-7"}, d.Scopes)
	}
}
