package externalresources

import (
	"context"
	"encoding/json"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

// Files is where resource files of app-interface come from.
type Files interface {
	Resource(ctx context.Context, path string) (appinterface.Resource, error)
}

// Values are the fields of a resource: those of its file of defaults, and in their place those of its overrides. A field
// of the file whose name has a dot stands inside another one.
type Values map[string]any

// Values reads the file of defaults. Its error is Invalid, and names the file, where it is not there or no YAML.
func (r Resource) Values(ctx context.Context, files Files) (Values, error) {
	values := Values{}
	if r.Defaults != "" {
		file, err := files.Resource(ctx, r.Defaults)
		if err != nil {
			return nil, err
		}
		if err := yaml.Unmarshal([]byte(file.Content), &values, useNumber); err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "resource %s is no YAML of names and values: %w", r.Defaults, err)
		}
		delete(values, "$schema")
		values.nest()
	}
	if err := r.Overrides.Decode(&values); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the overrides of %s %s are not names and values: %w", r.Provider, r.Identifier, err)
	}
	return values, nil
}

func useNumber(d *json.Decoder) *json.Decoder {
	d.UseNumber()
	return d
}

// nest moves fields such as a.b to b in a.
func (v Values) nest() {
	for name, value := range v {
		outer, inner, dotted := strings.Cut(name, ".")
		if !dotted {
			continue
		}
		delete(v, name)
		inside, ok := v[outer].(map[string]any)
		if !ok {
			inside = map[string]any{}
			v[outer] = inside
		}
		inner, _, _ = strings.Cut(inner, ".")
		inside[inner] = value
	}
}

// Text returns a field that is a text or a number, or another one where there is none.
func (v Values) Text(name, otherwise string) string {
	switch value := v[name].(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case float64:
		text, _ := json.Marshal(value)
		return string(text)
	}
	return otherwise
}
