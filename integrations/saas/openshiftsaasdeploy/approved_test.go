package openshiftsaasdeploy

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs/jobstest"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/codehost"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saastest"
	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
	"github.com/app-sre/qontract-temporal/internal/clients/registryapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/github"
)

// oneSecret is a reader that has the same value under every reference.
type oneSecret struct{ secret.Value }

func (s oneSecret) Read(context.Context, secret.Ref) (secret.Value, error) { return s.Value, nil }

func (s oneSecret) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) {
	return map[string]secret.Value{"token": s.Value}, nil
}

// deploys lets the world have a saas file whose target asks for approvals, and holds a secret.
func (w *world) deploys(template string) {
	w.t.Helper()
	hub, err := github.ParseEstate([]byte(`
tokens: [qt-planted-github]
repositories: {acme/approved: {commits: {` + commit + `: {files: {api.yml: '` + template + `'}}}}}`))
	require.NoError(w.t, err)
	server := httptest.NewServer(github.New(hub))
	w.t.Cleanup(server.Close)
	file, err := saastest.File(w.t, []byte(`{"name": "cart", "app": {"name": "shop"}, "managedResourceTypes": ["ConfigMap"], "authentication": {"code": {"path": "github", "field": "token"}},
		"resourceTemplates": [{"name": "api", "url": "https://github.com/acme/approved", "path": "/api.yml", "targets": [{
			"ref": "`+commit+`", "promotion": {"publish": ["prod"]}, "parameters": {"QONTRACT_APPROVAL": true}, "secretParameters": [{"name": "TOKEN", "secret": {"path": "t", "field": "t"}}],
			"namespace": {"name": "`+jobstest.Namespace+`", "cluster": {"name": "prod-1"}, "environment": {"name": "prod"}, "app": {"name": "shop"}}}]}]}`))
	require.NoError(w.t, err)
	reader := oneSecret{secret.New("qt-planted-github")}
	pool := githubapi.NewPool(reader, githubapi.Options{Endpoint: func() (string, error) { return server.URL, nil }})
	w.scope.Bundle.SHA = "pinned"
	w.estates = estates{sha: "pinned", last: &estate{set: saasfile.Set{Files: []saasfile.File{file}}, settings: saasfile.Settings{HashLength: 7}}}
	w.at = func(reconcile.Scope) graphql.Client { return nil }
	w.code = codehost.Hosts{GitHub: pool}.NewView
	w.images = func() lookup { return registryapi.New(registryapi.Options{}).NewView() }
	w.secrets = reader
}

func TestAnApprovedRolloutAppliesItsObjects(t *testing.T) {
	w := newWorld(t)
	w.deploys(`{"apiVersion": "template.openshift.io/v1", "kind": "Template", "parameters": [{"name": "TOKEN"}], "objects": [
		{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "api"}, "data": {"token": "${TOKEN}"}}]}`)
	desired, err := w.Desired(t.Context(), w.scope)
	require.NoError(t, err)
	current, err := w.Current(t.Context(), w.scope, desired)
	require.NoError(t, err)
	changes, problems := plan.Diff(desired, current)
	require.Empty(t, problems)
	require.Len(t, changes, 1, "nothing but the rollout")
	require.Contains(t, w.Approval(changes[0]), "QONTRACT_APPROVAL")
	require.True(t, w.Follows(changes[0]))

	stand, err := w.advance(changes[0])
	require.NoError(t, err)
	require.Equal(t, plan.PhaseDone, stand.Phase)
	require.Equal(t, "qt-planted-github", w.Get("ConfigMap", "api")["data"].(map[string]any)["token"])
	require.True(t, w.publication(changes[0].Desired.Rollout.Publisher, commit).Success)

	current, err = w.Current(t.Context(), w.scope, desired)
	require.NoError(t, err)
	changes, _ = plan.Diff(desired, current)
	require.Empty(t, changes)
}

func TestWhatAnApprovedRolloutCannotApplyFailsIt(t *testing.T) {
	w := newWorld(t)
	w.deploys(`{"apiVersion": "template.openshift.io/v1", "kind": "Template", "objects": [
		{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "refused"}, "data": {"not a key!": "a"}}]}`)
	desired, err := w.Desired(t.Context(), w.scope)
	require.NoError(t, err)
	rollout := desired[1]
	_, err = w.advance(plan.Change[Item]{Head: plan.Head{Key: rollout.Key()}, Desired: &rollout})
	require.ErrorContains(t, err, "the rollout failed: ConfigMap refused")
	require.False(t, w.publication(rollout.Rollout.Publisher, commit).Success)
}
