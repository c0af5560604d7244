package accountmanager

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the desired steps that were done, with what was wanted then. Only what is desired is looked at, since
// nothing is undone.
//
// Each step reads the few keys of state that it has, side by side: the keys of all accounts of an organisation are in one
// folder, and reading that for each account would read it as often as there are accounts.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Step) ([]Step, error) {
	found := make([]*Step, len(desired))
	group, ctx := errgroup.WithContext(ctx)
	for i, want := range desired {
		group.Go(func() error {
			var err error
			if found[i], err = r.done(ctx, s, want); err != nil {
				return fmt.Errorf("%s: %w", want.Title(), err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var done []Step
	for _, step := range found {
		if step != nil {
			done = append(done, *step)
		}
	}
	return done, nil
}

// done returns the step as it was done last, or nil. It only reads, and asks AWS nothing.
func (r *reconciler) done(ctx context.Context, s reconcile.Scope, want Step) (*Step, error) {
	was := &Step{Task: want.Task, Account: want.Account}
	b := r.book(want)
	var is bool
	var err error
	switch want.Task {
	case createAccount:
		is, err = b.read(ctx, describeAccount, &was.UID)
	case createUser:
		is, err = r.userDone(ctx, b, want, was)
	case accountFile:
		is, err = r.fileDone(ctx, s, want)
	case tagAccount:
		is, err = b.read(ctx, want.Task, &was.Tags)
	case moveAccount:
		is, err = b.read(ctx, want.Task, &was.Unit)
	case enterpriseSupport:
		is, err = supportDone(ctx, b)
	case accountAlias:
		is, err = b.read(ctx, want.Task, &was.Alias)
	case serviceQuotas:
		is, err = quotasDone(ctx, b, want, was)
	case contactOfSecurity:
		is, err = b.read(ctx, want.Task, &was.Noted)
	case supportedRegions:
		is, err = b.read(ctx, want.Task, &was.Regions)
	}
	if err != nil || !is {
		return nil, err
	}
	return was, nil
}
