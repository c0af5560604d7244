package openshifttektonresources

import (
	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/jinja"
	"github.com/app-sre/qontract-temporal/internal/yaml11"
)

// rendered is a template with its variables in place.
type rendered struct {
	ObjectTemplate

	text string
}

// render puts the variables of a template in place. One that is named and not given is Invalid. Other than the templates of
// resources, these see nothing else.
func (p provider) render(t ObjectTemplate) (rendered, error) {
	text := p.texts[t.Path]
	if text.fault != nil {
		return rendered{}, text.fault
	}
	given, err := t.Variables.MarshalJSON()
	if err != nil {
		return rendered{}, err
	}
	if t.Variables.IsNull() {
		given = nil
	}
	variables, err := template.Variables(string(given))
	if err != nil {
		return rendered{}, apierr.Errorf(apierr.Invalid, "template %s: %w", t.Name, err)
	}
	made, err := jinja.Template{Name: t.Path, Text: text.content, Variables: variables}.Render()
	return rendered{ObjectTemplate: t, text: made}, err
}

// object reads the object anew, so that each may be changed, and gives it a name.
func (r rendered) object(name string) (map[string]any, error) {
	value, err := yaml11.Parse(r.text)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "template %s: %w", r.Path, err)
	}
	object, _ := value.(map[string]any)
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		return nil, apierr.Errorf(apierr.Invalid, "template %s makes no Kubernetes object: it has to be a map with apiVersion, kind and metadata", r.Path)
	}
	metadata["name"] = name
	return object, nil
}

// items are the objects in a list of an object's spec.
func items(object map[string]any, field string) []map[string]any {
	spec, _ := object["spec"].(map[string]any)
	list, _ := spec[field].([]any)
	var found []map[string]any
	for _, item := range list {
		if one, ok := item.(map[string]any); ok {
			found = append(found, one)
		}
	}
	return found
}
