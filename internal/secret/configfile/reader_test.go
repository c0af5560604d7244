package configfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
)

func reader(t *testing.T, tables string) *configfile.Reader {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	require.NoError(t, os.WriteFile(path, []byte(tables+"\n[graphql]\nserver = \"http://gql\"\ntoken = \"hunter2\"\n"), 0o600))
	loaded, err := config.Load(path)
	require.NoError(t, err)
	return configfile.New(loaded.Secrets)
}

const estate = `
flat = "hunter2"
[app.creds]
user = "hunter2"
encoded = "aHVudGVyMg=="
port = 5432
ratio = 0.5
on = true
since = 2024-05-06T07:08:09Z
[app.creds."sub.table"]
deep = "hunter2"
[lists]
hosts = ["hunter2"]
`

func TestRead(t *testing.T) {
	version := 4
	for _, tc := range []struct {
		name    string
		ref     secret.Ref
		value   string
		kind    apierr.Kind
		message string
	}{
		{"a field", secret.Ref{Path: "app/creds", Field: "user"}, "hunter2", "", ""},
		{"a version is ignored", secret.Ref{Path: "app/creds", Field: "user", Version: &version}, "hunter2", "", ""},
		{"a plain format", secret.Ref{Path: "app/creds", Field: "user", Format: "plain"}, "hunter2", "", ""},
		{"base64 is decoded", secret.Ref{Path: "app/creds", Field: "encoded", Format: "base64"}, "hunter2", "", ""},
		{"a table whose name needs quotes", secret.Ref{Path: "app/creds/sub.table", Field: "deep"}, "hunter2", "", ""},
		{"a whole number", secret.Ref{Path: "app/creds", Field: "port"}, "5432", "", ""},
		{"a fraction", secret.Ref{Path: "app/creds", Field: "ratio"}, "0.5", "", ""},
		{"a boolean", secret.Ref{Path: "app/creds", Field: "on"}, "true", "", ""},
		{"a time", secret.Ref{Path: "app/creds", Field: "since"}, "2024-05-06T07:08:09Z", "", ""},
		{"what is not base64", secret.Ref{Path: "app/creds", Field: "on", Format: "base64"}, "\xb6\xbb\x9e", "", ""},
		{"what cannot be base64", secret.Ref{Path: "app/creds/sub.table", Field: "deep", Format: "base64"}, "", apierr.Invalid, "app/creds/sub.table#deep is not base64"},
		{"an unknown format", secret.Ref{Path: "app/creds", Field: "user", Format: "hex"}, "", apierr.Invalid, `unknown format "hex"`},
		{"a path that is not there", secret.Ref{Path: "app/a.b", Field: "user"}, "", apierr.Missing, `secret app/a.b is not in the configuration file: add a table [app."a.b"]`},
		{"a path that ends in a value", secret.Ref{Path: "flat", Field: "user"}, "", apierr.Missing, "add a table [flat]"},
		{"an empty path", secret.Ref{Field: "user"}, "", apierr.Missing, `add a table [""]`},
		{"a field that is not there", secret.Ref{Path: "app/creds", Field: "pass"}, "", apierr.Missing, "secret app/creds has no field pass: add the key pass to the table [app.creds]"},
		{"a field that is a list", secret.Ref{Path: "lists", Field: "hosts"}, "", apierr.Invalid, "field hosts of secret lists is a table or a list"},
		{"the credentials of app-interface", secret.Ref{Path: "graphql", Field: "token"}, "", apierr.Missing, "add a table [graphql]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := reader(t, estate).Read(t.Context(), tc.ref)
			if tc.message == "" {
				require.NoError(t, err)
				require.Equal(t, tc.value, got.Reveal())
				return
			}
			require.ErrorContains(t, err, tc.message)
			require.NotContains(t, err.Error(), "hunter2")
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
		})
	}
}

func TestReadAll(t *testing.T) {
	all, err := reader(t, estate).ReadAll(t.Context(), secret.Ref{Path: "app/creds", Field: "encoded", Format: "base64"})
	require.NoError(t, err)
	clear := map[string]string{}
	for key, value := range all {
		clear[key] = value.Reveal()
	}
	require.Equal(t, map[string]string{
		"user": "hunter2", "encoded": "aHVudGVyMg==", "port": "5432", "ratio": "0.5", "on": "true", "since": "2024-05-06T07:08:09Z",
	}, clear)

	_, err = reader(t, estate).ReadAll(t.Context(), secret.Ref{Path: "nowhere"})
	require.True(t, apierr.Is(err, apierr.Missing))
	_, err = reader(t, estate).ReadAll(t.Context(), secret.Ref{Path: "lists"})
	require.True(t, apierr.Is(err, apierr.Invalid), "a secret with a field that cannot be read is not returned in part")
}
