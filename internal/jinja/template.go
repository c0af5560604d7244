package jinja

import (
	"errors"
	"strings"

	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Options are the whitespace rules of Jinja2's Template. The reference uses none of them for resources.
type Options struct {
	// TrimBlocks removes the newline after a tag.
	TrimBlocks bool
	// LstripBlocks removes blanks between the start of a line and a tag.
	LstripBlocks bool
	// KeepTrailingNewline keeps one newline at the end of the template.
	KeepTrailingNewline bool
}

// Template is a template with all that decides what it renders to.
type Template struct {
	// Name is the template's path, for errors.
	Name, Text string
	Options    Options
	// ExtraCurly says that the markers have one more brace: {{{ }}}, {{% %}} and {{# #}}.
	ExtraCurly bool
	// Plain is a template of Jinja2 alone: what is undefined prints as nothing, and nothing is there that the reference adds.
	Plain bool
	// Variables are plain data as JSON has it, besides any type of integer, slice, and map with text as keys; a nil is
	// None. A map in them is in the order of its keys, an Object in its own. Values under MocksVariable stand for
	// functions.
	Variables map[string]any
	// Functions are what the template can call besides the functions of this package. A function wins over a variable of
	// its name.
	Functions map[string]Function
}

// MocksVariable is the variable whose items are functions of that name, which return the item's value whatever they are
// called with. Tests of templates have it.
//
// Differs from the reference: each function returns its own value. There all of them return that of the last one.
const MocksVariable = "_template_mocks"

// Render renders the template text with vars and the rules that the reference uses for files: all of Options.
// Name is the template's path, for errors. An error is as Template.Render's.
func Render(name, text string, vars map[string]any) (string, error) {
	return Template{
		Name: name, Text: text, Options: Options{TrimBlocks: true, LstripBlocks: true, KeepTrailingNewline: true}, Variables: vars,
	}.Render()
}

// Render returns the text. An error names the template, the line where it is known, and what is undefined. It holds no
// value of the variables, but for the text that the template itself raises (RaisedError). It has the kind of the error
// of the function that failed, and is apierr.Invalid otherwise.
func (t Template) Render() (rendered string, err error) {
	defer func() {
		// Gonja panics on some templates and data; what it says may hold values.
		if recover() != nil {
			rendered, err = "", apierr.Errorf(apierr.Invalid, "template %s: cannot be rendered: mend an expression in it that suits no value of its type", t.Name)
		}
	}()
	if len(t.Text) > maxTemplate {
		return "", apierr.Errorf(apierr.Invalid, "template %s: more than %d bytes", t.Name, maxTemplate)
	}
	settings := t.settings()
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(t.Text)
	tags, err := vet(text, settings)
	if err != nil {
		return "", t.failed(err)
	}
	if t.Options.LstripBlocks {
		text = lstrip(text, tags, len(settings.BlockStartString))
	}
	values, err := convert(t.Variables)
	if err != nil {
		return "", t.failed(err)
	}
	run := &run{plain: t.Plain}
	loader, err := loaders.NewMemoryLoader(map[string]string{"/template": text})
	if err != nil {
		return "", t.failed(err)
	}
	template, err := exec.NewTemplate("/template", settings, loader, run.environment())
	if err != nil {
		return "", t.failed(syntax(err, text))
	}
	if err := rewriteNodes(template.Root().Nodes); err != nil {
		return "", t.failed(err)
	}
	variables := values.(dict)
	run.define(variables, t.Functions)
	out := &bounded{}
	if err = template.Execute(out, exec.NewContext(variables)); err != nil || run.fault != nil {
		return "", t.failed(run.explain(err))
	}
	return out.String(), nil
}

func (t Template) settings() *config.Config {
	settings := config.New()
	settings.StrictUndefined = true
	settings.TrimBlocks, settings.KeepTrailingNewline = t.Options.TrimBlocks, t.Options.KeepTrailingNewline
	if t.ExtraCurly {
		settings.VariableStartString, settings.VariableEndString = "{{{", "}}}"
		settings.BlockStartString, settings.BlockEndString = "{{%", "%}}"
		settings.CommentStartString, settings.CommentEndString = "{{#", "#}}"
	}
	return settings
}

// failed names the template, and keeps the kind that a function's error has outermost.
func (t Template) failed(err error) error {
	kind, known := apierr.KindOf(err)
	if !known {
		kind = apierr.Invalid
	}
	worded := apierr.Errorf(kind, "template %s: %w", t.Name, err)
	var classified *apierr.Error
	if errors.As(worded, &classified) {
		classified.RetryAfter = apierr.RetryAfter(err)
	}
	return worded
}

// run is the state of one rendering.
type run struct {
	plain         bool
	depth, rounds int
	// fault is the first error that gonja would have dropped, or put into other words.
	fault error
}

// fail remembers an error as it is.
func (r *run) fail(err error) error {
	if r.fault == nil {
		r.fault = err
	}
	return err
}

// explain says why the template could not be rendered, and in which line.
func (r *run) explain(err error) error {
	switch {
	case r.fault == nil:
		return explain(err)
	case err == nil, strings.HasPrefix(r.fault.Error(), "line "):
		return r.fault
	}
	return located(err, r.fault)
}
