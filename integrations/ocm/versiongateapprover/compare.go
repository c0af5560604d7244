package versiongateapprover

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/organizations"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Shards are the organisations.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	all, err := organizations.All(ctx, r.at(s), s)
	names := make([]string, len(all))
	for i, o := range all {
		names[i] = o.Name
	}
	return names, err
}

// Source implements reconcile.Sourced: Desired asks OCM besides.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	if _, err := organizations.All(ctx, r.at(s), s); err != nil {
		return err
	}
	return rosa.Inputs(ctx, r.at(s), s.Args)
}

func (r *reconciler) organization(ctx context.Context, s reconcile.Scope) (scheduling.Organization, error) {
	all, err := organizations.All(ctx, r.at(s), s)
	if err != nil {
		return scheduling.Organization{}, err
	}
	i := slices.IndexFunc(all, func(o scheduling.Organization) bool { return o.Name == s.Name })
	if i < 0 {
		return scheduling.Organization{}, apierr.Errorf(apierr.Invalid, "app-interface has no OCM organisation %s any more", s.Name)
	}
	return all[i], nil
}

// Desired returns the gates ahead of the organisation's clusters. Labels and gates are read as the environment's service
// account, as the reference does: it is the one that sees the organisations of others.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Item, error) {
	of, err := r.organization(ctx, s)
	if err != nil {
		return nil, err
	}
	client, err := r.connect(ctx, ocmapi.AccessOf(of.In, ocmapi.Own{}))
	if err != nil {
		return nil, err
	}
	clusters, err := survey(ctx, client, of)
	if err != nil || len(clusters) == 0 {
		return nil, err
	}
	gates, err := client.ListVersionGates(ctx)
	if err != nil {
		return nil, err
	}
	settings := sync.OnceValues(func() (rosa.Settings, error) { return rosa.Read(ctx, r.at(s), s.Args) })
	var items []Item
	for _, c := range clusters {
		more, err := c.items(of, c.ahead(gates), settings)
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	return items, nil
}

// items are the gates of a cluster, those one by one before which nothing has to be done. Settings are read where Jobs are
// needed.
func (f found) items(of scheduling.Organization, ahead []gate, settings func() (rosa.Settings, error)) ([]Item, error) {
	item := Item{Cluster: f.Name, ID: f.ID, Access: of.Access}
	var items []Item
	var sts []gate
	for _, g := range ahead {
		// Who runs a hosted control plane looks after its roles.
		if g.Label == upgrades.GateSTS && !(f.Product.ID == ocmapi.ProductROSA && f.Hypershift.Enabled) {
			sts = append(sts, g)
			continue
		}
		one := item
		one.Gates = []gate{g}
		items = append(items, one)
	}
	if len(sts) == 0 {
		return items, nil
	}
	slices.SortFunc(sts, func(a, b gate) int { return compareMinors(a.Minor, b.Minor) })
	item.Gates = sts
	var err error
	if item.Roles, item.Fault, err = f.roles(of, settings); err != nil {
		return nil, err
	}
	return append(items, item), nil
}

// compareMinors sorts minor versions such as 4.9 and 4.10.
func compareMinors(a, b string) int {
	number := func(minor string) int {
		_, behind, _ := strings.Cut(minor, ".")
		n, _ := strconv.Atoi(behind)
		return n
	}
	if order := number(a) - number(b); order != 0 {
		return order
	}
	return strings.Compare(a, b)
}

// roles are those of a cluster, or why its roles cannot be upgraded.
//
// Differs from the reference: a cluster whose roles have no prefix that is known keeps no other from its gates.
func (f found) roles(of scheduling.Organization, settings func() (rosa.Settings, error)) (*roles, string, error) {
	if f.Product.ID != ocmapi.ProductROSA {
		return &roles{}, "its roles cannot be upgraded: only those of ROSA clusters can; upgrade them by hand and agree to the gate in OCM, or take gate-sts out of its label " + approvals, nil
	}
	arn := f.AWS.STS.RoleARN
	fields := strings.Split(arn, ":")
	name, named := strings.CutSuffix(arn[strings.LastIndex(arn, "/")+1:], "-Installer-Role")
	if !named || name == "" || len(fields) < 5 {
		return &roles{}, "its roles cannot be upgraded: the installer's role " + strconv.Quote(arn) + " does not end in -Installer-Role, before which the prefix of the account's roles would be", nil
	}
	at, err := settings()
	if apierr.Is(err, apierr.Invalid) {
		return &roles{}, err.Error(), nil
	}
	if err != nil {
		return nil, "", err
	}
	return &roles{
		Settings: at, Account: rosa.Account{UID: fields[4], Region: f.Region.ID, Organization: of.ID}, Prefix: name, Channel: f.Version.ChannelGroup,
	}, "", nil
}

// readsAtOnce bounds the clusters that are read side by side.
const readsAtOnce = 10

// Current returns the items whose gates are all agreed to.
func (r *reconciler) Current(ctx context.Context, _ reconcile.Scope, desired []Item) ([]Item, error) {
	if len(desired) == 0 {
		return nil, nil
	}
	client, err := r.connect(ctx, desired[0].Access)
	if err != nil {
		return nil, err
	}
	agreed := map[string][]string{}
	ids := make([]string, 0, len(desired))
	for _, item := range desired {
		ids = append(ids, item.ID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	answers := make([][]string, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, id := range ids {
		group.Go(func() (err error) {
			answers[i], err = client.ListGateAgreements(ctx, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, id := range ids {
		agreed[id] = answers[i]
	}
	return slices.DeleteFunc(slices.Clone(desired), func(item Item) bool { return len(item.open(agreed[item.ID])) > 0 }), nil
}

// open are the gates that are not agreed to.
func (i Item) open(agreed []string) []gate {
	return slices.DeleteFunc(slices.Clone(i.Gates), func(g gate) bool { return slices.Contains(agreed, g.ID) })
}

// Vet implements reconcile.Vetter.
//
// Differs from the reference: a run that refuses a gate fails. There it logs an error.
func (r *reconciler) Vet(_ context.Context, _ reconcile.Scope, c plan.Change[Item]) error {
	if c.Desired != nil && c.Desired.Fault != "" {
		return apierr.Errorf(apierr.Invalid, "cluster %s: %s", c.Desired.Cluster, c.Desired.Fault)
	}
	return nil
}
