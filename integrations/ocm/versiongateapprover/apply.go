package versiongateapprover

import (
	"context"
	"regexp"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Follows implements reconcile.Follower: roles take minutes.
func (r *reconciler) Follows(c plan.Change[Item]) bool {
	return c.Desired != nil && c.Desired.Roles != nil
}

// Apply agrees to a gate.
func (r *reconciler) Apply(ctx context.Context, _ reconcile.Scope, c plan.Change[Item]) error {
	if c.Desired == nil || c.Desired.Roles != nil {
		return nil
	}
	client, err := r.connect(ctx, c.Desired.Access)
	if err != nil {
		return err
	}
	return agree(ctx, client, c.Desired.ID, c.Desired.Gates[0])
}

// agree notes an agreement. One that an attempt before has noted is there already.
func agree(ctx context.Context, client ocm, cluster string, g gate) error {
	err := client.AgreeToGate(ctx, cluster, g.ID)
	if apierr.Is(err, apierr.Conflict) || apierr.Is(err, apierr.Invalid) {
		agreed, readErr := client.ListGateAgreements(ctx, cluster)
		if readErr != nil {
			return readErr
		}
		if len((Item{Gates: []gate{g}}).open(agreed)) == 0 {
			return nil
		}
	}
	return err
}

// pace is how long to wait between two looks at a Job, which takes minutes.
const pace = 90 * time.Second

// Advance implements reconcile.Follower: gate by gate, the older first, it upgrades the roles of the account and those of the
// cluster, and then agrees.
func (r *reconciler) Advance(ctx context.Context, s reconcile.Scope, c plan.Change[Item], afresh bool) (plan.Stand, error) {
	item := *c.Desired
	client, err := r.connect(ctx, item.Access)
	if err != nil {
		return plan.Stand{}, err
	}
	agreed, err := client.ListGateAgreements(ctx, item.ID)
	if err != nil {
		return plan.Stand{}, err
	}
	kubernetes, err := r.kubernetes(ctx, s, item.Roles.Settings.Place.Cluster)
	if err != nil {
		return plan.Stand{}, err
	}
	session := rosa.Session{
		Settings: item.Roles.Settings, Client: kubernetes, Owner: kubeapi.Owner{Integration: Name, Version: version}, Token: client.AccessToken,
	}
	for _, g := range item.open(agreed) {
		stand, err := r.upgrade(ctx, session, item, g, afresh || !c.Begun)
		if err != nil || stand.Phase != plan.PhaseDone {
			return jobs.Patient(stand, err, r.now())
		}
		if err := agree(ctx, client, item.ID, g); err != nil {
			return plan.Stand{}, err
		}
	}
	return plan.Done(), nil
}

// upgrade runs the commands before a gate. Those for the roles of the account are the same for all clusters with these roles,
// and run once for them; those for the cluster's own roles count only if they ran after them.
//
// Differs from the reference: the command for the cluster's roles is the same for each version. The reference takes the one
// that was run for the version before, within the hour, for this one's too.
func (r *reconciler) upgrade(ctx context.Context, session rosa.Session, item Item, g gate, again bool) (plan.Stand, error) {
	if err := item.Roles.sound(g); err != nil {
		return plan.Stand{}, err
	}
	var before time.Time
	for _, command := range []struct {
		whose, script string
		annotations   map[string]string
	}{
		{
			"account " + item.Roles.Account.UID,
			"rosa upgrade account-roles --prefix " + item.Roles.Prefix + " --version " + g.Minor + " --channel-group " + item.Roles.Channel + " -y -m=auto", nil,
		},
		{
			"cluster " + item.Cluster, "rosa upgrade operator-roles --cluster " + item.ID + " -y -m=auto",
			map[string]string{rosa.ClusterAnnotation: item.ID},
		},
	} {
		run, err := session.Run(ctx, rosa.Command{Account: item.Roles.Account, Script: command.script, Annotations: command.annotations}, rosa.Again{Failed: again, After: before})
		switch {
		case err != nil:
			return plan.Stand{}, err
		case run.Failed:
			stand := plan.Blocked("the roles of %s cannot be upgraded for %s: %s; correct what they say and retry the step; the Job goes an hour after its end and is then made again",
				command.whose, g.Minor, run.Words).Until(r.now().Add(time.Hour))
			// No run looks at it again, so that people have to be told.
			stand.Late = true
			return stand, nil
		case !run.Complete:
			return plan.Waiting("the roles of %s are upgraded for %s: %s", command.whose, g.Minor, run.Words).Until(r.now().Add(pace)), nil
		}
		before = rosa.Made(run)
	}
	return plan.Done(), nil
}

// word is what a command takes as it stands.
var word = regexp.MustCompile(`^[A-Za-z0-9._+=,@-]+$`)

// sound refuses what bash would not take for one word.
func (r roles) sound(g gate) error {
	for _, text := range []string{r.Prefix, r.Channel, g.Minor} {
		if !word.MatchString(text) {
			return apierr.Errorf(apierr.Invalid, "%q is no prefix of roles, channel or version that a command can be given: correct it in OCM", text)
		}
	}
	return nil
}

// Skip implements reconcile.Follower. Who has upgraded the roles agrees in OCM.
func (r *reconciler) Skip(_ context.Context, _ reconcile.Scope, c plan.Change[Item]) error {
	return apierr.Errorf(apierr.Invalid, "%s cannot be skipped: where the roles have been upgraded agree to the gate in OCM, and retry the step", c.Summary)
}
