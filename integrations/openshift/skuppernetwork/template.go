package skuppernetwork

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// render makes an object of a site's controller from a template, with the controller's labels.
func (r *reconciler) render(ctx context.Context, s reconcile.Scope, from siteTemplate, namespace siteNamespace) (map[string]any, error) {
	resource, err := r.at(s).Resource(ctx, from.Path)
	if err != nil {
		return nil, err
	}
	vars := map[string]any{}
	if err := from.Variables.Decode(&vars); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "variables of %s for namespace %s: they are no map: %w", from.Path, namespace.Name, err)
	}
	known, err := describe(namespace)
	if err != nil {
		return nil, err
	}
	rendered, err := r.templates.Render(ctx, s, template.Template{
		Path: from.Path, Body: resource.Content, Variables: vars, Resource: map[string]any{"namespace": known},
	})
	if err != nil {
		return nil, fmt.Errorf("site %s/%s: %w", namespace.Cluster.Name, namespace.Name, err)
	}
	if rendered.Secret {
		return nil, apierr.Errorf(apierr.Invalid, "site %s/%s: template %s reads a secret, which the plan would show", namespace.Cluster.Name, namespace.Name, from.Path)
	}
	object, err := parse(rendered.Text)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "site %s/%s: template %s makes no Kubernetes object: %w", namespace.Cluster.Name, namespace.Name, from.Path, err)
	}
	return object, nil
}

// parse reads one object and labels it. Numbers keep their text.
func parse(text string) (map[string]any, error) {
	var clear any
	if err := yaml.Unmarshal([]byte(text), &clear, asNumbers); err != nil {
		return nil, err
	}
	object, _ := clear.(map[string]any)
	meta, _ := object["metadata"].(map[string]any)
	if meta == nil {
		return nil, fmt.Errorf("it is no map with metadata")
	}
	labels, _ := meta["labels"].(map[string]any)
	if labels == nil {
		labels = map[string]any{}
		meta["labels"] = labels
	}
	for label, value := range controllerLabels() {
		labels[label] = value
	}
	return object, nil
}

func asNumbers(decoder *json.Decoder) *json.Decoder {
	decoder.UseNumber()
	return decoder
}

// describe is a namespace as templates see it, in the fields and names of the reference's query. What is not set is null
// and not missing.
func describe(namespace siteNamespace) (map[string]any, error) {
	whole, err := asMap(&namespace)
	if err != nil {
		return nil, err
	}
	place, _ := whole["placement"].(map[string]any)
	delete(whole, "placement")
	cluster, _ := whole["cluster"].(map[string]any)
	for _, field := range []string{"insecureSkipTLSVerify", "internal", "automationToken", "clusterAdminAutomationToken", "disable", "jumpHost"} {
		if _, set := cluster[field]; !set {
			cluster[field] = nil
		}
	}
	cluster["spec"], cluster["peering"] = place["spec"], place["peering"]
	return whole, nil
}

func asMap(value any) (map[string]any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, apierr.New(apierr.Invalid, err)
	}
	var fields map[string]any
	return fields, utiljson.Unmarshal(text, &fields)
}

// edge says whether a site's configuration makes it one that accepts no links.
func edge(objects []map[string]any) bool {
	for _, object := range objects {
		kind, _ := object["kind"].(string)
		data, _ := object["data"].(map[string]any)
		if value, set := data["edge"]; set && strings.EqualFold(kind, "ConfigMap") {
			text, _ := value.(string)
			return strings.EqualFold(text, "true")
		}
	}
	return false
}
