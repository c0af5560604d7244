package prometheusrulestester

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// use is an entry of a namespace.
type use struct {
	namespace resources.Namespace
	item      resources.Item
}

// Check returns an error for each rule that is wrong. What may pass, such as a Vault that does not answer, ends it.
//
// Differs from the reference: what is wrong with one rule, be it that its template cannot be rendered, stops no other, and
// all that is wrong with it is told.
func (v *validator) Check(ctx context.Context, s reconcile.Scope) ([]reconcile.Finding, error) {
	answer, err := TestedRules(ctx, v.app(s))
	if err != nil {
		return nil, err
	}
	services := map[string]bool{}
	for _, settings := range answer.Settings {
		for _, service := range settings.AlertingServices {
			services[service] = true
		}
	}
	var uses []use
	for _, n := range answer.Namespaces {
		if n.Name != namespaceName || namespaced.IsTrue(n.Delete) || !s.Args.Allows("cluster-name", n.Cluster.Name) {
			continue
		}
		for _, item := range n.Items(resources.ProviderPrometheusRule) {
			uses = append(uses, use{n, item})
		}
	}
	found := make([][]reconcile.Finding, len(uses))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(s.Args.Int("thread-pool-size"), 1))
	for i, u := range uses {
		group.Go(func() error {
			var err error
			found[i], err = v.check(ctx, s, u, services)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var findings []reconcile.Finding
	for _, each := range found {
		findings = append(findings, each...)
	}
	return findings, nil
}

// check checks one rule, and runs its tests where it is sound.
func (v *validator) check(ctx context.Context, s reconcile.Scope, u use, services map[string]bool) ([]reconcile.Finding, error) {
	subject := fmt.Sprintf("rule %s in %s/%s", u.item.File.Path, u.namespace.Cluster.Name, u.namespace.Name)
	var findings []reconcile.Finding
	report := func(err error) error {
		if err == nil {
			return nil
		}
		if kind, known := apierr.KindOf(err); !known || kind.Retryable() {
			return fmt.Errorf("%s: %w", subject, err)
		}
		findings = append(findings, reconcile.Finding{Severity: plan.SeverityError, Subject: subject, Message: err.Error()})
		return nil
	}
	rules, tests, err := v.read(ctx, s, u)
	if err != nil || inputs.Recorded(ctx) {
		return findings, report(err)
	}
	for _, err := range []error{knownServices(rules.spec, services), fits(rules.body.Object, mostBytes)} {
		if err := report(err); err != nil {
			return nil, err
		}
	}
	if err := report(checkRules(ctx, rules)); err != nil || len(findings) > 0 {
		return findings, err
	}
	for _, test := range tests {
		if err := report(runTest(ctx, rules, test)); err != nil {
			return nil, err
		}
	}
	return findings, nil
}
