package openshifttemplate

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

var (
	// reference is where a parameter's value goes into a text.
	reference = regexp.MustCompile(`\$\{([a-zA-Z0-9_]+?)\}`)
	// whole stands in place of a text for a value that need not be one.
	whole = regexp.MustCompile(`^\$\{\{([a-zA-Z0-9_]+)\}\}$`)
)

// text replaces references to parameters. Those to others stay. It replaces one after another, each in what the ones
// before have left, as OpenShift does: a value may hold a reference too.
func (v values) text(in string) string {
	if match := whole.FindStringSubmatch(in); match != nil {
		if value, known := v[match[1]]; known {
			return value
		}
	}
	out := in
	for _, match := range reference.FindAllStringSubmatch(in, -1) {
		if value, known := v[match[1]]; known {
			out = strings.Replace(out, match[0], value, 1)
		}
	}
	return out
}

// object replaces the references in the names and values of an object, in a copy.
func (v values) object(in map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(in))
	for name, value := range in {
		replaced := v.text(name)
		if _, taken := out[replaced]; taken {
			return nil, apierr.Errorf(apierr.Invalid, "with the values of the parameters in place, two fields have the name that %s leads to: rename one", name)
		}
		var err error
		if out[replaced], err = v.value(value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (v values) value(in any) (any, error) {
	switch in := in.(type) {
	case map[string]any:
		return v.object(in)
	case []any:
		out := make([]any, len(in))
		for i, item := range in {
			var err error
			if out[i], err = v.value(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	case string:
		if match := whole.FindStringSubmatch(in); match != nil {
			if value, known := v[match[1]]; known {
				return decode(value), nil
			}
		}
		return v.text(in), nil
	case json.Number:
		return numbers(in), nil
	}
	return in, nil
}

// decode reads JSON, and takes what is none for a text.
//
// Differs from the reference: whole numbers of more than 53 bits keep their digits. OpenShift rounds them.
func decode(text string) any {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return text
	}
	if _, err := decoder.Token(); err != io.EOF {
		return text
	}
	return numbers(value)
}

// numbers turns numbers into those of Go, as Kubernetes' objects have them.
func numbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		if float, err := value.Float64(); err == nil {
			return float
		}
		return value.String()
	case map[string]any:
		for name, item := range value {
			value[name] = numbers(item)
		}
	case []any:
		for i, item := range value {
			value[i] = numbers(item)
		}
	}
	return value
}
