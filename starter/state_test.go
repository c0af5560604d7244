package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// stateful runs commands with state in a folder of the test.
func stateful(t *testing.T) func(stdin string, args ...string) answer {
	t.Helper()
	return statefulAt(t, "file://"+t.TempDir())
}

func statefulAt(t *testing.T, url string) func(stdin string, args ...string) answer {
	t.Helper()
	return func(stdin string, args ...string) answer {
		var stdout, stderr bytes.Buffer
		code := execute(t.Context(), program{
			args: append([]string{"state"}, args...), stdin: strings.NewReader(stdin), stdout: &stdout, stderr: &stderr,
			getenv:   func(name string) string { return map[string]string{state.EnvURL: url}[name] },
			families: integrations.All(),
		})
		return answer{code, stdout.String(), stderr.String()}
	}
}

func TestState(t *testing.T) {
	run := stateful(t)
	require.Equal(t, "[]\n", run("", "ls", "-o", "json").stdout)

	a := run("", "set", "sql-query", "app/query", `{"at": 1743000000}`)
	require.Equal(t, answer{exitSuccess, "Stored app/query of sql-query.\n", ""}, a)
	a = run("", "set", "sql-query", "app/query", "2")
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "it is there already; --force replaces it")
	require.JSONEq(t, `{"at": 1743000000}`, run("", "get", "sql-query", "app/query").stdout)

	a = run(`"DONE"`+"\n", "set", "sql-query", "app/query", "--force", "-o", "json")
	require.Equal(t, exitSuccess, a.code, a.stderr)
	require.JSONEq(t, `{"integration": "sql-query", "key": "app/query", "value": "DONE", "metadata": {}}`, a.stdout)
	require.Equal(t, "\"DONE\"\n", run("", "get", "sql-query", "app/query").stdout)
	require.JSONEq(t, a.stdout, run("", "get", "sql-query", "app/query", "-o", "json").stdout)
	require.Equal(t, exitSuccess, run("1", "set", "ldap-groups", "managed_groups", "-").code)

	require.JSONEq(t, `[{"integration": "ldap-groups", "key": "managed_groups"}, {"integration": "sql-query", "key": "app/query"}]`, run("", "ls", "-o", "json").stdout)
	require.JSONEq(t, `[{"integration": "sql-query", "key": "app/query"}]`, run("", "ls", "sql-query", "-o", "json").stdout)
	require.Regexp(t, `(?m)^ *sql-query +app/query *$`, run("", "ls").stdout)

	require.Equal(t, answer{exitSuccess, "Removed app/query of sql-query.\n", ""}, run("", "rm", "sql-query", "app/query"))
	for _, verb := range []string{"rm", "get"} {
		a = run("", verb, "sql-query", "app/query")
		require.Equal(t, exitFailure, a.code)
		require.Contains(t, a.stderr, "state/sql-query/app/query: there is no such key")
	}
	require.JSONEq(t, `{"integration": "sql-query", "key": "app/query", "removed": false}`, run("", "rm", "sql-query", "app/query", "--force", "-o=json").stdout)
}

func TestStateUsageErrors(t *testing.T) {
	run := stateful(t)
	for _, tc := range []struct {
		name string
		args []string
		says string
	}{
		{"text without quotes", []string{"set", "sql-query", "query", "DONE"}, `text needs quotes of its own: '"DONE"'`},
		{"an empty value", []string{"set", "sql-query", "query", ""}, "the value is not JSON"},
		{"an empty standard input", []string{"set", "sql-query", "query"}, "the value is not JSON"},
		{"no key", []string{"get", "sql-query"}, "expected an integration and a key"},
		{"too much", []string{"ls", "sql-query", "query"}, "expected the name of one integration, or nothing"},
		{"an unknown format", []string{"ls", "-o", "text"}, "-o text: expected one of table, json"},
		{"an unknown flag", []string{"rm", "--forced", "sql-query", "query"}, "did you mean --force?"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := run("", tc.args...)
			require.Equal(t, exitUsage, a.code)
			require.Contains(t, a.stderr, tc.says)
			require.Empty(t, a.stdout)
		})
	}
	t.Setenv(config.EnvPath, "")
	a := statefulAt(t, "")("", "ls")
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "state is configured in no environment variable")
	require.Contains(t, a.stderr, "pass --config, or set QONTRACT_CONFIG")
}

func TestStateInTheBucketThatAppInterfaceNames(t *testing.T) {
	objects := s3mem.New()
	require.NoError(t, objects.CreateBucket("estate-state"))
	s3 := httptest.NewServer(gofakes3.New(objects).Server())
	t.Cleanup(s3.Close)
	folder := t.TempDir()
	t.Setenv("AWS_ENDPOINT_URL_S3", s3.URL)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(folder, "nothing"))
	t.Setenv("AWS_PROFILE", "")

	bundle, err := server.ReadFolder(fstest.MapFS{"data/settings.yml": {Data: []byte(`$schema: /app-interface/app-interface-settings-1.yml
name: settings
vault: false
state: {provider: s3, bucket: estate-state, region: us-east-1, credentials: {path: aws/state, field: all}}
`)}}, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	app.Load(bundle)
	serving := httptest.NewServer(app.Handler())
	t.Cleanup(serving.Close)
	path := filepath.Join(folder, "config.toml")
	require.NoError(t, os.WriteFile(path, []byte("[graphql]\nserver = \""+serving.URL+"/graphql\"\n[aws.state]\naws_access_key_id = \"id\"\naws_secret_access_key = \"hunter2\"\n"), 0o600))

	a := statefulAt(t, "")("", "set", "sql-query", "query", "1", "--config", path)
	require.Equal(t, exitSuccess, a.code, a.stderr)
	_, err = objects.HeadObject("estate-state", "state/sql-query/query")
	require.NoError(t, err)

	loaded, err := config.Load(path)
	require.NoError(t, err)
	t.Setenv(state.EnvURL, "")
	set, err := clients.FromConfig(loaded)
	require.NoError(t, err)
	found, err := set.State("sql-query").Get(t.Context(), "query")
	require.NoError(t, err)
	require.JSONEq(t, "1", string(found.Value), "integrations have the same state")
}
