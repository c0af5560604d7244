package resources

import (
	"context"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Items are the entries of some providers, the namespace's own ones first. They are those of the files, which have a
// template or are read as they are, where no provider is named.
func (n Namespace) Items(providers ...string) []Item {
	if len(providers) == 0 {
		providers = []string{ProviderFile, ProviderTemplate, ProviderRoute, ProviderPrometheusRule}
	}
	return n.items(providers)
}

// Links say where alerts are linked to.
type Links struct {
	// Repository is the address of app-interface's repository; "" is the reference's.
	Repository string
	// None leaves alerts without a link.
	None bool
}

// Object makes the object of one entry, for checks.
func (s *Source) Object(ctx context.Context, scope reconcile.Scope, n Namespace, item Item, links Links) (namespaced.Body, error) {
	return s.make(ctx, scope, place{namespace: n, repository: links.Repository, unlinked: links.None}, item, everything)
}

// Parse reads a Kubernetes object as those of files are read: by YAML 1.1, with numbers as json.Number and without $schema.
func Parse(content string) (map[string]any, error) { return parse(content) }

// everything is wanted by who makes an object for itself.
func everything(string, string) bool { return true }

// Beside renders another resource with the variables of an entry: a test of the entry's template. Its braces are tripled.
func (s *Source) Beside(ctx context.Context, scope reconcile.Scope, n Namespace, item Item, path, content string) (template.Result, error) {
	item.File = File{Path: path, Content: content}
	return s.render(ctx, scope, place{namespace: n}, item, true)
}
