package configfile_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// deliberate are the vectors on which we differ from the reference on purpose.
var deliberate = map[string]string{
	"ut-config-secret-6": "a field that is a table is refused: a secret is one value, and the reference hands a map to callers that expect text",
}

func TestVectors(t *testing.T) {
	all, err := vectors.Load("small-utilities")
	require.NoError(t, err)
	seen := 0
	for _, v := range all {
		var set struct {
			Kind string `json:"kind"`
		}
		require.NoError(t, json.Unmarshal(v.Input, &set), v.ID)
		if set.Kind != "config-secret" {
			continue
		}
		seen++
		var input struct {
			Config map[string]any `json:"config"`
			Secret secret.Ref     `json:"secret"`
		}
		require.NoError(t, json.Unmarshal(v.Input, &input), v.ID)
		t.Run(v.ID, func(t *testing.T) {
			var tables strings.Builder
			require.NoError(t, toml.NewEncoder(&tables).Encode(input.Config))
			got, err := reader(t, tables.String()).Read(t.Context(), input.Secret)
			switch {
			case deliberate[v.ID] != "":
				require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			case v.Fails():
				require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
			default:
				require.NoError(t, err)
				written, err := json.Marshal(map[string]string{"value": got.Reveal()})
				require.NoError(t, err)
				require.JSONEq(t, string(v.Output), string(written))
			}
		})
	}
	require.Equal(t, 4, seen)
}
