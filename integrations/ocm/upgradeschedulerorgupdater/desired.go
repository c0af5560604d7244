package upgradeschedulerorgupdater

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// readsAtOnce bounds the clusters that are read side by side.
const readsAtOnce = 10

// Shards are the organisations that have defaults.
//
// Differs from the reference: an organisation that lists the integration in disable.integrations is left out, as by all
// other integrations that upgrade. And one whose clusters cannot be read does not stop those behind it.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	organizations, err := r.organizations(ctx, s)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(organizations))
	for i := range organizations {
		names[i] = organizations[i].Name
	}
	return names, nil
}

// Source implements reconcile.Sourced: Desired asks OCM as well. What a template queries depends on the clusters there, so
// that nobody can tell whether it differs between bundles.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	organizations, err := r.organizations(ctx, s)
	if err != nil {
		return err
	}
	for _, of := range organizations {
		for _, d := range of.UpgradePolicyDefaults {
			if t := d.UpgradePolicyTemplate; t != nil && t.Path != nil && strings.Contains(t.Path.Content, "query(") {
				if err := inputs.Outside(ctx, "what the template "+t.Path.Path+" queries"); err != nil {
					return err
				}
			}
		}
	}
	return r.To(s).Inputs(ctx)
}

// Desired returns the update that the organisation's datafile needs. A cluster whose policy cannot be told is a problem.
//
// Differs from the reference: an entry is removed where OCM does not have the cluster at all. There it is also removed while
// a cluster is not ready, hibernates for instance, and comes back with the rules of a default.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Update, error) {
	of, err := r.organization(ctx, s)
	if err != nil {
		return nil, err
	}
	client, err := r.connect(ctx, ocmapi.AccessOf(of.Environment, ocmapi.Own{
		ClientID: of.AccessTokenClientId, TokenURL: of.AccessTokenUrl, ClientSecret: of.AccessTokenClientSecret,
	}))
	if err != nil {
		return nil, err
	}
	clusters, err := client.ListClusters(ctx, ocmapi.ManagedIn(of.OrgId))
	if err != nil {
		return nil, err
	}
	update := Update{Organization: of.Name, Path: "data" + of.Path, Entries: len(of.UpgradePolicyClusters)}
	for _, entry := range of.UpgradePolicyClusters {
		if !slices.ContainsFunc(clusters, func(c ocmapi.Cluster) bool { return c.Name == entry.Name }) {
			update.Remove = append(update.Remove, entry.Name)
		}
	}
	unruled := slices.DeleteFunc(clusters, func(c ocmapi.Cluster) bool { return !c.Ready() || of.rules(c.Name) })
	slices.SortFunc(unruled, func(a, b ocmapi.Cluster) int { return strings.Compare(a.Name, b.Name) })
	labels, err := labelsOf(ctx, client, unruled)
	if err != nil {
		return nil, err
	}
	var problems reconcile.Problems
	for i, c := range unruled {
		added, matched, err := r.add(ctx, s, of, c, labels[i])
		switch {
		case err != nil && !cannotBeTold(err):
			return nil, err
		case err != nil:
			problems = append(problems, fmt.Errorf("cluster %s: %w", c.Name, err))
		case !matched:
			logging.From(ctx).Debug("cluster gets no rules: it matches no default", "cluster", c.Name)
		default:
			update.Add = append(update.Add, added)
		}
	}
	if len(update.Add)+len(update.Remove) == 0 {
		return nil, problems.ErrorOrNil()
	}
	return []Update{update}, problems.ErrorOrNil()
}

// cannotBeTold says whether an error is one of the default, or of its template, and no other cluster's.
func cannotBeTold(err error) bool {
	kind, known := apierr.KindOf(err)
	return known && !kind.Retryable()
}

// labelsOf are those that the defaults look at. Hosted control planes have none.
func labelsOf(ctx context.Context, client ocm, clusters []ocmapi.Cluster) ([]map[string]string, error) {
	labels := make([]map[string]string, len(clusters))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, c := range clusters {
		if c.Hypershift.Enabled {
			labels[i] = map[string]string{}
			continue
		}
		group.Go(func() (err error) {
			labels[i], err = client.ListExternalLabels(ctx, c.ID)
			return err
		})
	}
	return labels, group.Wait()
}

// rules says whether a cluster has some.
func (o organization) rules(cluster string) bool {
	return slices.ContainsFunc(o.UpgradePolicyClusters, func(entry clusterEntry) bool { return entry.Name == cluster })
}

func (r *reconciler) organizations(ctx context.Context, s reconcile.Scope) ([]organization, error) {
	answer, err := UpdatedOrganizations(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(answer.Organizations), func(o organization) bool {
		disabled := o.Disable != nil && slices.Contains(o.Disable.Integrations, s.Integration)
		return disabled || len(o.UpgradePolicyDefaults) == 0
	}), nil
}

// organization is that of the scope.
func (r *reconciler) organization(ctx context.Context, s reconcile.Scope) (organization, error) {
	all, err := r.organizations(ctx, s)
	if err != nil {
		return organization{}, err
	}
	i := slices.IndexFunc(all, func(o organization) bool { return o.Name == s.Name })
	if i < 0 {
		return organization{}, apierr.Errorf(apierr.Invalid, "app-interface has no OCM organisation %s with upgradePolicyDefaults any more", s.Name)
	}
	return all[i], nil
}
