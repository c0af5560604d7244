package openshiftsaasdeploy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

const (
	// pace is how long to wait between two looks at most.
	pace = 2 * time.Minute
	// partsAtOnce bounds the objects that are read side by side.
	partsAtOnce = 10
	// mostWords bounds the parts that a message names.
	mostWords = 3
)

// Advance implements reconcile.Follower: it looks whether a rollout is done, and publishes how it ended. One that needed an
// approval applies its objects at first, when its bundle is there yet.
func (r *reconciler) Advance(ctx context.Context, s reconcile.Scope, c plan.Change[Item], afresh bool) (plan.Stand, error) {
	if c.Desired.Notice != nil {
		return r.conclude(ctx, s, c)
	}
	rollout := *c.Desired.Rollout
	if c.Current != nil && c.Current.Rollout != nil {
		rollout.Faults = c.Current.Rollout.Faults
	}
	begins := !c.Begun || afresh
	latest, err := r.latest(ctx, s, &rollout, begins)
	if err != nil {
		return plan.Stand{}, err
	}
	if latest.rollout != rollout.key() {
		return plan.Stand{Phase: plan.PhaseDone, Words: "superseded by the rollout of " + short(latest.Commit)}, nil
	}
	faults, waiting := rollout.Faults, []string(nil)
	if len(faults) == 0 && rollout.Careful != "" && begins {
		if faults, err = r.applyParts(ctx, s, &rollout); err != nil {
			return plan.Stand{}, err
		}
	}
	if len(faults) == 0 {
		if faults, waiting, err = r.look(ctx, s, &rollout); err != nil {
			return plan.Stand{}, err
		}
	}
	limit := rollout.limit()
	if len(waiting) > 0 && len(faults) == 0 && r.now().Sub(latest.since) > limit {
		faults = []string{fmt.Sprintf("it is not done after %s: %s", limit, some(waiting))}
	}
	switch {
	case len(faults) > 0:
		if err := r.end(ctx, s, &rollout, failed, some(faults)); err != nil {
			return plan.Stand{}, err
		}
		return plan.Stand{}, apierr.Errorf(apierr.Invalid, "the rollout failed: %s; deploy again when that is mended", some(faults))
	case len(waiting) > 0:
		stand := plan.Waiting("%s", some(waiting))
		stand.Within = pace
		return stand, nil
	}
	return plan.Done(), r.end(ctx, s, &rollout, succeeded, "")
}

// latest returns the record of the target's latest rollout, which this one becomes when it begins.
func (r *reconciler) latest(ctx context.Context, s reconcile.Scope, rollout *Rollout, begins bool) (record, error) {
	if begins {
		return r.begin(ctx, s, rollout)
	}
	return r.recorded(ctx, s, rollout.Target)
}

// look says what is wrong with the parts of a rollout, and what they wait for.
func (r *reconciler) look(ctx context.Context, s reconcile.Scope, rollout *Rollout) (faults, waiting []string, err error) {
	client, err := r.connect(ctx, s, rollout.Cluster, rollout.Privileged)
	if err != nil {
		return nil, nil, err
	}
	objects := make([]map[string]any, len(rollout.Parts))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	for i, part := range rollout.Parts {
		group.Go(func() (err error) {
			objects[i], err = live(within, client, part.Kind, rollout.Namespace, part.Name)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	var absent []part
	for i, part := range rollout.Parts {
		if !kubeapi.Carries(objects[i], rollout.owner(), part.Hash) {
			absent = append(absent, part)
			continue
		}
		switch phase, words := judge(objects[i]); phase {
		case resources.Failed:
			faults = append(faults, part.String()+": "+words)
		case resources.NotRealized:
			waiting = append(waiting, part.String()+": "+words)
		case resources.Realized:
		}
	}
	if len(absent) == 0 {
		return faults, waiting, nil
	}
	noted, err := r.noted(ctx, s, rollout)
	for _, part := range absent {
		if why, known := noted[part.Kind+"/"+part.Name]; known {
			faults = append(faults, part.String()+": "+why)
		} else {
			waiting = append(waiting, part.String()+" is not applied yet")
		}
	}
	return faults, waiting, err
}

// judge says how far a live object is. One that its controller has not looked at since it was applied is not realised,
// whatever its status says.
//
// Differs from the reference: there the status of the object before counts, where the controller takes its time.
func judge(object map[string]any) (resources.Phase, string) {
	metadata, _ := object["metadata"].(map[string]any)
	status, _ := object["status"].(map[string]any)
	seen, told := status["observedGeneration"]
	if told && fmt.Sprint(seen) != fmt.Sprint(metadata["generation"]) {
		return resources.NotRealized, "its controller has not looked at it yet"
	}
	return resources.Judge(object)
}

// some names the first of several texts.
func some(texts []string) string {
	if len(texts) > mostWords {
		return fmt.Sprintf("%s; and %d more", strings.Join(texts[:mostWords], "; "), len(texts)-mostWords)
	}
	return strings.Join(texts, "; ")
}

// Skip implements reconcile.Follower. A rollout cannot be taken for done, because it is promoted by its success.
func (r *reconciler) Skip(_ context.Context, _ reconcile.Scope, c plan.Change[Item]) error {
	if c.Desired != nil && c.Desired.Rollout != nil {
		return apierr.Errorf(apierr.Invalid, "a rollout cannot be skipped, because commits are promoted by it: mend what it waits for, or deploy another commit")
	}
	return nil
}
