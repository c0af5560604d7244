package cluster

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// known are the definitions of kinds that OpenShift and its operators serve, one file for each API group.
//
//go:embed definitions/*.yaml
var known embed.FS

// knownDefinition returns the definition of a name, or nil.
func knownDefinition(name string) (*unstructured.Unstructured, error) {
	files, err := fs.Glob(known, "definitions/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := known.ReadFile(file)
		if err != nil {
			return nil, err
		}
		definitions, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, definition := range definitions {
			if definition.GetName() == name {
				return definition, nil
			}
		}
	}
	return nil, nil //nolint:nilnil // no definition is a valid answer.
}

// completed is the definition that an estate names by its metadata.name alone, such as routes.route.openshift.io; any
// other object is returned as it is.
func completed(object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	if !isDefinition(object) || object.Object["spec"] != nil {
		return object, nil
	}
	definition, err := knownDefinition(object.GetName())
	if err != nil {
		return nil, err
	}
	if definition == nil {
		return nil, errors.New("no definition of this name is known: give it a spec, or add it to internal/testkit/cluster/definitions")
	}
	return definition, nil
}
