package duration_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/duration"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

func TestVectors(t *testing.T) {
	all, err := vectors.Load("small-utilities")
	require.NoError(t, err)
	seen := 0
	for _, v := range all {
		var input struct {
			Kind    string `json:"kind"`
			Text    string `json:"text"`
			Seconds int64  `json:"seconds"`
		}
		require.NoError(t, json.Unmarshal(v.Input, &input), v.ID)
		var output any
		switch input.Kind {
		case "dhms":
			total, err := duration.Seconds(input.Text)
			if v.Fails() {
				require.True(t, apierr.Is(err, apierr.Invalid), "%s: %v", v.ID, err)
				seen++
				continue
			}
			require.NoError(t, err, v.ID)
			output = map[string]int64{"seconds": total}
		case "hms":
			output = map[string]string{"text": duration.Text(input.Seconds)}
		default:
			continue
		}
		seen++
		written, err := json.Marshal(output)
		require.NoError(t, err)
		require.JSONEq(t, string(v.Output), string(written), v.ID)
	}
	require.Equal(t, 19, seen)
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]int64{"1d": 86400, "1d1h1m2s": 90062, "2m1h": 3720, "90m": 5400} {
		got, err := duration.Seconds(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "h", "99999999999999999999s", "999999999999999999d", "1h 2m"} {
		_, err := duration.Seconds(text)
		require.True(t, apierr.Is(err, apierr.Invalid), "%q: %v", text, err)
	}
}
