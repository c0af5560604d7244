package jenkinsapi_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/jenkinsapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/jenkins"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

const estate = `
users: {bot: hunter2}
jobs:
  e2e: {builds: 4}
  team/job/smoke: {}
  busy: {builds: 1, busy: true}
  paused: {disabled: true}
  asks: {parameters: true}
`

func serve(t *testing.T, text string) string {
	t.Helper()
	parsed, err := jenkins.ParseEstate([]byte(text))
	require.NoError(t, err)
	server := httptest.NewServer(jenkins.New(parsed))
	t.Cleanup(server.Close)
	return server.URL
}

func connect(t *testing.T, url, password string) *jenkinsapi.Client {
	t.Helper()
	client, err := jenkinsapi.New(jenkinsapi.Config{URL: url, User: "bot", Password: secret.New(password)})
	require.NoError(t, err)
	return client
}

func TestAJobIsBuilt(t *testing.T) {
	for name, text := range map[string]string{"with a crumb": estate, "without crumbs": estate + "noCrumbs: true\n"} {
		t.Run(name, func(t *testing.T) {
			client := connect(t, serve(t, text), "hunter2")
			for job, want := range map[string][2]jenkinsapi.Job{
				"e2e":            {{NextBuild: 5}, {NextBuild: 6}},
				"team/job/smoke": {{NextBuild: 1}, {NextBuild: 2}},
				"busy":           {{NextBuild: 2}, {NextBuild: 2, Queued: true}},
			} {
				before, err := client.GetJob(t.Context(), job)
				require.NoError(t, err)
				require.Equal(t, want[0], before, job)
				require.NoError(t, client.Build(readonly.Grant(t.Context()), job))
				after, err := client.GetJob(t.Context(), job)
				require.NoError(t, err)
				require.Equal(t, want[1], after, job)
			}
		})
	}
}

func TestWhatCannotBeBuilt(t *testing.T) {
	client := connect(t, serve(t, estate), "hunter2")
	for _, tc := range []struct {
		job  string
		kind apierr.Kind
		says string
	}{
		{"gone", apierr.Missing, "build job gone: Not Found (404)"},
		{"paused", apierr.Invalid, "Conflict (409): enable the job"},
		{"asks", apierr.Invalid, "Bad Request (400)"},
		{"..", apierr.Invalid, `".." is no name of a job`},
		{"", apierr.Invalid, `"" is no name of a job`},
	} {
		err := client.Build(readonly.Grant(t.Context()), tc.job)
		require.True(t, apierr.Is(err, tc.kind), "%s: %v", tc.job, err)
		require.ErrorContains(t, err, tc.says)
	}
	_, err := client.GetJob(t.Context(), "gone")
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
}

func TestNoBuildOutsideApply(t *testing.T) {
	client := connect(t, serve(t, estate), "hunter2")
	require.True(t, apierr.Is(client.Build(t.Context(), "e2e"), apierr.Guard))
	job, err := client.GetJob(t.Context(), "e2e")
	require.NoError(t, err)
	require.Equal(t, 5, job.NextBuild)
}

func TestAPasswordThatIsRefused(t *testing.T) {
	err := connect(t, serve(t, estate), "wrong").Build(readonly.Grant(t.Context()), "e2e")
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	require.ErrorContains(t, err, "Unauthorized (401): renew the token of the Jenkins instance")
}

// vault holds one field per path.
type vault map[string]string

func (v vault) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	text, ok := v[ref.Path]
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "%s is not there", ref)
	}
	return secret.New(text), nil
}

func (v vault) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) { return nil, nil }

func TestTheTokenOfAnInstance(t *testing.T) {
	url := serve(t, estate)
	pool := jenkinsapi.NewPool(vault{
		"good":     "[jenkins]\nurl = \"" + url + "\"\nuser = \"bot\"\npassword = \"hunter2\"\n",
		"no TOML":  "hunter2",
		"no user":  "[jenkins]\nurl = \"https://ci.example\"\npassword = \"hunter2\"\n",
		"no table": "url = \"https://ci.example\"\n",
		"no URL":   "[jenkins]\nurl = \"hunter2\"\nuser = \"bot\"\npassword = \"hunter2\"\n",
	})
	client, err := pool.Connect(t.Context(), "ci", secret.Ref{Path: "good", Field: "token"})
	require.NoError(t, err)
	_, err = client.GetJob(t.Context(), "e2e")
	require.NoError(t, err)
	for path, says := range map[string]string{
		"no TOML": "it is not TOML", "no user": "it needs url, user and password", "no table": "it needs url, user and password", "no URL": "no http or https URL",
	} {
		_, err := pool.Connect(t.Context(), "ci", secret.Ref{Path: path, Field: "token"})
		require.True(t, apierr.Is(err, apierr.Invalid), "%s: %v", path, err)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "jenkins ci: ")
		require.NotContains(t, err.Error(), "hunter2")
	}
	_, err = pool.Connect(t.Context(), "ci", secret.Ref{Path: "gone", Field: "token"})
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
}

func TestFailureMode12_AJenkinsThatNeverAnswersIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := jenkinsapi.New(jenkinsapi.Config{URL: "https://ci.example", Transport: silence.Transport{}})
		require.NoError(t, err)
		began := time.Now()
		_, err = client.GetJob(t.Context(), "e2e")
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.ErrorContains(t, err, "jenkins ci.example: look up job e2e")
		require.Equal(t, time.Minute, time.Since(began))
	})
}
