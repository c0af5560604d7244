// Package prometheusrulestester checks the rules of Prometheus, and runs their tests.
//
// What it keeps true: each PrometheusRule of the namespaces for customers' monitoring is one that Prometheus and its operator
// take, passes the tests that its datafile names, and alerts for services that app-interface knows.
// Desired: nothing.
// Current: the rules that the openshiftResources of provider prometheus-rule make, with their tests. Of a template that is
// resource-template-extracurlyjinja2 the tests are templates too, with the same variables.
// Writes: nothing.
// Reference module: reconcile/prometheus_rules_tester/integration.py.
package prometheusrulestester

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Name is the integration's name.
const Name = "prometheus-rules-tester"

// namespaceName is that of the namespaces for customers' monitoring.
const namespaceName = "openshift-customer-monitoring"

// Definition describes the integration.
func Definition() reconcile.Definition {
	threads := reconcile.ThreadPoolSize()
	threads.Default, threads.Help = "5", "number of rules tested side by side"
	return reconcile.Definition{
		Name:     Name,
		Summary:  "Tests prometheus rules using promtool.",
		Params:   []reconcile.Param{threads, reconcile.ClusterName()},
		Reads:    []reconcile.System{reconcile.AppInterface, reconcile.Vault, reconcile.GitHub, reconcile.AWS},
		Every:    10 * time.Minute,
		Sharding: reconcile.PerOpenShiftCluster,
		Profile:  workflows.Slow,
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			application := set.AppInterface()
			return reconcile.Validate(&validator{
				app:    func(s reconcile.Scope) app { return application.At(s) },
				source: &resources.Source{Renderer: template.New(set)},
			}), nil
		},
	}
}

// app is what the integration reads of app-interface.
type app interface {
	graphql.Client
	Resource(ctx context.Context, path string) (appinterface.Resource, error)
}

// source makes rules, and renders their tests.
type source interface {
	Object(ctx context.Context, s reconcile.Scope, n resources.Namespace, item resources.Item, links resources.Links) (namespaced.Body, error)
	Beside(ctx context.Context, s reconcile.Scope, n resources.Namespace, item resources.Item, path, content string) (template.Result, error)
}

var _ source = (*resources.Source)(nil)

// validator checks all rules.
type validator struct {
	app    func(reconcile.Scope) app
	source source
}
