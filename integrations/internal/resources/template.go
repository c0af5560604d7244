package resources

import (
	"context"
	"maps"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Renderer renders templates.
type Renderer interface {
	Render(ctx context.Context, s reconcile.Scope, t template.Template) (template.Result, error)
}

// template is the object that a template makes.
func (s *Source) template(ctx context.Context, scope reconcile.Scope, at place, item Item) (namespaced.Body, error) {
	switch item.Type {
	case "", "jinja2":
		return s.rendered(ctx, scope, at, item, false)
	case "extracurlyjinja2":
		return s.rendered(ctx, scope, at, item, true)
	}
	return namespaced.Body{}, apierr.Errorf(apierr.Invalid, "the template type %q is not known: use jinja2 or extracurlyjinja2", item.Type)
}

// prometheusRule is the object with rules that a file has or a template makes.
func (s *Source) prometheusRule(ctx context.Context, scope reconcile.Scope, at place, item Item) (namespaced.Body, error) {
	switch item.Type {
	case "resource":
		return made(file(item, at))
	case "resource-template-jinja2":
		return s.rendered(ctx, scope, at, item, false)
	case "resource-template-extracurlyjinja2":
		return s.rendered(ctx, scope, at, item, true)
	}
	return namespaced.Body{}, apierr.Errorf(apierr.Invalid, "the type %q is not known: use resource, resource-template-jinja2 or resource-template-extracurlyjinja2", item.Type)
}

func (s *Source) rendered(ctx context.Context, scope reconcile.Scope, at place, item Item, extraCurly bool) (namespaced.Body, error) {
	result, err := s.render(ctx, scope, at, item, extraCurly)
	if err != nil {
		return namespaced.Body{}, err
	}
	object, err := parse(result.Text)
	if err != nil {
		return namespaced.Body{}, apierr.Errorf(apierr.Invalid, "what the template makes is no object: %s", said(err, result.Secret))
	}
	body, err := made(object, finish(object, item, at, result.Secret))
	body.Secret = body.Secret || result.Secret
	return body, err
}

// render renders an entry's template: with the entry's variables, and in resource the entry itself with its namespace.
func (s *Source) render(ctx context.Context, scope reconcile.Scope, at place, item Item, extraCurly bool) (template.Result, error) {
	if err := item.File.there(); err != nil {
		return template.Result{}, err
	}
	text, err := item.Variables.MarshalJSON()
	if err != nil {
		return template.Result{}, err
	}
	if item.Variables.IsNull() {
		text = nil
	}
	variables, err := template.Variables(string(text))
	if err != nil {
		return template.Result{}, err
	}
	entry := maps.Clone(item.seen)
	entry["namespace"] = at.namespace.seen
	return s.Renderer.Render(ctx, scope, template.Template{
		Path: item.File.Path, Body: item.File.Content, ExtraCurly: extraCurly, Variables: variables, Resource: entry,
	})
}
