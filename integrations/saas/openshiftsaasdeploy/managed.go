package openshiftsaasdeploy

import (
	"crypto/sha256"
	"io"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// manages says whether the saas file manages an object, by its kind and its name.
func (st *stage) manages(object map[string]any) bool {
	kind, _ := object["kind"].(string)
	if _, versioned := object["apiVersion"].(string); !versioned || kind == "" {
		return false
	}
	metadata, _ := object["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	qualified := kubeapi.KindAndGroup(object)
	return slices.ContainsFunc(st.managed, func(m kubeapi.Managed) bool {
		return (m.Kind == kind || m.Kind == qualified) && (m.Names == nil || slices.Contains(m.Names, name))
	})
}

// linkAlerts tells the alerts of a PrometheusRule where they come from: those that have annotations.
func linkAlerts(object map[string]any, page string) {
	if object["kind"] != "PrometheusRule" {
		return
	}
	spec, _ := object["spec"].(map[string]any)
	groups, _ := spec["groups"].([]any)
	for _, group := range groups {
		fields, _ := group.(map[string]any)
		rules, _ := fields["rules"].([]any)
		for _, rule := range rules {
			fields, _ := rule.(map[string]any)
			if annotations, _ := fields["annotations"].(map[string]any); len(annotations) > 0 {
				annotations["html_url"] = page
			}
		}
	}
}

// generator is what the generated values of a template are drawn from.
//
// Differs from the reference: the same parameters, target and commit generate the same values. There each run generates
// others, and applies them.
func generator(given map[string]string, publisher, commit string) io.Reader {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(given)) {
		sum.Write([]byte(name + "\x00" + given[name] + "\x00"))
	}
	sum.Write([]byte(publisher + "\x00" + commit))
	return rand.NewChaCha8([sha256.Size]byte(sum.Sum(nil)))
}
