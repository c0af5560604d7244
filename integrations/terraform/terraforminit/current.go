package terraforminit

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the bucket where the account has it, and the template collection where a merge request for it is open or
// it is in the repository. A bucket of the name that cannot hold the account's state is an error, so that nobody is asked
// to merge its name.
//
// Differs from the reference: a bucket of the account that is in another region than its resourcesDefaultRegion is
// reported. The reference goes on where it cannot tell, in us-east-1, and writes the wrong region into the collection.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Part) ([]Part, error) {
	var live []Part
	for _, part := range desired {
		var there bool
		var err error
		if part.Bucket != "" {
			there, err = r.hasBucket(ctx, s, part)
		} else {
			there, err = r.isAsked(ctx, s, part)
		}
		if err != nil {
			return nil, err
		}
		if there {
			part.Content, part.AutoMerge = "", false
			live = append(live, part)
		}
	}
	return live, nil
}

func (r *reconciler) hasBucket(ctx context.Context, s reconcile.Scope, want Part) (bool, error) {
	client, err := r.client(ctx, s)
	if err != nil {
		return false, err
	}
	found, err := client.FindBucket(ctx, want.Bucket)
	switch {
	case apierr.Is(err, apierr.Missing):
		return false, nil
	case err != nil:
		return false, err
	case found.Foreign:
		return false, apierr.Errorf(apierr.Invalid, "bucket %s belongs to another AWS account than %s: bucket names are unique across all accounts of AWS; delete it there, "+
			"or make a bucket with another name and write it into terraformState of the account's datafile", want.Bucket, want.Account)
	case found.Region != want.Region:
		return false, apierr.Errorf(apierr.Invalid, "bucket %s of AWS account %s is in %s and not in its resourcesDefaultRegion %s: delete it, or correct the region in the account's datafile",
			want.Bucket, want.Account, found.Region, want.Region)
	}
	return true, nil
}

func (r *reconciler) isAsked(ctx context.Context, s reconcile.Scope, want Part) (bool, error) {
	gateway, err := r.gateway(ctx, s)
	if err != nil {
		return false, err
	}
	found, err := gateway.Look(ctx, request(want))
	return err == nil && found.Outcome != mergerequest.Missing, err
}

func (r *reconciler) client(ctx context.Context, s reconcile.Scope) (buckets, error) {
	of, err := r.account(ctx, s)
	if err != nil {
		return nil, err
	}
	return r.connect(ctx, awsapi.Access{Account: of.Name, Credentials: of.AutomationToken, Region: of.ResourcesDefaultRegion})
}

// gateway opens requests and closes none, as in the reference.
func (r *reconciler) gateway(ctx context.Context, s reconcile.Scope) (mergerequest.Gateway, error) {
	return r.requests(s).AppInterfaceRepository(ctx, mergerequest.Allow{Opening: true})
}
