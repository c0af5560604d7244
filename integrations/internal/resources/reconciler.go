package resources

import (
	"context"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Reconciler keeps the resources of a source in clusters. Its scopes are clusters.
type Reconciler struct {
	*namespaced.Objects

	from *Source
}

var (
	_ reconcile.Reconciler[kubeapi.Object] = (*Reconciler)(nil)
	_ reconcile.Sourced                    = (*Reconciler)(nil)
)

// New returns the reconciler of an integration. What others made is left alone, except that what is desired is adopted.
func New(owner kubeapi.Owner, from *Source, clusters clients.Clusters) *Reconciler {
	return &Reconciler{
		Objects: &namespaced.Objects{
			Owner:      owner,
			Policy:     func(plan.Args) kubeapi.Policy { return kubeapi.Policy{} },
			Namespaces: from.Namespaces,
			Connect:    clusters.Connect,
		},
		from: from,
	}
}

// Shards are the clusters that have a resource of the integration. --cluster-name and --exclude-cluster do not go together.
func (r *Reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	if len(s.Args.Strings("cluster-name")) > 0 && len(s.Args.Strings("exclude-cluster")) > 0 {
		return nil, apierr.Errorf(apierr.Invalid, "--cluster-name and --exclude-cluster cannot be used together: name the clusters to cover, or those to leave out")
	}
	return r.Objects.Shards(ctx, s)
}

// Source reads the namespaces, whose resources come with them, and what templates query.
func (r *Reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	estate, err := r.from.Read(ctx, s)
	if err != nil {
		return err
	}
	for _, n := range estate.Namespaces {
		if namespaced.IsTrue(n.Delete) || !covered(s, n) {
			continue
		}
		for _, item := range n.items(r.from.Providers) {
			if !item.queries() {
				continue
			}
			_, err := r.from.make(ctx, s, place{namespace: n, repository: estate.RepositoryURL}, item, everything)
			// What is wrong with the template itself is the same for whoever reads the same.
			if kind, known := apierr.KindOf(err); err != nil && (!known || kind.Retryable()) {
				return err
			}
		}
	}
	return nil
}

// queries says whether a template may query app-interface, be it marked so or not.
func (i Item) queries() bool {
	return i.seen != nil && (namespaced.IsTrue(i.EnableQuerySupport) || strings.Contains(i.File.Content, "query"))
}
