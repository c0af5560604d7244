package openshifttemplate

import (
	"errors"
	"fmt"
	"io"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// parameter is a declared parameter.
type parameter struct {
	name, value string
	// generator makes a value of from, where there is none.
	generator, from string
	required        bool
}

func parameters(value any) ([]parameter, error) {
	items, err := list("parameters", value)
	if err != nil {
		return nil, err
	}
	declared := make([]parameter, len(items))
	var errs []error
	for i, item := range items {
		if declared[i], err = read(item); err != nil {
			errs = append(errs, fmt.Errorf("parameters[%d] of the template: %w", i, err))
		}
	}
	return declared, errors.Join(errs...)
}

func read(item any) (parameter, error) {
	object, ok := item.(map[string]any)
	if !ok {
		return parameter{}, apierr.Errorf(apierr.Invalid, "it is no object: write it with a name")
	}
	var p parameter
	for field, into := range map[string]*string{"name": &p.name, "value": &p.value, "generate": &p.generator, "from": &p.from} {
		text, err := optional(object, field)
		if err != nil {
			return parameter{}, err
		}
		*into = text
	}
	required, ok := object["required"].(bool)
	if !ok && object["required"] != nil {
		return parameter{}, apierr.Errorf(apierr.Invalid, "required of %s is neither true nor false: correct it", p.name)
	}
	p.required = required
	return p, nil
}

// optional is a text that may be left out. What YAML takes for a number or a truth value is no text.
func optional(object map[string]any, field string) (string, error) {
	text, ok := object[field].(string)
	if !ok && object[field] != nil {
		return "", apierr.Errorf(apierr.Invalid, "%s is no text: put it in quotes", field)
	}
	return text, nil
}

// values are those of the parameters.
type values map[string]string

// bind gives each parameter its value: the one that is passed, which may be empty, the declared one, or a generated one. Of
// several that are declared under one name the first takes what is passed, and the last one counts.
func bind(declared []parameter, passed map[string]string, random io.Reader) (values, error) {
	bound, taken := values{}, map[string]bool{}
	var errs []error
	for _, p := range declared {
		if value, given := passed[p.name]; given && !taken[p.name] {
			p.value, p.generator = value, ""
		}
		taken[p.name] = true
		if p.value == "" && p.generator != "" {
			var err error
			if p.value, err = generate(p.generator, p.from, random); err != nil {
				errs = append(errs, fmt.Errorf("parameter %s of the template: %w", p.name, err))
				continue
			}
		}
		if p.value == "" && p.required {
			errs = append(errs, apierr.Errorf(apierr.Invalid, "parameter %s of the template is required and has no value: give it one", p.name))
		}
		bound[p.name] = p.value
	}
	return bound, errors.Join(errs...)
}
