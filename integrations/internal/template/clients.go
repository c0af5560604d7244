package template

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// onGitHub reads with the token of the default organisation.
func (r *Renderer) onGitHub(pool *githubapi.Pool) func(context.Context, reconcile.Scope) (files, error) {
	return func(ctx context.Context, s reconcile.Scope) (files, error) {
		organisations, err := githubapi.Organisations(ctx, r.app(s))
		if err != nil {
			return nil, err
		}
		organisation, err := githubapi.Default(organisations)
		if err != nil {
			return nil, err
		}
		if inputs.Recorded(ctx) {
			return unread{}, nil
		}
		return pool.Connect(ctx, organisation)
	}
}

// inAccount reads with the access key of an account, in its default region where none is named.
func (r *Renderer) inAccount(pool *awsapi.Pool) func(context.Context, reconcile.Scope, string, string) (buckets, error) {
	return func(ctx context.Context, s reconcile.Scope, name, region string) (buckets, error) {
		answer, err := templateAccount(ctx, r.app(s), name)
		if err != nil {
			return nil, err
		}
		if len(answer.Accounts) != 1 {
			return nil, apierr.Errorf(apierr.Invalid, "app-interface has no AWS account %s: correct the name", name)
		}
		account := answer.Accounts[0]
		if inputs.Recorded(ctx) {
			return unread{account.Name}, nil
		}
		if region == "" {
			region = account.ResourcesDefaultRegion
		}
		client, err := pool.Connect(ctx, awsapi.Access{Account: account.Name, Credentials: account.AutomationToken, Region: region})
		if err != nil {
			return nil, err
		}
		return ofAccount{client}, nil
	}
}

// ofAccount reads objects as texts.
type ofAccount struct{ client *awsapi.Client }

// Object implements buckets.
func (o ofAccount) Object(ctx context.Context, bucket, key string) (string, error) {
	content, err := o.client.GetObject(ctx, bucket, key)
	return string(content), err
}

// Objects implements buckets.
func (o ofAccount) Objects(ctx context.Context, bucket, prefix string) ([]string, error) {
	return o.client.ListObjects(ctx, bucket, prefix)
}
