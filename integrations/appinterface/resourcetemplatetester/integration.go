// Package resourcetemplatetester tests the templates of namespaces.
//
// What it keeps true: each template that has a test renders, wherever a namespace uses it, to what the test expects.
// Desired: the resource that the test's expectedResult names.
// Current: the object that each namespace's entry with the test's resourcePath makes, with its variables. These may have
// _template_mocks in place of functions that look outside.
// Writes: nothing.
// Reference module: reconcile/resource_template_tester.py.
package resourcetemplatetester

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
)

// Name is the integration's name.
const Name = "resource-template-tester"

// Definition describes the integration.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Tests templating of resources.",
		Reads:   []reconcile.System{reconcile.AppInterface, reconcile.Vault, reconcile.GitHub, reconcile.AWS},
		Every:   10 * time.Minute,
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			application := set.AppInterface()
			return reconcile.Validate(&validator{
				app:    func(s reconcile.Scope) app { return application.At(s) },
				source: &resources.Source{Secrets: set.Secrets(), Renderer: template.New(set)},
			}), nil
		},
	}
}

// app is what the integration reads of app-interface.
type app interface {
	graphql.Client
	Resource(ctx context.Context, path string) (appinterface.Resource, error)
}

// source makes the objects of entries.
type source interface {
	Object(ctx context.Context, s reconcile.Scope, n resources.Namespace, item resources.Item, links resources.Links) (namespaced.Body, error)
}

var _ source = (*resources.Source)(nil)

// validator checks all tests.
type validator struct {
	app    func(reconcile.Scope) app
	source source
}
