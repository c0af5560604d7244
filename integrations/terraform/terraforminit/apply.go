package terraforminit

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Apply makes the bucket, or opens the merge request.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Part]) error {
	if c.Action != plan.Create {
		return nil
	}
	if c.Desired.Bucket != "" {
		client, err := r.client(ctx, s)
		if err != nil {
			return err
		}
		return client.CreateBucket(ctx, c.Desired.Bucket)
	}
	return r.ask(ctx, s, *c.Desired)
}

// ask opens the merge request once the bucket is there.
//
// Differs from the reference: a merge request for the account that is open and cannot be merged, or is of another version
// of the program, fails the run, which says what to close. The reference, which closes none either, leaves it at a line in
// its log.
func (r *reconciler) ask(ctx context.Context, s reconcile.Scope, want Part) error {
	of, err := r.account(ctx, s)
	if err != nil {
		return err
	}
	there, err := r.hasBucket(ctx, s, Part{Account: of.Name, Bucket: bucketName(of), Region: of.ResourcesDefaultRegion})
	if err != nil {
		return err
	}
	if !there {
		return apierr.Errorf(apierr.Missing, "bucket %s is not there, and the merge request would name it: see why it was not made", bucketName(of))
	}
	gateway, err := r.gateway(ctx, s)
	if err != nil {
		return err
	}
	result, err := gateway.Ensure(ctx, request(want))
	if err == nil && result.Outcome == mergerequest.Withheld {
		err = apierr.Errorf(apierr.Guard, "merge request %q: another one for the account is open and out of date, or has a conflict: close the requests with the label %s that are not needed", request(want).Title, kind().Label)
	}
	return err
}
