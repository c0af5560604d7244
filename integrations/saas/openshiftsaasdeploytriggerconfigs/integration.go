// Package openshiftsaasdeploytriggerconfigs deploys targets of saas files whose configuration has changed.
//
// What it keeps true: each target was deployed with the configuration that it has.
// Desired: the configurations of all targets that are not disabled.
// Current: those that were deployed last, in state.
// Writes: PipelineRuns of Tekton, and the configurations in state.
// Reference module: reconcile/openshift_saas_deploy_trigger_configs.py, with openshift_saas_deploy_trigger_base.py.
package openshiftsaasdeploytriggerconfigs

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/trigger"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/triggering"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "openshift-saas-deploy-trigger-configs"

const version = "0.3.0"

// Definition describes the integration. Its scopes are the clusters in which the pipelines of saas files run.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:     Name,
		Summary:  "Trigger deployments when configuration changes.",
		Params:   triggering.Params(),
		Reads:    []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:   []reconcile.System{reconcile.Kubernetes},
		Every:    time.Minute,
		Sharding: reconcile.Static,
		Guard:    plan.NeverDelete{},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			w := &watcher{at: func(s reconcile.Scope) graphql.Client { return app.At(s) }}
			return reconcile.Reconcile(triggering.New(set, kubeapi.Owner{Integration: Name, Version: version}, trigger.Configurations, w)), nil
		},
	}
}

type watcher struct {
	at func(reconcile.Scope) graphql.Client
}

// Watch implements triggering.Watcher.
func (w *watcher) Watch(ctx context.Context, s reconcile.Scope, files []saasfile.File) ([]trigger.Watch, error) {
	settings, err := saasfile.ReadSettings(ctx, w.at(s))
	if err != nil {
		return nil, err
	}
	var watches []trigger.Watch
	var problems reconcile.Problems
	for i := range files {
		found, err := trigger.Configs(&files[i], settings.RepoUrl+"/commit/"+s.Bundle.Commit)
		if err != nil {
			problems = append(problems, saasfile.Fault{File: files[i].Name, Path: files[i].Path, Err: err})
			continue
		}
		watches = append(watches, found...)
	}
	return watches, problems.ErrorOrNil()
}

// Source implements triggering.Watcher.
func (w *watcher) Source(ctx context.Context, s reconcile.Scope) error {
	_, err := saasfile.ReadSettings(ctx, w.at(s))
	return err
}
