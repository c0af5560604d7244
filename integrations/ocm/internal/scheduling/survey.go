package scheduling

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
)

// there says whether an upgrade is planned as it is wanted. OCM chooses when one begins whose time is not given.
func (r *Scheduler) there(ctx context.Context, in Place, want Upgrade) (bool, error) {
	if want.Fault != "" {
		return false, nil
	}
	policies, err := r.Kind.Beside(ctx, in, want.Policy)
	return slices.ContainsFunc(policies, func(p upgrades.Policy) bool {
		return p.Version == want.Policy.Version && (want.Policy.NextRun.IsZero() || p.NextRun.Equal(want.Policy.NextRun))
	}), err
}

// decide decides, and reads the agreements to gates of the clusters whose turn it would be.
func decide(ctx context.Context, in Place, addon string, fleet *upgrades.Fleet, now upgrades.Situation) ([]upgrades.Verdict, error) {
	if addon == "" {
		gates, err := in.Client.ListVersionGates(ctx)
		if err != nil {
			return nil, err
		}
		for _, gate := range gates {
			now.Gates = append(now.Gates, upgrades.Gate{ID: gate.ID, Label: gate.Label, Minor: gate.VersionRawIDPrefix})
		}
	}
	now.Agreed = map[string][]string{}
	for {
		decision := fleet.Decide(now)
		if len(decision.Unread) == 0 {
			return decision.Verdicts, nil
		}
		if err := readAgreements(ctx, in, decision.Unread, now.Agreed); err != nil {
			return nil, err
		}
	}
}

// readAgreements adds the agreements of the clusters with the IDs. OCM has them cluster by cluster.
func readAgreements(ctx context.Context, in Place, ids []string, agreed map[string][]string) error {
	found := make([][]string, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(ReadsAtOnce)
	for i, id := range ids {
		group.Go(func() (err error) {
			found[i], err = in.Client.ListGateAgreements(ctx, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, id := range ids {
		agreed[id] = found[i]
	}
	return nil
}
