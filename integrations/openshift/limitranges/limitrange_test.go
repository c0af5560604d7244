package limitranges

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

func TestALimitRangeHasTheBodyAndTheHashOfTheReference(t *testing.T) {
	for name, tc := range map[string]struct {
		limits []limit
		want   any
		hash   string
	}{
		"an amount that is not given is null": {
			limits: []limit{{Default: &amounts{Memory: "512Mi"}, Type: "Container"}},
			want:   []any{map[string]any{"default": map[string]any{"cpu": nil, "memory": "512Mi"}, "type": "Container"}},
			hash:   "509b823a5b560df230c09604a3c96ccabd30f8cc9a41b1617537125288c8a087",
		},
		"every kind of limit has its name": {
			limits: []limit{{
				Default: &amounts{Cpu: "1", Memory: "1Gi"}, DefaultRequest: &amounts{Cpu: "2", Memory: "2Gi"},
				Max: &amounts{Cpu: "3", Memory: "3Gi"}, MaxLimitRequestRatio: &amounts{Cpu: "4", Memory: "4"},
				Min: &amounts{Cpu: "5", Memory: "5Gi"}, Type: "Pod",
			}},
			want: []any{map[string]any{
				"default": map[string]any{"cpu": "1", "memory": "1Gi"}, "defaultRequest": map[string]any{"cpu": "2", "memory": "2Gi"},
				"max": map[string]any{"cpu": "3", "memory": "3Gi"}, "maxLimitRequestRatio": map[string]any{"cpu": "4", "memory": "4"},
				"min": map[string]any{"cpu": "5", "memory": "5Gi"}, "type": "Pod",
			}},
			hash: "0bf365deca4d4a06cf1fdb3ca2a52f6695fe0da6c1c4e52af75388480bc98ad7",
		},
		"limits keep their order": {
			limits: []limit{{Max: &amounts{Cpu: "8"}, Type: "Pod"}, {Min: &amounts{Cpu: "100m"}, Type: "Container"}},
			want: []any{
				map[string]any{"max": map[string]any{"cpu": "8", "memory": nil}, "type": "Pod"},
				map[string]any{"min": map[string]any{"cpu": "100m", "memory": nil}, "type": "Container"},
			},
			hash: "29cc63e54c10329f135f74d87b91080ac38ecc4c45b959f7e6cd3dbb74e66014",
		},
		"an empty list is null": {limits: []limit{}, want: nil, hash: "8c9a32ea4c8ce0e8753b768e4689223b391090a3aeab836113f172a939bd7ab0"},
	} {
		t.Run(name, func(t *testing.T) {
			got := body(limitRange{Name: "small", Limits: tc.limits})
			require.Equal(t, map[string]any{
				"apiVersion": "v1", "kind": "LimitRange", "metadata": map[string]any{"name": "small"},
				"spec": map[string]any{"limits": tc.want},
			}, got)
			hash, err := kubeapi.Hash(got)
			require.NoError(t, err)
			require.Equal(t, tc.hash, hash)
		})
	}
}
