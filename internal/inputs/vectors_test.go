package inputs_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// sharper are the vectors on which a run covers more than the reference's, each with the reason.
func sharper() map[string]string {
	return map[string]string{
		"ut-affected-shards-matched-and-unmatched": "a difference that no selector matches is ignored there as soon as another one yields a shard",
		"ut-affected-shards-nested":                "an element belongs to one scope as a whole, so that a selector below nested lists has no counterpart",
	}
}

func TestAffectedShardsVectors(t *testing.T) {
	all, err := vectors.Load("small-utilities")
	require.NoError(t, err)
	deliberate := sharper()
	for _, v := range all {
		var in struct {
			Kind      string          `json:"kind"`
			Previous  json.RawMessage `json:"previous"`
			Current   json.RawMessage `json:"current"`
			Selectors []string        `json:"selectors"`
		}
		require.NoError(t, json.Unmarshal(v.Input, &in))
		if in.Kind != "affected-shards" {
			continue
		}
		t.Run(v.ID, func(t *testing.T) {
			var want struct {
				Diffs  []string `json:"diffs"`
				Shards []string `json:"shards"`
			}
			require.NoError(t, json.Unmarshal(v.Output, &want))
			partition := inputs.Partition{}
			for _, selector := range in.Selectors {
				root, path, _ := strings.Cut(selector, "[*].")
				partition[root] = path
			}
			d, err := inputs.Compare(recorded(map[string]string{"Q": string(in.Previous)}), recorded(map[string]string{"Q": string(in.Current)}), partition)
			require.NoError(t, err)
			require.Equal(t, len(want.Diffs) == 0, d.Same())
			if deliberate[v.ID] != "" {
				require.NotEmpty(t, d.Unmapped, "it runs in full: %s", deliberate[v.ID])
				delete(deliberate, v.ID)
				return
			}
			require.Empty(t, d.Unmapped)
			slices.Sort(want.Shards)
			require.Equal(t, strings.Join(want.Shards, " "), strings.Join(d.Scopes, " "))
		})
	}
	require.Empty(t, deliberate)
}
