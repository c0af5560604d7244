package addonsupgradeteststrigger

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// readsAtOnce bounds the clusters that are read side by side.
const readsAtOnce = 10

// Shards are the organisations that have jobs for add-ons.
//
// Differs from the reference: an organisation that disables the integration is left out; the reference does not ask.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	all, err := r.organizations(ctx, s)
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return names, err
}

// Source implements reconcile.Sourced: Desired asks OCM besides.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	_, err := r.organizations(ctx, s)
	return err
}

// Desired returns the add-ons with jobs whose version is the same on all clusters of the organisation. Where it is not, an
// upgrade is under way.
//
// Differs from the reference: an add-on that no cluster has is left alone; there its jobs are built in each run, for no
// version.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Tested, error) {
	o, err := r.organization(ctx, s)
	if err != nil {
		return nil, err
	}
	running, err := r.versions(ctx, o)
	if err != nil {
		return nil, err
	}
	var items []Tested
	for _, item := range o.tests() {
		versions := running[item.Addon]
		slices.Sort(versions)
		if versions = slices.Compact(versions); len(versions) != 1 {
			logging.From(ctx).Info("add-on is not tested: its clusters do not run one version", "addon", item.Addon, "versions", strings.Join(versions, ", "))
			continue
		}
		item.Version = versions[0]
		items = append(items, item)
	}
	return items, nil
}

// tests are the add-ons with jobs, without versions.
func (o organization) tests() []Tested {
	var items []Tested
	for _, test := range o.AddonUpgradeTests {
		i := slices.IndexFunc(items, func(t Tested) bool { return t.Addon == test.Addon.Name })
		if i < 0 {
			i = len(items)
			items = append(items, Tested{Organization: o.Name, Addon: test.Addon.Name})
		}
		job := Job{Instance: test.Instance.Name, Token: test.Instance.Token, Name: test.Name}
		if !slices.ContainsFunc(items[i].Jobs, func(j Job) bool { return j.Instance == job.Instance && j.Name == job.Name }) {
			items[i].Jobs = append(items[i].Jobs, job)
		}
	}
	return items
}

// versions are those that the organisation's clusters run, by add-on.
func (r *reconciler) versions(ctx context.Context, o organization) (map[string][]string, error) {
	own := ocmapi.Own{ClientID: o.AccessTokenClientId, TokenURL: o.AccessTokenUrl, ClientSecret: o.AccessTokenClientSecret}
	client, err := r.manager(ctx, ocmapi.AccessOf(o.Environment, own))
	if err != nil {
		return nil, err
	}
	clusters, err := client.ListClusters(ctx, ocmapi.ManagedIn(o.OrgId))
	if err != nil {
		return nil, err
	}
	clusters = slices.DeleteFunc(clusters, func(c ocmapi.Cluster) bool { return !c.Ready() })
	found := make([][]ocmapi.AddonInstallation, len(clusters))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, c := range clusters {
		group.Go(func() (err error) {
			found[i], err = client.ListAddonInstallations(ctx, ocmapi.AddonsV1, c.ID, ocmapi.Search{})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	versions := map[string][]string{}
	for _, addon := range slices.Concat(found...) {
		versions[addon.ID] = append(versions[addon.ID], addon.Version.ID)
	}
	return versions, nil
}

// organizations are those with jobs, by their names.
func (r *reconciler) organizations(ctx context.Context, s reconcile.Scope) ([]organization, error) {
	answer, err := AddonUpgradeTests(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(slices.Clone(answer.Organizations), func(o organization) bool {
		return len(o.AddonUpgradeTests) == 0 || o.Disable != nil && slices.Contains(o.Disable.Integrations, Name)
	})
	slices.SortFunc(all, func(a, b organization) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// organization is that of the scope.
func (r *reconciler) organization(ctx context.Context, s reconcile.Scope) (organization, error) {
	all, err := r.organizations(ctx, s)
	if err != nil {
		return organization{}, err
	}
	i := slices.IndexFunc(all, func(o organization) bool { return o.Name == s.Name })
	if i < 0 {
		return organization{}, apierr.Errorf(apierr.Invalid, "app-interface has no OCM organisation %s with addonUpgradeTests any more", s.Name)
	}
	return all[i], nil
}
