package resources

import (
	"cmp"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/yaml11"
)

// file is the object that stands in a resource file.
func file(item Item, at place) (map[string]any, error) {
	if err := item.File.there(); err != nil {
		return nil, err
	}
	object, err := parse(item.File.Content)
	if err != nil {
		return nil, err
	}
	return object, finish(object, item, at, false)
}

// finish checks an object as its entry asks, and links alerts to the file that they come from. What errors say of an
// object with secrets shows no value.
func finish(object map[string]any, item Item, at place, isSecret bool) error {
	if namespaced.IsTrue(item.ValidateJSON) {
		if err := validateJSON(object); err != nil {
			return err
		}
	}
	if namespaced.IsTrue(item.ValidateAlertmanagerConfig) {
		if err := validateAlertmanager(object, item.alertmanagerKey(), isSecret); err != nil {
			return err
		}
	}
	if object["kind"] == "PrometheusRule" && !at.unlinked {
		linkAlerts(object, cmp.Or(at.repository, defaultRepository)+"/blob/master/resources"+item.File.Path)
	}
	return nil
}

// alertmanagerKey is the key under which the Alertmanager's configuration stands.
func (i Item) alertmanagerKey() string { return cmp.Or(i.AlertmanagerConfigKey, "alertmanager.yaml") }

// parse reads the object of a resource file. A $schema is app-interface's and no part of it.
func parse(content string) (map[string]any, error) {
	value, err := yaml11.Parse(content)
	if err != nil {
		return nil, apierr.New(apierr.Invalid, err)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, apierr.Errorf(apierr.Invalid, "the file is not one Kubernetes object: it has to be a map with apiVersion, kind and metadata")
	}
	delete(object, "$schema")
	return object, nil
}
