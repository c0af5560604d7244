// Package template renders the templates of app-interface's resources, with what the reference lets them look at: secrets,
// files on GitHub, objects in S3, URLs, and app-interface itself.
//
// Reference module: reconcile/utils/jinja2/utils.py.
package template

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync/atomic"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/jinja"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Template is a template with what it is about.
type Template struct {
	// Path is that of the resource, for errors.
	Path string
	// Body is the template's text.
	Body string
	// ExtraCurly says that the markers have one more brace: {{{ }}}, {{% %}} and {{# #}}.
	ExtraCurly bool
	// Options are the rules for blanks. Resources have none of them.
	Options jinja.Options
	// Variables are plain data (jinja.Template). Variables makes them of a datafile's text.
	Variables map[string]any
	// Resource is what the template sees as the variable resource, and nothing where it is nil: the datafile's entry with
	// the namespace in its field namespace.
	Resource map[string]any
}

// Result is a template's text.
type Result struct {
	Text string
	// Secret says that the text may hold a secret, because the template read one.
	Secret bool
}

// Variables reads the variables that a datafile gives as text, in JSON or YAML. No text is no variables.
func Variables(text string) (map[string]any, error) {
	if strings.TrimSpace(text) == "" {
		return map[string]any{}, nil
	}
	decoded, err := jinja.DecodeYAML(text)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the variables: %w", err)
	}
	object, ok := decoded.(jinja.Object)
	if !ok && decoded != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the variables are not an object: write each one as a name with a value")
	}
	variables := make(map[string]any, len(object))
	for _, item := range object {
		name, ok := item.Key.(string)
		if !ok {
			return nil, apierr.Errorf(apierr.Invalid, "the variables: %v is no name: write it as text", item.Key)
		}
		variables[name] = item.Value
	}
	return variables, nil
}

// Render returns the template's text. An error names the resource and the line. It is Invalid for what is wrong with the
// template, Missing for a secret, a file or an object that is not there, and of the kind of what could not be read
// otherwise.
//
// Where the context records what is read from app-interface, nothing outside is read: the functions that look there return
// texts which only their parameters decide.
func (r *Renderer) Render(ctx context.Context, s reconcile.Scope, t Template) (Result, error) {
	variables := maps.Clone(t.Variables)
	if variables == nil {
		variables = map[string]any{}
	}
	if t.Resource != nil {
		variables["resource"] = t.Resource
	}
	rendering := &rendering{renderer: r, ctx: ctx, scope: s, recorded: inputs.Recorded(ctx), variables: variables}
	text, err := jinja.Template{
		Name: t.Path, Text: t.Body, Options: t.Options, ExtraCurly: t.ExtraCurly, Variables: variables, Functions: rendering.functions(),
	}.Render()
	secret := rendering.secret.Load()
	if raised := (*jinja.RaisedError)(nil); secret && errors.As(err, &raised) {
		err = apierr.Errorf(apierr.Invalid, "template %s: the template raises an error, whose text is not shown because the template read a secret", t.Path)
	}
	if err != nil {
		return Result{}, err
	}
	return Result{Text: text, Secret: secret}, nil
}

// rendering is one call of Render.
type rendering struct {
	renderer  *Renderer
	ctx       context.Context //nolint:containedctx // it lasts as long as one call, and a template's functions are given none.
	scope     reconcile.Scope
	recorded  bool
	variables map[string]any
	secret    atomic.Bool
	depth     int
}

// mostNested bounds templates within the parameters of functions.
const mostNested = 10

// expand renders a parameter that is a template itself, always with the usual braces.
func (r *rendering) expand(text string) (string, error) {
	if !strings.Contains(text, "{") {
		return strings.TrimSuffix(text, "\n"), nil
	}
	if r.depth >= mostNested {
		return "", apierr.Errorf(apierr.Invalid, "the parameters of functions are templates more than %d deep", mostNested)
	}
	r.depth++
	defer func() { r.depth-- }()
	return jinja.Template{Name: "in a parameter", Text: text, Variables: r.variables, Functions: r.functions()}.Render()
}

func (r *rendering) functions() map[string]jinja.Function {
	return map[string]jinja.Function{
		"vault":     r.vault,
		"github":    r.github,
		"query":     r.query,
		"url":       r.url,
		"s3":        r.object,
		"s3_ls":     r.objects,
		"yesterday": r.yesterday,
	}
}
