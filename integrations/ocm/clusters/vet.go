package clusters

import (
	"context"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Vet refuses what cannot be made or changed, and has OCM look at what it is to make or change.
//
// Differs from the reference: a dry run makes no Job for a cluster of ROSA's. The reference's has the command line check the
// cluster, and to that end makes roles in the AWS account.
func (r *reconciler) Vet(ctx context.Context, s reconcile.Scope, c plan.Change[Item]) error {
	f, client, live, err := r.read(ctx, s)
	if err != nil {
		return err
	}
	switch {
	case c.Desired == nil:
		return nil
	case c.Key == request:
		gateway, err := r.gateway(ctx, s)
		if err != nil {
			return err
		}
		_, err = gateway.Look(ctx, f.request(*c.Desired.Fill))
		return err
	case live == nil:
		return f.vetNew(ctx, client, s)
	}
	change, refused := c.Desired.Facts.differences(factsOf(live.Cluster), kindOf(live.Product.ID, live.Hypershift.Enabled))
	if len(refused) > 0 {
		return apierr.Errorf(apierr.Invalid, "%s of a cluster cannot be changed: write into %s what OCM has: %s",
			strings.Join(refused, ", "), f.Path, c.Desired.Facts.words(factsOf(live.Cluster), refused))
	}
	if len(change) == 0 || !live.Ready() {
		return nil
	}
	return client.CheckClusterUpdate(ctx, live.ID, f.update(change))
}

// vetNew says why a cluster that OCM does not have must not be made.
func (f file) vetNew(ctx context.Context, client ocm, s reconcile.Scope) error {
	if err := f.neverThere(); err != nil {
		return err
	}
	if f.rosa() != nil {
		if err := rosa.Check(s.Args); err != nil {
			return err
		}
		_, err := f.script()
		return err
	}
	made, err := f.newCluster()
	if err != nil {
		return err
	}
	return client.CheckNewCluster(ctx, made)
}

// neverThere is an error where the datafile knows of a cluster that OCM does not have.
//
// Differs from the reference: such a cluster was there before, and is not made again. The reference does, and makes all
// clusters anew of an organisation that its service account may not see any more.
func (f file) neverThere() error {
	if f.Spec.GetId() == "" && f.Spec.GetExternalId() == "" {
		return nil
	}
	return apierr.Errorf(apierr.Invalid, "OCM has no cluster %s in the organisation %s, and %s has its ID, so that it was there: "+
		"look whether the service account of %s may see it; where it was deleted remove the datafile, or to have it made anew its id and external_id",
		f.Name, f.Ocm.OrgId, f.Path, f.Ocm.Name)
}
