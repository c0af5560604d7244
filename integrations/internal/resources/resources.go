// Package resources makes the objects that namespaces list in app-interface as openshiftResources, by the providers that
// the datafiles name: a file, a template, a secret of Vault, a route, rules for Prometheus. Package namespaced keeps them
// in the clusters.
package resources

import (
	"context"
	"fmt"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// The providers of resources, as datafiles name them.
const (
	ProviderFile           = "resource"
	ProviderTemplate       = "resource-template"
	ProviderVaultSecret    = "vault-secret"
	ProviderRoute          = "route"
	ProviderPrometheusRule = "prometheus-rule"
)

// Source makes the resources of an integration.
type Source struct {
	// Providers are the integration's. Resources of others are none of its business.
	Providers []string
	// Kinds, where there are any, take the place of each namespace's managedResourceTypes.
	Kinds []string
	// Read reads app-interface.
	Read    func(context.Context, reconcile.Scope) (Estate, error)
	Secrets secret.Reader
	// Renderer is needed by the providers that have templates.
	Renderer Renderer
}

// Estate is what the resources come from.
type Estate struct {
	Namespaces []Namespace
	// RepositoryURL is the address of app-interface's repository, which alerts link to; "" is the reference's.
	RepositoryURL string
}

// Namespaces returns the namespaces that list a resource of the providers, without those that are to be deleted and those
// that flags leave out: --namespace-name, --exclude-cluster, --shards.
func (s *Source) Namespaces(ctx context.Context, scope reconcile.Scope) ([]namespaced.Namespace, error) {
	estate, err := s.Read(ctx, scope)
	if err != nil {
		return nil, err
	}
	var all []namespaced.Namespace
	for _, n := range estate.Namespaces {
		items := n.items(s.Providers)
		if len(items) == 0 || namespaced.IsTrue(n.Delete) || !covered(scope, n) {
			continue
		}
		kinds, err := n.Kinds(s.Kinds)
		if err != nil {
			err = fmt.Errorf("[%s/%s] %w", n.Cluster.Name, n.Name, err)
		}
		all = append(all, namespaced.Namespace{
			Name: n.Name, Cluster: n.Cluster, ClusterAdmin: namespaced.IsTrue(n.ClusterAdmin), Managed: kinds,
			Bodies: func(ctx context.Context, scope reconcile.Scope, wanted namespaced.Wanted) ([]namespaced.Body, error) {
				if err != nil {
					return nil, reconcile.Problems{err}
				}
				return s.bodies(ctx, scope, place{namespace: n, repository: estate.RepositoryURL}, items, wanted)
			},
		})
	}
	return all, nil
}

// covered says whether the run's flags let a namespace pass.
func covered(s reconcile.Scope, n Namespace) bool {
	return s.Args.Allows("namespace-name", n.Name) && !slices.Contains(s.Args.Strings("exclude-cluster"), n.Cluster.Name) &&
		namespaced.InShard(s, n.Cluster.Name, n.Name)
}

// place is where resources belong.
type place struct {
	namespace Namespace
	// repository is the address of app-interface's repository.
	repository string
	// unlinked leaves alerts without a link to their file.
	unlinked bool
}

// bodies makes the resources of one namespace. The fault of one is a problem and stops no other; what may pass, such as a
// Vault that does not answer, fails all of them.
func (s *Source) bodies(ctx context.Context, scope reconcile.Scope, at place, items []Item, wanted namespaced.Wanted) ([]namespaced.Body, error) {
	var bodies []namespaced.Body
	var problems reconcile.Problems
	for _, item := range items {
		body, err := s.make(ctx, scope, at, item, wanted)
		if err != nil {
			err = fmt.Errorf("[%s/%s] %s: %w", at.namespace.Cluster.Name, at.namespace.Name, item.path(), err)
			if kind, known := apierr.KindOf(err); !known || kind.Retryable() {
				return nil, err
			}
			problems = append(problems, err)
			continue
		}
		if body.Object != nil {
			bodies = append(bodies, body)
		}
	}
	return bodies, problems.ErrorOrNil()
}

// make makes one resource, or none where it is not wanted.
func (s *Source) make(ctx context.Context, scope reconcile.Scope, at place, item Item, wanted namespaced.Wanted) (namespaced.Body, error) {
	switch item.Provider {
	case ProviderFile:
		return made(file(item, at))
	case ProviderTemplate:
		return s.template(ctx, scope, at, item)
	case ProviderVaultSecret:
		return s.vaultSecret(ctx, item, wanted)
	case ProviderRoute:
		return s.route(ctx, item, wanted)
	case ProviderPrometheusRule:
		return s.prometheusRule(ctx, scope, at, item)
	}
	return namespaced.Body{}, apierr.Errorf(apierr.Invalid, "the provider %q is not known", item.Provider)
}

// made is the body of an object without values of secrets. Secrets are withheld all the same, whoever wrote them.
func made(object map[string]any, err error) (namespaced.Body, error) {
	return namespaced.Body{Object: object, Secret: object["kind"] == "Secret"}, err
}

// WarnOfUnused logs the kinds that namespaces of the scope manage and have nothing of.
func WarnOfUnused(ctx context.Context, s reconcile.Scope, namespaces []namespaced.Namespace, desired []kubeapi.Object) {
	used := map[string]bool{}
	for _, object := range desired {
		used[object.Namespace+"/"+object.Kind] = true
	}
	for _, n := range namespaces {
		for _, managed := range n.Managed {
			if n.Cluster.Name == s.Name && !used[n.Name+"/"+managed.Kind] {
				logging.From(ctx).Warn("a managed resource type has no resources; remove it from the namespace's managedResourceTypes",
					"cluster", n.Cluster.Name, "namespace", n.Name, "type", managed.Kind)
			}
		}
	}
}
