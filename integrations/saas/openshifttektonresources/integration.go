// Package openshifttektonresources keeps the Tasks and Pipelines of Tekton that roll out saas files.
//
// What it keeps true: the namespace of each provider of pipelines has what its saas files are rolled out with.
// Desired: for each provider that a saas file uses, a Task for each task template, or one for each of its saas files, and
// a Pipeline for each of its saas files, made of the templates that the provider or its defaults name.
// Current: the Task and Pipeline objects in the namespaces of these providers.
// Writes: Task and Pipeline objects.
// Reference module: reconcile/openshift_tekton_resources.py.
package openshifttektonresources

import (
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "openshift-tekton-resources"

const version = "0.1.0"

// mostByThemselves is the number of clusters up to which a check runs the affected ones alone.
const mostByThemselves = 10

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Manages custom resources for Tekton based deployments.",
		Params: append([]reconcile.Param{
			reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost(),
			{Name: "saas-file-name", Type: reconcile.String, Help: "only what this saas file is rolled out with"},
		}, reconcile.Shards()...),
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Sharding:  reconcile.Static,
		Partition: &reconcile.Partition{Roots: map[string]string{"providers": "namespace.cluster.name"}, Most: mostByThemselves},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			application := set.AppInterface()
			source := &source{at: func(s reconcile.Scope) app { return application.At(s) }}
			return reconcile.Reconcile(&namespaced.Objects{
				Owner:      kubeapi.Owner{Integration: Name, Version: version},
				Policy:     policy,
				Namespaces: source.namespaces,
				Connect:    set.Clusters().Connect,
			}), nil
		},
	}
}

// policy leaves alone what others made: such namespaces also have Tasks and Pipelines that openshift-resources keeps.
func policy(plan.Args) kubeapi.Policy { return kubeapi.Policy{} }
