package appinterface_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

func TestJSONReadsBothForms(t *testing.T) {
	for _, tc := range []struct {
		name, answered, written string
	}{
		{"text that contains an object", `"{\"env\":\"prod\"}"`, `{"env":"prod"}`},
		{"an object in clear", `{"env":"prod"}`, `{"env":"prod"}`},
		{"text that contains a list", `"[1,2]"`, `[1,2]`},
		{"text that contains text", `"\"prod\""`, `"prod"`},
		{"text that is no JSON stays text", `"prod {"`, `"prod {"`},
		{"null", `null`, `null`},
		{"text that contains null", `"null"`, `null`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var holder struct {
				Labels appinterface.JSON `json:"labels"`
			}
			require.NoError(t, json.Unmarshal([]byte(`{"labels": `+tc.answered+`}`), &holder))
			require.Equal(t, tc.written == "null", holder.Labels.IsNull())
			written, err := json.Marshal(holder.Labels)
			require.NoError(t, err)
			require.JSONEq(t, tc.written, string(written))
		})
	}
}

func TestJSONDecodes(t *testing.T) {
	value, err := appinterface.NewJSON(map[string]string{"env": "prod"})
	require.NoError(t, err)
	labels := map[string]string{}
	require.NoError(t, value.Decode(&labels))
	require.Equal(t, map[string]string{"env": "prod"}, labels)

	require.NoError(t, appinterface.JSON{}.Decode(&labels))
	require.Equal(t, map[string]string{"env": "prod"}, labels, "null changes nothing")
	require.Error(t, value.Decode(new(int)))

	null, err := appinterface.NewJSON(nil)
	require.NoError(t, err)
	require.True(t, null.IsNull())
	_, err = appinterface.NewJSON(make(chan int))
	require.Error(t, err)
}
