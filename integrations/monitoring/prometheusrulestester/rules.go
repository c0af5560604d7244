package prometheusrulestester

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// mostBytes is the size of the largest ConfigMap that Prometheus' operator makes, and so of the largest PrometheusRule.
const mostBytes = 512 << 10

// rules are those of one PrometheusRule.
type rules struct {
	path string
	body namespaced.Body
	spec map[string]any
	// renamed has the paths of what promtool's files are made from.
	renamed *strings.Replacer
}

// test is a file of tests.
type test struct {
	path string
	spec map[string]any
	// secret says that secrets may be in it.
	secret bool
}

// read makes the rules of an entry, and reads their tests.
func (v *validator) read(ctx context.Context, s reconcile.Scope, u use) (rules, []test, error) {
	body, err := v.source.Object(ctx, s, u.namespace, u.item, resources.Links{None: true})
	if err != nil {
		return rules{}, nil, err
	}
	spec, ok := body.Object["spec"].(map[string]any)
	if !ok {
		return rules{}, nil, apierr.Errorf(apierr.Invalid, "it has no spec: write a PrometheusRule")
	}
	var tests []test
	for _, path := range u.item.Tests {
		read, err := v.test(ctx, s, u, path)
		if err != nil {
			return rules{}, nil, fmt.Errorf("test %s: %w", path, err)
		}
		tests = append(tests, read)
	}
	return rules{path: u.item.File.Path, body: body, spec: spec}, tests, nil
}

// test reads a file of tests without what only app-interface knows in it.
func (v *validator) test(ctx context.Context, s reconcile.Scope, u use, path string) (test, error) {
	resource, err := v.app(s).Resource(ctx, path)
	if err != nil {
		return test{}, err
	}
	read := test{path: path}
	content := resource.Content
	if u.item.Type == "resource-template-extracurlyjinja2" {
		rendered, err := v.source.Beside(ctx, s, u.namespace, u.item, path, content)
		if err != nil {
			return test{}, err
		}
		content, read.secret = rendered.Text, rendered.Secret
	}
	if read.spec, err = resources.Parse(content); err != nil {
		return test{}, apierr.Errorf(apierr.Invalid, "it is no file of tests: write a map with rule_files and tests")
	}
	delete(read.spec, "target_clusters")
	return read, nil
}

// fits fails for an object that Prometheus' operator does not take.
func fits(object map[string]any, most int) error {
	text, err := yaml.Marshal(object)
	if err != nil {
		return apierr.New(apierr.Invalid, err)
	}
	if len(text) > most {
		return apierr.Errorf(apierr.Invalid, "it has %d bytes, and Prometheus' operator takes %d: split it", len(text), most)
	}
	return nil
}

// knownServices fails for rules that alert for services which app-interface does not know.
func knownServices(spec map[string]any, known map[string]bool) error {
	var missing []string
	groups, _ := spec["groups"].([]any)
	for _, group := range groups {
		group, _ := group.(map[string]any)
		all, _ := group["rules"].([]any)
		for _, rule := range all {
			rule, _ := rule.(map[string]any)
			labels, _ := rule["labels"].(map[string]any)
			if service, _ := labels["service"].(string); service != "" && !known[service] {
				missing = append(missing, service)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return apierr.Errorf(apierr.Invalid, "services are missing from alertingServices: %s: add them to the app-interface-settings, or correct the label service",
		strings.Join(slices.Compact(missing), ", "))
}
