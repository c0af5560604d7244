package state_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// signatures notes who asks for which bucket: credentials, region and path of the requests that open one.
type signatures struct {
	mu   sync.Mutex
	seen []string
}

var signed = regexp.MustCompile(`Credential=([^/]+)/\d+/([^/]+)/s3/`)

func (s *signatures) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Has("list-type") {
		_, _ = w.Write([]byte(`<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`))
		return
	}
	who := signed.FindStringSubmatch(r.Header.Get("Authorization"))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, who[1]+" "+who[2]+" "+r.URL.Path)
}

const settingsFile = `$schema: /app-interface/app-interface-settings-1.yml
name: settings
vault: false
`

const accountFile = `$schema: /aws/account-1.yml
name: app-sre
uid: "123456789012"
resourcesDefaultRegion: eu-west-1
automationToken: {path: creds/account, field: all}
`

// knowing is an app-interface with the files, and the secrets of a configuration file.
func knowing(t *testing.T, files map[string]string) func() (graphql.Client, secret.Reader, error) {
	t.Helper()
	folder := fstest.MapFS{}
	for name, text := range files {
		folder["data/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	bundle, err := server.ReadFolder(folder, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	app.Load(bundle)
	serving := httptest.NewServer(app.Handler())
	t.Cleanup(serving.Close)
	client, err := appinterface.New(appinterface.Config{URL: serving.URL + "/graphql"})
	require.NoError(t, err)
	loaded, err := config.Parse("config.toml", `
[graphql]
server = "http://localhost/graphql"
[creds.settings]
aws_access_key_id = "of-settings"
aws_secret_access_key = "hunter2"
[creds.account]
aws_access_key_id = "of-account"
aws_secret_access_key = "hunter2"
[creds.named]
aws_access_key_id = "of-secret"
aws_secret_access_key = "hunter2"
[creds.half]
aws_access_key_id = "half"
`)
	require.NoError(t, err)
	return func() (graphql.Client, secret.Reader, error) {
		return client.For("", "", false), configfile.New(loaded.Secrets), nil
	}
}

func TestTheFirstCompleteConfigurationCounts(t *testing.T) {
	plainAWS(t)
	asked := &signatures{}
	s3 := httptest.NewServer(asked)
	t.Cleanup(s3.Close)
	t.Setenv("AWS_ENDPOINT_URL_S3", s3.URL)
	profiles := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(profiles, []byte("[profile state]\naws_access_key_id = of-profile\naws_secret_access_key = hunter2\n"), 0o600))
	t.Setenv("AWS_CONFIG_FILE", profiles)
	app := knowing(t, map[string]string{
		"settings.yml": settingsFile + "state: {provider: s3, bucket: settings-bucket, region: us-west-1, credentials: {path: creds/settings, field: all}}\n",
		"account.yml":  accountFile,
	})

	// Each step takes away what decided before.
	env := map[string]string{
		state.EnvURL:                                   "file://" + t.TempDir(),
		"AWS_CONFIG_FILE":                              profiles,
		"APP_INTERFACE_STATE_AWS_PROFILE":              "state",
		"APP_INTERFACE_STATE_VAULT_SECRET":             "creds/named",
		"APP_INTERFACE_STATE_BUCKET":                   "env-bucket",
		"APP_INTERFACE_STATE_BUCKET_REGION":            "us-east-2",
		"APP_INTERFACE_STATE_BUCKET_ACCOUNT":           "app-sre",
		"APP_INTERFACE_STATE_BUCKET_ACCESS_KEY_ID":     "of-environment",
		"APP_INTERFACE_STATE_BUCKET_SECRET_ACCESS_KEY": "hunter2",
	}
	for _, tc := range []struct {
		name  string
		unset string
		opens []string
	}{
		{"a URL", "", nil},
		{"a profile", state.EnvURL, []string{"of-profile us-east-2 /env-bucket"}},
		{"no profile without a configuration file", "AWS_CONFIG_FILE", []string{"of-secret us-east-2 /env-bucket"}},
		{"a secret", "APP_INTERFACE_STATE_AWS_PROFILE", []string{"of-secret us-east-2 /env-bucket"}},
		{"static credentials", "APP_INTERFACE_STATE_VAULT_SECRET", []string{"of-environment us-east-2 /env-bucket"}},
		{"an account", "APP_INTERFACE_STATE_BUCKET_ACCESS_KEY_ID", []string{"of-account us-east-2 /env-bucket"}},
		{"an account and its region", "APP_INTERFACE_STATE_BUCKET_REGION", []string{"of-account eu-west-1 /env-bucket"}},
		{"the settings of app-interface", "APP_INTERFACE_STATE_BUCKET_ACCOUNT", []string{"of-settings us-west-1 /settings-bucket"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			delete(env, tc.unset)
			now := maps.Clone(env)
			asked.seen = nil
			backend := state.New(state.Options{Getenv: func(name string) string { return now[name] }, AppInterface: app})
			for range 2 {
				_, err := backend.Store("sql-query").List(t.Context())
				require.NoError(t, err)
			}
			require.Equal(t, tc.opens, asked.seen, "the bucket is opened once")
		})
	}
}

func TestAConfigurationThatLeadsNowhereSaysWhatToDo(t *testing.T) {
	plainAWS(t)
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
	env := func(pairs ...string) map[string]string {
		all := map[string]string{"APP_INTERFACE_STATE_BUCKET": "b", "APP_INTERFACE_STATE_BUCKET_REGION": "us-east-1"}
		for i := 0; i < len(pairs); i += 2 {
			all[pairs[i]] = pairs[i+1]
		}
		return all
	}
	for _, tc := range []struct {
		name  string
		env   map[string]string
		files map[string]string
		says  string
	}{
		{"nothing at all", nil, nil, "add state to the app-interface-settings datafile; or set APP_INTERFACE_STATE_BUCKET"},
		{"settings without state", nil, map[string]string{"settings.yml": settingsFile}, "it is not configured where state is kept"},
		{"half of the environment", env(), map[string]string{"settings.yml": settingsFile}, "it is not configured where state is kept"},
		{"an unknown account", env("APP_INTERFACE_STATE_BUCKET_ACCOUNT", "nobody"), map[string]string{"account.yml": accountFile}, "app-interface has no AWS account nobody: correct APP_INTERFACE_STATE_BUCKET_ACCOUNT"},
		{"a version that is no number", env("APP_INTERFACE_STATE_VAULT_SECRET", "creds/named", "APP_INTERFACE_STATE_VAULT_SECRET_VERSION", "new"), nil, `APP_INTERFACE_STATE_VAULT_SECRET_VERSION is "new"`},
		{"a secret that is not there", env("APP_INTERFACE_STATE_VAULT_SECRET", "creds/nobody"), nil, "add a table [creds.nobody] to config.toml"},
		{"a secret with half of the credentials", env("APP_INTERFACE_STATE_VAULT_SECRET", "creds/half"), nil, "secret creds/half has no field aws_secret_access_key"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := map[string]string{"role.yml": "$schema: /access/role-1.yml\nname: r\n"}
			maps.Copy(files, tc.files)
			backend := state.New(state.Options{Getenv: func(name string) string { return tc.env[name] }, AppInterface: knowing(t, files)})
			_, err := backend.Store("sql-query").Exists(t.Context(), "query")
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			require.ErrorContains(t, err, tc.says)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestWhatCouldNotBeOpenedIsTriedAgain(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.WriteFile(folder, nil, 0o600))
	store := at("file://" + folder).Store("sql-query")
	_, err := store.List(t.Context())
	require.ErrorContains(t, err, folder)
	require.NoError(t, os.Remove(folder))
	keys, err := store.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, keys)
}
