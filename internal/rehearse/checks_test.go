package rehearse_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/rehearse"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// note is a ConfigMap without content.
type note struct {
	Name string `json:"name"`
}

func (n note) Key() string     { return n.Name }
func (n note) Equal(note) bool { return true }

// notes keeps two ConfigMaps in a cluster, with the faults that a test gives it.
type notes struct {
	set *clients.Set
	// eager writes while it reads, forgetful does not see what it made, brittle takes "it exists" for a failure, curious
	// asks the cluster what should be, and secretive asks app-interface only when it needs the cluster.
	eager, forgetful, brittle, curious, secretive bool
	// chatty says its token when the cluster does not answer.
	chatty bool
}

// server is the address of the cluster.
func (r *notes) server(ctx context.Context, s reconcile.Scope) (string, error) {
	var found struct {
		Clusters []struct {
			ServerURL string `json:"serverUrl"`
		} `json:"clusters"`
	}
	query := &graphql.Request{OpName: "C", Query: "query C { clusters: clusters_v1 { serverUrl } }"}
	if err := r.set.AppInterface().At(s).MakeRequest(ctx, query, &graphql.Response{Data: &found}); err != nil {
		return "", err
	}
	return found.Clusters[0].ServerURL, nil
}

func (r *notes) configMaps(ctx context.Context, s reconcile.Scope) (typed kubernetes.Interface, err error) {
	address, err := r.server(ctx, s)
	if err != nil {
		return nil, err
	}
	token, err := r.set.Secrets().Read(ctx, secret.Ref{Path: "creds", Field: "token"})
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(&rest.Config{Host: address, BearerToken: token.Reveal(), QPS: -1, ContentConfig: rest.ContentConfig{ContentType: "application/json"}})
}

func (r *notes) create(ctx context.Context, s reconcile.Scope, name string) error {
	c, err := r.configMaps(ctx, s)
	if err != nil {
		return err
	}
	_, err = c.CoreV1().ConfigMaps("team").Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	switch {
	case apierrors.IsAlreadyExists(err) && r.brittle:
		return apierr.New(apierr.Conflict, err)
	case apierrors.IsAlreadyExists(err):
		return nil
	case err != nil && r.chatty:
		token, _ := r.set.Secrets().Read(ctx, secret.Ref{Path: "creds", Field: "token"})
		return apierr.Errorf(apierr.Unavailable, "the token %s does not help", token.Reveal())
	case err != nil:
		return apierr.New(apierr.Unavailable, err)
	}
	return nil
}

func (r *notes) Desired(ctx context.Context, s reconcile.Scope) ([]note, error) {
	if r.eager {
		return []note{{"one"}, {"two"}}, r.create(ctx, s, "draft")
	}
	var err error
	switch {
	case r.curious:
		_, err = r.configMaps(ctx, s)
	case !r.secretive:
		_, err = r.server(ctx, s)
	}
	return []note{{"one"}, {"two"}}, err
}

func (r *notes) Current(ctx context.Context, s reconcile.Scope, _ []note) ([]note, error) {
	c, err := r.configMaps(ctx, s)
	if err != nil || r.forgetful {
		return nil, err
	}
	list, err := c.CoreV1().ConfigMaps("team").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, apierr.New(apierr.Unavailable, err)
	}
	var found []note
	for _, item := range list.Items {
		if item.Name == "one" || item.Name == "two" {
			found = append(found, note{item.Name})
		}
	}
	return found, nil
}

func (r *notes) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[note]) error {
	return r.create(ctx, s, c.Key)
}

const noteCase = `Two notes are made.
-- run --
test-notes
-- data/cluster.yml --
$schema: /openshift/cluster-1.yml
name: prod-1
serverUrl: https://api.prod-1.example:6443
auth: []
-- secrets.toml --
[creds]
token = "AUTOMATION_TOKEN"
-- estate/kubernetes/prod-1.yaml --
apiVersion: v1
kind: Namespace
metadata:
  name: team
-- plan --
applied
create one
create two
-- after/kubernetes/prod-1.yaml --
apiVersion: v1
kind: Namespace
metadata:
  name: team
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: one
  namespace: team
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: two
  namespace: team
`

func TestTheChecksFindWhatAnIntegrationDoesWrong(t *testing.T) {
	const post = "POST /api/v1/namespaces/team/configmaps"
	for name, tc := range map[string]struct {
		integration notes
		// faults are the checks that have to fail, whatever else fails with them.
		faults []string
	}{
		"nothing":                              {notes{}, nil},
		"it does not see what it made":         {notes{forgetful: true}, []string{"a second run has nothing left to do"}},
		"it writes while it reads":             {notes{eager: true}, []string{"a dry run writes nothing"}},
		"it asks the cluster what should be":   {notes{curious: true}, []string{"a bundle compared with itself is the same"}},
		"it asks app-interface in secret":      {notes{secretive: true}, []string{"a comparison reads all that a run reads from app-interface"}},
		"it cannot resume after a lost answer": {notes{brittle: true}, []string{"the same end with " + post + " losing its answer"}},
	} {
		t.Run(name, func(t *testing.T) {
			failed := slices.Collect(maps.Keys(faultsOf(t, tc.integration.definition(), noteCase)))
			if tc.faults == nil {
				require.Empty(t, failed)
			}
			for _, fault := range tc.faults {
				require.Contains(t, failed, fault)
			}
			require.NotContains(t, failed, "the same end with "+post+" failing", "no other fault is blamed")
		})
	}
}

func TestWhatIsWrittenWhenACallFailsIsLookedAt(t *testing.T) {
	watch := &leaktest.Watch{}
	_, _, err := rehearsedOn(t, watch, (&notes{chatty: true}).definition(), noteCase)
	require.NoError(t, err)
	require.Contains(t, watch.Found(), "a failure of a run in this process, in clear")
	require.Contains(t, strings.Join(watch.Found(), "\n"), `a log, in the line "step failed"`)
}

func (r *notes) definition() reconcile.Definition {
	return reconcile.Definition{
		Name: "test-notes", Summary: "Keeps notes.", Every: time.Hour,
		Reads: []reconcile.System{reconcile.Kubernetes}, Writes: []reconcile.System{reconcile.Kubernetes},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			r.set = set
			return reconcile.Reconcile(r), nil
		},
	}
}

// faultsOf rehearses the case and returns what the checks that failed found, by their names.
func faultsOf(t *testing.T, d reconcile.Definition, text string) map[string]string {
	t.Helper()
	checks, err := rehearsed(t, d, text)
	require.NoError(t, err)
	faults := map[string]string{}
	for _, check := range checks {
		if check.Fault != "" {
			t.Logf("%s: %s", check.Name, check.Fault)
			faults[check.Name] = check.Fault
		}
	}
	return faults
}

// rehearsed rehearses the case on a stage of its own.
func rehearsed(t *testing.T, d reconcile.Definition, text string) ([]rehearse.Check, error) {
	t.Helper()
	checks, _, err := rehearsedOn(t, leaktest.New(t), d, text)
	return checks, err
}

// rehearsedOn returns the Temporal server as well.
func rehearsedOn(t *testing.T, watch *leaktest.Watch, d reconcile.Definition, text string) ([]rehearse.Check, client.Client, error) {
	t.Helper()
	registry, err := reconcile.NewRegistry(reconcile.Family{Name: "test", Integrations: []reconcile.Definition{d}})
	require.NoError(t, err)
	server := serverstest.OwnTemporal(t)
	c := watch.Connect(t, connect.Options{Address: server.HostPort, Payloads: payload.Options{Store: payload.Folder(t.TempDir())}})
	stage, err := rehearse.NewStage(rehearse.Options{
		Temporal: c.Client, Converter: c.Payloads.Converter, Registry: registry, Integrations: registry.All(),
		Kube:   func(context.Context) (*servers.Kube, error) { return serverstest.Kube(t), nil },
		Vaults: func(context.Context) ([]*servers.Vault, error) { return serverstest.SharedVaults() },
		Look:   watch.Bytes, Logger: watch.Logger(t),
	})
	require.NoError(t, err)
	t.Cleanup(stage.Close)
	path := filepath.Join(t.TempDir(), "case.txtar")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	read, err := rehearse.Read(path, registry)
	require.NoError(t, err)
	checks, err := stage.Rehearse(t.Context(), read, false)
	return checks, c.Client, err
}
