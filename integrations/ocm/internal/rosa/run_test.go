package rosa_test

import (
	"context"
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/integrations/internal/jobs/jobstest"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// tokens gives its value, once it has one.
type tokens struct{ value string }

func (t *tokens) get(context.Context) (secret.Value, error) {
	if t.value == "" {
		return secret.Value{}, apierr.Errorf(apierr.Unavailable, "no token")
	}
	return secret.New(t.value), nil
}

func session(k *jobstest.Kubelet, t *tokens) rosa.Session {
	return rosa.Session{
		Settings: rosa.Settings{
			Place:          jobs.Place{Cluster: appinterface.Cluster{Name: "prod-1"}, Namespace: jobstest.Namespace},
			ServiceAccount: "rosa", Image: "quay.io/acme/rosa:1", Role: "ROSA",
		},
		Client: k.Client, Owner: kubeapi.Owner{Integration: "version-gate-approver", Version: "0.1.0"}, Token: t.get,
	}
}

func whoami() rosa.Command {
	return rosa.Command{
		Account: rosa.Account{UID: "123", Region: "us-east-1", Organization: "org-1"}, Script: "rosa whoami",
		Annotations: map[string]string{rosa.ClusterAnnotation: "c1"},
	}
}

func nameOf(run jobs.Run) string { return run.Job["metadata"].(map[string]any)["name"].(string) }

func TestACommandRunsOnce(t *testing.T) {
	kubelet, token := jobstest.New(t), &tokens{}
	s := session(kubelet, token)
	ctx := readonly.Grant(t.Context())
	_, err := s.Run(ctx, whoami(), rosa.Again{})
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	require.Len(t, kubelet.Names("Job", "Secret"), 1, "the Job waits for its Secret")

	token.value = "qt-planted-token"
	run, err := s.Run(ctx, whoami(), rosa.Again{})
	require.NoError(t, err)
	name := nameOf(run)
	require.Regexp(t, "^rosa-cli-[0-9a-f]{10}$", name)
	require.Equal(t, []string{"Job/" + name, "Secret/" + name}, kubelet.Names("Job", "Secret"))
	require.False(t, run.Complete || run.Failed)
	require.Equal(t, "c1", run.Annotation(rosa.ClusterAnnotation))
	data := kubelet.Get("Secret", name)["data"].(map[string]any)
	require.Equal(t, map[string]any{"OCM_TOKEN": encoded("qt-planted-token"), "execute.sh": encoded("rosa whoami")}, data)
	pod := run.Job["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	require.Equal(t, "rosa", pod["serviceAccountName"])
	container := pod["containers"].([]any)[0].(map[string]any)
	var variables []any
	for _, variable := range container["env"].([]any) {
		variables = append(variables, variable.(map[string]any)["name"])
	}
	require.Equal(t, []any{"AWS_SHARED_CREDENTIALS_FILE", "AWS_REGION", "OCM_TOKEN"}, variables)
	require.Equal(t, "quay.io/acme/rosa:1", container["image"])

	token.value = "qt-planted-other"
	again, err := s.Run(ctx, whoami(), rosa.Again{Failed: true, After: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	require.Equal(t, uid(run), uid(again), "it runs")
	require.Equal(t, data, kubelet.Get("Secret", name)["data"])

	kubelet.Ended(name, true)
	done, err := s.Run(ctx, whoami(), rosa.Again{Failed: true, After: rosa.Made(run).Add(-time.Second)})
	require.NoError(t, err)
	require.True(t, done.Complete)
	require.Equal(t, uid(run), uid(done))
	afresh, err := s.Run(ctx, whoami(), rosa.Again{After: rosa.Made(run)})
	require.NoError(t, err)
	require.NotEqual(t, uid(run), uid(afresh), "it was made too early")
	require.Equal(t, encoded("qt-planted-other"), kubelet.Get("Secret", name)["data"].(map[string]any)["OCM_TOKEN"], "the Secret of the Job that is gone is of no use")
}

func TestACommandThatFailedRunsAgainWhenItIsAskedTo(t *testing.T) {
	kubelet := jobstest.New(t)
	s := session(kubelet, &tokens{"qt-planted-token"})
	ctx := readonly.Grant(t.Context())
	run, err := s.Run(ctx, whoami(), rosa.Again{})
	require.NoError(t, err)
	kubelet.Ended(nameOf(run), false)
	failed, err := s.Run(ctx, whoami(), rosa.Again{})
	require.NoError(t, err)
	require.True(t, failed.Failed)
	require.Contains(t, failed.Words, "failed: it says so; see the logs of its pods in prod-1/team-a")
	again, err := s.Run(ctx, whoami(), rosa.Again{Failed: true})
	require.NoError(t, err)
	require.False(t, again.Failed)
	require.NotEqual(t, uid(run), uid(again))

	s.Owner.Integration = "ocm-clusters"
	_, err = s.Run(ctx, whoami(), rosa.Again{})
	require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
}

func TestNothingRunsOutsideApply(t *testing.T) {
	kubelet := jobstest.New(t)
	_, err := session(kubelet, &tokens{"qt-planted-token"}).Run(t.Context(), whoami(), rosa.Again{})
	require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	require.Empty(t, kubelet.Names("Job", "Secret"))
}

func TestFlags(t *testing.T) {
	args := plan.Args{"job-controller-cluster": {"c"}, "job-controller-namespace": {"n"}, "rosa-job-service-account": {"s"}, "rosa-role": {"r"}}
	require.NoError(t, rosa.Check(args))
	for name := range args {
		args := plan.Args{"job-controller-cluster": {"c"}, "job-controller-namespace": {"n"}, "rosa-job-service-account": {"s"}, "rosa-role": {"r"}}
		delete(args, name)
		require.ErrorContains(t, rosa.Check(args), "set --"+name)
	}
	for _, p := range rosa.Params() {
		require.NotEmpty(t, p.Env)
	}
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func uid(run jobs.Run) any { return run.Job["metadata"].(map[string]any)["uid"] }
