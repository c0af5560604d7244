// Package servicedependencies checks that every app declares the services that it uses.
//
// What it keeps true: an app's dependencies name each service that its code, pipelines, images and namespaces use.
// Desired: the services that follow from the app's other fields, by the mapping in app-interface-settings.
// Current: the app's dependencies.
// Writes: nothing.
// Reference module: reconcile/service_dependencies.py.
package servicedependencies

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "service-dependencies"

// Definition describes the integration.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Validate dependencies are defined for each service.",
		Reads:   []reconcile.System{reconcile.AppInterface},
		Every:   10 * time.Minute,
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			return reconcile.Validate(&validator{at: func(s reconcile.Scope) graphql.Client { return app.At(s) }}), nil
		},
	}
}

// validator checks all apps.
type validator struct {
	at func(reconcile.Scope) graphql.Client
}

// Check returns an error for each app that lacks dependencies, and a remark for each that has too many.
func (v *validator) Check(ctx context.Context, s reconcile.Scope) ([]reconcile.Finding, error) {
	mappings, err := v.mappings(ctx, s)
	if err != nil || len(mappings) == 0 {
		return nil, err
	}
	answer, err := ServiceDependencies(ctx, v.at(s))
	if err != nil {
		return nil, err
	}
	var findings []reconcile.Finding
	for _, app := range answer.Apps {
		findings = append(findings, compare(app, mappings)...)
	}
	return findings, nil
}

// mappings reads which services stand for a type of dependency. Without any there is nothing to check.
//
// Differs from the reference: it looks for the names of the services where they do not stand, finds none, and so
// never reports an app.
func (v *validator) mappings(ctx context.Context, s reconcile.Scope) (mappings, error) {
	answer, err := DependencyMappings(ctx, v.at(s))
	if err != nil {
		return nil, err
	}
	m := mappings{}
	for _, settings := range answer.Settings {
		for _, mapping := range settings.Dependencies {
			for _, service := range mapping.Services {
				m[mapping.Type] = append(m[mapping.Type], service.Name)
			}
		}
	}
	return m, nil
}
