package addonsupgradeteststrigger

import (
	"context"
	"errors"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Apply has the jobs of an add-on built, and notes the version when all of them have been. A job that cannot be built keeps
// no other one from being built.
//
// Differs from the reference: a run that breaks off after some of the jobs builds the others alone next time; there it
// builds all of them again.
func (r *reconciler) Apply(ctx context.Context, _ reconcile.Scope, c plan.Change[Tested]) error {
	if c.Desired == nil {
		return nil
	}
	want := *c.Desired
	version, err := r.tested(ctx, want.Key())
	if err != nil {
		return err
	}
	if version != want.Version {
		if err := r.buildAll(ctx, want); err != nil {
			return err
		}
		if err := r.state.Set(ctx, want.Key(), want.Version, nil); err != nil {
			return err
		}
	}
	for _, job := range want.Jobs {
		if err := r.state.Remove(ctx, job.markKey(want)); err != nil && !apierr.Is(err, apierr.Missing) {
			return err
		}
	}
	return nil
}

// buildAll has each job built. Where some fail in a way that may pass, the error is of that kind, so that they are tried
// again.
func (r *reconciler) buildAll(ctx context.Context, want Tested) error {
	var passing, lasting []error
	for _, job := range want.Jobs {
		err := r.buildOnce(ctx, want, job)
		if kind, known := apierr.KindOf(err); known && !kind.Retryable() {
			lasting = append(lasting, err)
		} else {
			passing = append(passing, err)
		}
	}
	return errors.Join(append(passing, lasting...)...)
}

// mark says what is known of the build of a job for a version, until all jobs have been built. Jenkins takes no key by which
// a second request for the same build would be told from the first; so what comes next is noted before it is asked for.
type mark struct {
	Version string `json:"version"`
	// Next is the number that the build was to have.
	Next int `json:"next"`
	// Built says that Jenkins has taken it.
	Built bool `json:"built,omitempty"`
}

// markKey is beside the reference's keys, and begins as none of them does.
func (j Job) markKey(of Tested) string {
	return ".building/" + of.Key() + "/" + j.Instance + "/" + j.Name
}

// buildOnce has a job built, unless it was for this version: by an attempt before this one, or by somebody else since that
// attempt began, whose build tests the version as well.
func (r *reconciler) buildOnce(ctx context.Context, want Tested, job Job) error {
	var m mark
	entry, err := r.state.Get(ctx, job.markKey(want))
	if err == nil {
		err = entry.Decode(&m)
	}
	if err != nil && !apierr.Is(err, apierr.Missing) {
		return err
	}
	if m.Version == want.Version && m.Built {
		return nil
	}
	client, err := r.jenkins(ctx, job.Instance, job.Token)
	if err != nil {
		return err
	}
	found, err := client.GetJob(ctx, job.Name)
	if err != nil {
		return err
	}
	if m.Version != want.Version {
		m = mark{Version: want.Version, Next: found.NextBuild}
		if err := r.state.Set(ctx, job.markKey(want), m, nil); err != nil {
			return err
		}
	} else if found.Queued || found.NextBuild > m.Next {
		m.Built = true
	}
	if !m.Built {
		if err := client.Build(ctx, job.Name); err != nil {
			return err
		}
		m.Built = true
	}
	return r.state.Set(ctx, job.markKey(want), m, nil)
}
