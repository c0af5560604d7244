// Package openshifttemplate makes the objects of OpenShift's templates, as `oc process --local --ignore-unknown-parameters`
// does. It reads and writes nothing.
//
// Source of the rules: https://docs.openshift.com/container-platform/latest/openshift_images/using-templates.html and
// OpenShift's processor of templates (openshift/library-go, pkg/template).
package openshifttemplate

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Template is an object of kind Template. It does not change, so that one that was read once serves many targets. It is
// safe for concurrent use.
type Template struct {
	parameters []parameter
	labels     map[string]string
	objects    []map[string]any
}

// versions are the API versions of templates; v1 is the one from before OpenShift's APIs had groups.
var versions = []string{"template.openshift.io/v1", "v1"}

// Parse reads a template from an object as JSON or YAML have it: maps, lists, texts, numbers, truth values and nil. What is
// no template is Invalid.
func Parse(object map[string]any) (*Template, error) {
	if kind, _ := object["kind"].(string); kind != "Template" {
		return nil, apierr.Errorf(apierr.Invalid, "it is no template but of kind %q: name a file with an object of kind Template", kind)
	}
	if version, _ := object["apiVersion"].(string); !slices.Contains(versions, version) {
		return nil, apierr.Errorf(apierr.Invalid, "the template has the apiVersion %q: write %s", version, versions[0])
	}
	var t Template
	var errs []error
	var err error
	if t.parameters, err = parameters(object["parameters"]); err != nil {
		errs = append(errs, err)
	}
	if t.labels, err = labels(object["labels"]); err != nil {
		errs = append(errs, err)
	}
	listed, err := list("objects", object["objects"])
	if err != nil {
		errs = append(errs, err)
	}
	for i, item := range listed {
		one, _ := item.(map[string]any)
		if kind, _ := one["kind"].(string); kind == "" {
			errs = append(errs, apierr.Errorf(apierr.Invalid, "objects[%d] of the template has no kind: it has to be a Kubernetes object", i))
			continue
		}
		t.objects = append(t.objects, one)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &t, nil
}

// Declares says whether the template has a parameter of a name. Values for others are left unused.
func (t *Template) Declares(name string) bool {
	return slices.ContainsFunc(t.parameters, func(p parameter) bool { return p.name == name })
}

// Process makes the objects, in their order, with values for parameters by name. Generated values are drawn from random, in
// the order in which the parameters are declared. A parameter that is required and has no value is Invalid. No error shows
// a value.
func (t *Template) Process(values map[string]string, random io.Reader) ([]map[string]any, error) {
	bound, err := bind(t.parameters, values, random)
	if err != nil {
		return nil, err
	}
	common := map[string]any{}
	for name, value := range t.labels {
		common[bound.text(name)] = bound.text(value)
	}
	made := make([]map[string]any, len(t.objects))
	for i, object := range t.objects {
		if made[i], err = bound.object(withoutNamespace(object)); err != nil {
			return nil, fmt.Errorf("objects[%d] of the template: %w", i, err)
		}
		modernise(made[i])
		if err := label(made[i], common); err != nil {
			return nil, fmt.Errorf("objects[%d] of the template: %w", i, err)
		}
	}
	return made, nil
}

// withoutNamespace leaves out the namespace that an object names, unless a parameter names it: the template is for any.
func withoutNamespace(object map[string]any) map[string]any {
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		return object
	}
	if namespace, _ := metadata["namespace"].(string); reference.MatchString(namespace) {
		return object
	}
	object, metadata = maps.Clone(object), maps.Clone(metadata)
	delete(metadata, "namespace")
	object["metadata"] = metadata
	return object
}

// label gives an object the template's labels, which win over its own.
func label(object, common map[string]any) error {
	if len(common) == 0 {
		return nil
	}
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		return nil
	}
	own, isMap := metadata["labels"].(map[string]any)
	if !isMap && metadata["labels"] != nil {
		return apierr.Errorf(apierr.Invalid, "its metadata.labels are no names with values: correct them")
	}
	all := maps.Clone(common)
	for name, value := range own {
		if _, has := all[name]; !has {
			all[name] = value
		}
	}
	metadata["labels"] = all
	return nil
}

func labels(value any) (map[string]string, error) {
	object, ok := value.(map[string]any)
	if !ok && value != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the template's labels are no names with values: correct them")
	}
	all := make(map[string]string, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		text, err := optional(object, name)
		if err != nil {
			return nil, fmt.Errorf("labels of the template: %w", err)
		}
		all[name] = text
	}
	return all, nil
}

func list(name string, value any) ([]any, error) {
	items, ok := value.([]any)
	if !ok && value != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the template's %s are no list: correct them", name)
	}
	return items, nil
}
