package jinja

import (
	"github.com/nikolalohinski/gonja/v2/exec"
)

// additions are the filters of the reference.
func (r *run) additions() map[string]exec.FilterFunction {
	return map[string]exec.FilterFunction{
		"json_to_dict":     filter("json_to_dict", decoded("json_to_dict", DecodeJSON)),
		"yaml_to_dict":     filter("yaml_to_dict", decoded("yaml_to_dict", DecodeYAML)),
		"urlescape":        filter("urlescape", urlescape, "safe?", "encoding?"),
		"urlunescape":      filter("urlunescape", urlunescape, "encoding?"),
		"extract_jsonpath": filter("extract_jsonpath", extract, "jsonpath"),
		"matches_jsonpath": filter("matches_jsonpath", matches, "jsonpath"),
		"json_pointers":    filter("json_pointers", pointers, "jsonpath"),
		"str_format": filter("str_format", func(given []*exec.Value) (any, error) {
			return modulo(given[1], given[0])
		}, "format"),
		"eval": evaluate,
	}
}

// filter is one of Go's filters, with the parameters that are named. What is undefined is passed on.
func filter(name string, call func([]*exec.Value) (any, error), names ...string) exec.FilterFunction {
	names = append([]string{"input"}, names...)
	bound := function(name, call, names...)
	return func(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		if in.IsError() {
			return in
		}
		return bound(&exec.VarArgs{Args: append([]*exec.Value{in}, params.Args...), KwArgs: params.KwArgs})
	}
}

// decoded is a filter that reads a text.
func decoded(name string, decode func(string) (any, error)) func([]*exec.Value) (any, error) {
	return func(given []*exec.Value) (any, error) {
		if !given[0].IsString() {
			return nil, faultf("%s takes text, and got %s", name, kind(given[0]))
		}
		value, err := decode(given[0].String())
		if err != nil {
			return nil, faultf("%s: %s", name, err)
		}
		return convert(value)
	}
}

// evaluate renders a text that is a template itself, with the variables that are named.
func evaluate(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	if in.IsError() {
		return in
	}
	if !in.IsString() || len(params.Args) > 0 {
		return failf("eval takes text, and variables by name")
	}
	variables := make(map[string]any, len(params.KwArgs))
	for name, value := range params.KwArgs {
		plain, err := plainData(value, 0)
		if err != nil {
			return exec.AsValue(err)
		}
		variables[name] = plain
	}
	rendered, err := Template{Name: "in eval", Text: in.String(), Plain: true, Variables: variables}.Render()
	if err != nil {
		return failf("%s", err)
	}
	return exec.AsValue(rendered)
}
