package resourcequotas

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

func TestAQuotaHasTheBodyAndTheHashOfTheReference(t *testing.T) {
	twenty, none := 20, 0
	for name, tc := range map[string]struct {
		quota quota
		hard  map[string]any
		// scopes is nil where the body has none.
		scopes any
		hash   string
	}{
		"every amount has a name of its own": {
			quota: quota{Name: "small", Resources: hard{
				Limits: &amounts{Cpu: "2", Memory: "4Gi"}, Requests: &amounts{Cpu: "1", Memory: "2Gi"}, Pods: &twenty,
			}},
			hard: map[string]any{"limits.cpu": "2", "limits.memory": "4Gi", "requests.cpu": "1", "requests.memory": "2Gi", "pods": "20"},
			hash: "2b35f25769248d78fe05ddcb09232aee580bfee8bffeb13bc0a7c443d2672c56",
		},
		"what is not given is left out": {
			quota: quota{Name: "small", Resources: hard{Limits: &amounts{Memory: "4Gi"}, Pods: &twenty}},
			hard:  map[string]any{"limits.memory": "4Gi", "pods": "20"},
			hash:  "bb5ea016cf321b65166d8479ba21415857b01afbd8689f8e38a8c95a96768487",
		},
		"zero is an amount": {
			quota: quota{Name: "none", Resources: hard{Limits: &amounts{Cpu: "0"}, Pods: &none}},
			hard:  map[string]any{"limits.cpu": "0", "pods": "0"},
			hash:  "6b852cf3d99966be9a2889f399fdebc1b9cd1503a0600e8f963d9e01ef25ec72",
		},
		"amounts keep their text": {
			quota: quota{Name: "small", Resources: hard{Limits: &amounts{Cpu: "1000m", Memory: "1.5Gi"}}},
			hard:  map[string]any{"limits.cpu": "1000m", "limits.memory": "1.5Gi"},
			hash:  "8d0e7a3bbc385959d4e1834569e2b693bff9c7307fc79adf17517765caf691db",
		},
		"scopes keep their order": {
			quota:  quota{Name: "best-effort", Resources: hard{Pods: &twenty}, Scopes: []string{"NotTerminating", "BestEffort"}},
			hard:   map[string]any{"pods": "20"},
			scopes: []any{"NotTerminating", "BestEffort"},
			hash:   "db756cc5c09f7dab77447d9c130d09296e4618ab13b828604b9107bc44413eef",
		},
		"an empty list of scopes is none": {
			quota: quota{Name: "small", Resources: hard{Limits: &amounts{Memory: "4Gi"}, Pods: &twenty}, Scopes: []string{}},
			hard:  map[string]any{"limits.memory": "4Gi", "pods": "20"},
			hash:  "bb5ea016cf321b65166d8479ba21415857b01afbd8689f8e38a8c95a96768487",
		},
	} {
		t.Run(name, func(t *testing.T) {
			spec := map[string]any{"hard": tc.hard}
			if tc.scopes != nil {
				spec["scopes"] = tc.scopes
			}
			got := body(tc.quota)
			require.Equal(t, map[string]any{
				"apiVersion": "v1", "kind": "ResourceQuota", "metadata": map[string]any{"name": tc.quota.Name}, "spec": spec,
			}, got)
			hash, err := kubeapi.Hash(got)
			require.NoError(t, err)
			require.Equal(t, tc.hash, hash)
		})
	}
}
