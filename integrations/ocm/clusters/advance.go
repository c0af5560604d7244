package clusters

import (
	"cmp"
	"context"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// pace is how long to wait between two looks at a cluster that is made.
const pace = 2 * time.Minute

// Advance implements reconcile.LongRunning. What OCM has is read anew: an earlier attempt may have come further than the plan
// knew.
func (r *reconciler) Advance(ctx context.Context, s reconcile.Scope, c plan.Change[Item], afresh bool) (plan.Stand, error) {
	if c.Desired == nil {
		return plan.Done(), nil
	}
	f, client, live, err := r.read(ctx, s)
	if err != nil {
		return plan.Stand{}, err
	}
	switch {
	case c.Key == request:
		gateway, err := r.gateway(ctx, s)
		if err == nil {
			_, err = gateway.Ensure(ctx, f.request(*c.Desired.Fill))
		}
		return plan.Done(), err
	case c.Action == plan.Create:
		stand, err := r.make(ctx, s, f, client, live, afresh)
		if err == nil && stand.Phase == plan.PhaseWaiting && stand.NotBefore == nil {
			stand = stand.Until(r.now().Add(pace))
		}
		return jobs.Patient(stand, err, r.now())
	case live == nil || !live.Ready():
		return plan.Done(), nil
	}
	change, _ := c.Desired.Facts.differences(factsOf(live.Cluster), kindOf(live.Product.ID, live.Hypershift.Enabled))
	if len(change) == 0 {
		return plan.Done(), nil
	}
	return plan.Done(), client.UpdateCluster(ctx, live.ID, f.update(change))
}

// make has the cluster made, unless OCM has it, and waits until it is ready.
//
// Differs from the reference: somebody looks until the cluster is ready, and tells where it stands. The reference's runs leave
// out clusters that are not.
func (r *reconciler) make(ctx context.Context, s reconcile.Scope, f file, client ocm, live *seen, afresh bool) (plan.Stand, error) {
	switch {
	case live == nil:
		return r.begin(ctx, s, f, client, afresh)
	case live.Ready():
		return plan.Done(), nil
	case live.State == ocmapi.ClusterError:
		return plan.Blocked("OCM could not install cluster %s: %s; help it there, or delete it there to have it made anew",
			f.Name, cmp.Or(live.Status.ProvisionErrorMessage, "it does not say why")).Until(r.now().Add(time.Hour)), nil
	}
	return plan.Waiting("OCM makes cluster %s, which is in the state %s", f.Name, live.State), nil
}

func (r *reconciler) begin(ctx context.Context, s reconcile.Scope, f file, client ocm, afresh bool) (plan.Stand, error) {
	if err := f.neverThere(); err != nil {
		return plan.Stand{}, err
	}
	if f.rosa() == nil {
		made, err := f.newCluster()
		if err == nil {
			err = client.CreateCluster(ctx, made)
		}
		return plan.Waiting("OCM has been asked for cluster %s", f.Name), err
	}
	script, err := f.script()
	if err != nil {
		return plan.Stand{}, err
	}
	settings, err := rosa.Read(ctx, r.at(s), s.Args)
	if err != nil {
		return plan.Stand{}, err
	}
	kubernetes, err := r.kubernetes(ctx, s, settings.Place.Cluster)
	if err != nil {
		return plan.Stand{}, err
	}
	at := rosa.Session{Settings: settings, Client: kubernetes, Owner: kubeapi.Owner{Integration: Name, Version: version}, Token: client.AccessToken}
	run, err := at.Run(ctx, rosa.Command{
		Account: rosa.Account{UID: f.rosa().Account.Uid, Region: f.rosa().Region, Organization: f.Ocm.OrgId}, Script: script,
	}, rosa.Again{Failed: afresh})
	switch {
	case err != nil:
		return plan.Stand{}, err
	case run.Failed:
		return plan.Blocked("cluster %s cannot be made: %s; correct what they say and retry the step; the Job goes an hour after its end and is then made again", f.Name, run.Words).
			Until(r.now().Add(time.Hour)), nil
	}
	return plan.Waiting("%s; OCM does not have cluster %s yet", run.Words, f.Name), nil
}

// Skip implements reconcile.LongRunning. Nobody can take a cluster for made that is not there.
func (r *reconciler) Skip(_ context.Context, s reconcile.Scope, c plan.Change[Item]) error {
	return apierr.Errorf(apierr.Invalid, "%s cannot be skipped: write into the datafile of cluster %s what there is", c.Summary, s.Name)
}
