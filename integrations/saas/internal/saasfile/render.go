package saasfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/jinja"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
)

// render renders the templates in the target's parameters and in its references to secrets. They have triple braces, and
// resource.namespace as their variable.
func render(target *Target) error {
	r := renderer{namespace: target.Namespace}
	if err := r.parameters(target); err != nil {
		return err
	}
	target.SecretParameters = slices.Clone(target.SecretParameters)
	for i := range target.SecretParameters {
		parameter := &target.SecretParameters[i]
		for _, text := range []*string{&parameter.Secret.Field, &parameter.Secret.Path} {
			rendered, err := r.text(parameter.Name, *text)
			if err != nil {
				return err
			}
			*text = rendered
		}
	}
	return nil
}

// renderer renders the texts of one target.
type renderer struct {
	namespace *Namespace
	variables map[string]any
}

func (r *renderer) parameters(target *Target) error {
	if target.Parameters.IsNull() {
		return nil
	}
	parameters, err := Parameters(target.Parameters)
	if err != nil {
		return err
	}
	changed := false
	for i, parameter := range parameters {
		text, isText := parameter.Value.(string)
		if !isText {
			continue
		}
		rendered, err := r.text(parameter.Key, text)
		if err != nil {
			return err
		}
		changed = changed || rendered != text
		parameters[i].Value = rendered
	}
	if !changed {
		return nil
	}
	var made appinterface.JSON
	if err := made.UnmarshalJSON([]byte(pyjson.Compact().Text(parameters))); err != nil {
		return err
	}
	target.Parameters = made
	return nil
}

func (r *renderer) text(parameter, text string) (string, error) {
	if !templated(text) {
		return text, nil
	}
	if r.variables == nil {
		namespace, err := view(r.namespace, orderedJSON)
		if err != nil {
			return "", err
		}
		r.variables = map[string]any{"resource": map[string]any{"namespace": namespace}}
	}
	rendered, err := jinja.Template{Name: "parameter " + parameter, Text: text, ExtraCurly: true, Variables: r.variables}.Render()
	if err != nil {
		return "", err
	}
	return rendered, nil
}

// templated says whether rendering may change the text: by its markers, or by the ends of its lines.
func templated(text string) bool {
	return strings.Contains(text, "{{{") || strings.Contains(text, "{{%") || strings.Contains(text, "{{#") || strings.ContainsAny(text, "\r\n")
}

func orderedJSON(text appinterface.JSON) (any, error) {
	raw, err := text.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return jinja.DecodeJSON(string(raw))
}

// Parameters reads a field of parameters in the order in which they stand there; null is none. The error is Invalid where
// it is no map.
func Parameters(field appinterface.JSON) (pyjson.Object, error) {
	if field.IsNull() {
		return nil, nil
	}
	raw, err := field.MarshalJSON()
	if err != nil {
		return nil, err
	}
	value, err := pyjson.Decode(raw)
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	parameters, ok := value.(pyjson.Object)
	if !ok {
		return nil, apierr.Errorf(apierr.Invalid, "parameters are no map: write name: value")
	}
	return parameters, nil
}
