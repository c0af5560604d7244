package resourcetemplatetester

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// use is an entry of a namespace.
type use struct {
	namespace resources.Namespace
	item      resources.Item
}

// Check returns an error for each test whose template nobody uses, and for each use that makes something else than the
// test expects. What may pass, such as a Vault that does not answer, ends it.
//
// Differs from the reference: a template that cannot be rendered is the fault of its tests, and the others are tested.
// There it ends the run.
func (v *validator) Check(ctx context.Context, s reconcile.Scope) ([]reconcile.Finding, error) {
	app := v.app(s)
	tests, err := TemplateTests(ctx, app)
	if err != nil || len(tests.Tests) == 0 {
		return nil, err
	}
	answer, err := TemplateNamespaces(ctx, app)
	if err != nil {
		return nil, err
	}
	uses := map[string][]use{}
	for _, n := range answer.Namespaces {
		for _, item := range n.Items() {
			uses[item.File.Path] = append(uses[item.File.Path], use{n, item})
		}
	}
	links := resources.Links{}
	if len(answer.Settings) > 0 {
		links.Repository = answer.Settings[0].RepoUrl
	}
	var findings []reconcile.Finding
	for _, test := range tests.Tests {
		found, err := v.test(ctx, s, test, uses[test.ResourcePath], links)
		if err != nil {
			return nil, err
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

// test compares what each use of a template makes with what its test expects.
func (v *validator) test(ctx context.Context, s reconcile.Scope, test templateTest, uses []use, links resources.Links) ([]reconcile.Finding, error) {
	subject := "resource template test " + test.Name
	fault := func(format string, args ...any) reconcile.Finding {
		return reconcile.Finding{Severity: plan.SeverityError, Subject: subject, Message: fmt.Sprintf(format, args...)}
	}
	expected, err := v.expected(ctx, s, test.ExpectedResult)
	switch {
	case lasting(err):
		return []reconcile.Finding{fault("the expected result %s: %s", test.ExpectedResult, err)}, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", subject, err)
	case len(uses) == 0:
		return []reconcile.Finding{fault("no namespace uses the resource %s: add it to the openshiftResources of one, or delete the test", test.ResourcePath)}, nil
	}
	var findings []reconcile.Finding
	for _, u := range uses {
		where := u.namespace.Cluster.Name + "/" + u.namespace.Name
		body, err := v.source.Object(ctx, s, u.namespace, u.item, links)
		switch {
		case lasting(err):
			findings = append(findings, fault("%s: %s", where, err))
		case err != nil:
			return nil, fmt.Errorf("%s: %s: %w", subject, where, err)
		case !same(expected, body.Object):
			findings = append(findings, fault("%s: what the template renders is not what the test expects: correct either.\n%s", where, difference(expected, body)))
		}
	}
	return findings, nil
}

func (v *validator) expected(ctx context.Context, s reconcile.Scope, path string) (map[string]any, error) {
	resource, err := v.app(s).Resource(ctx, path)
	if err != nil {
		return nil, err
	}
	return resources.Parse(resource.Content)
}

// lasting says whether an error stays until somebody changes something.
func lasting(err error) bool {
	kind, known := apierr.KindOf(err)
	return known && !kind.Retryable()
}
