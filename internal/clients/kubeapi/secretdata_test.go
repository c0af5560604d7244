package kubeapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

func TestFieldsOfASecretBecomeItsData(t *testing.T) {
	value := secret.New
	for _, tc := range []struct {
		name   string
		fields map[string]secret.Value
		want   map[string]any
		fault  string
	}{
		{"what others note beside the values is left out", map[string]secret.Value{"external-resources/updated_at": value("2026-05-01"), "a": value("")}, map[string]any{"a": ""}, ""},
		{"text is encoded", map[string]secret.Value{"a": value("text"), "empty": value("")}, map[string]any{"a": "dGV4dA==", "empty": ""}, ""},
		{"what is encoded already loses its ending and its line breaks", map[string]secret.Value{"tls.key_QB64": value("dGV4\ndA==\n")}, map[string]any{"tls.key": "dGV4dA=="}, ""},
		{"keys of every kind", map[string]secret.Value{".": value(""), "0validkey": value(""), "no_spacing": value(""), "-": value("")}, map[string]any{".": "", "0validkey": "", "no_spacing": "", "-": ""}, ""},
		{"a space in front", map[string]secret.Value{" leading_space": value("hunter2")}, nil, `" leading_space" cannot be a key`},
		{"spaces around", map[string]secret.Value{" space_padding ": value("hunter2")}, nil, `" space_padding " cannot be a key`},
		{"a space behind", map[string]secret.Value{"trailing_space ": value("hunter2")}, nil, `"trailing_space " cannot be a key`},
		{"an ampersand", map[string]secret.Value{"&invalidkey": value("hunter2")}, nil, `"&invalidkey" cannot be a key`},
		{"an exclamation mark", map[string]secret.Value{"!invalidkey": value("hunter2")}, nil, `"!invalidkey" cannot be a key`},
		{"a space within", map[string]secret.Value{"space issues": value("hunter2")}, nil, `"space issues" cannot be a key`},
		{"a path", map[string]secret.Value{"/etc/passwd": value("hunter2")}, nil, `"/etc/passwd" cannot be a key`},
		{"no name", map[string]secret.Value{"": value("hunter2")}, nil, `"" cannot be a key`},
		{"not base64", map[string]secret.Value{"a_qb64": value("hunter2!")}, nil, `the value of "a_qb64" is not base64`},
		{"one key twice", map[string]secret.Value{"a": value("hunter2"), "a_qb64": value("dGV4dA==")}, nil, `would be the key "a"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := kubeapi.SecretData(tc.fields)
			if tc.fault == "" {
				require.NoError(t, err)
				require.Equal(t, tc.want, got)
				return
			}
			require.ErrorContains(t, err, tc.fault)
			require.NotContains(t, err.Error(), "hunter2")
			require.True(t, apierr.Is(err, apierr.Invalid))
		})
	}
}
