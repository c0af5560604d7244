package clients

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// MergeRequests is where the steps of an integration get the gateway for merge requests from. The queue's URL is in the
// process's environment; a set that New made has none.
func (s *Set) MergeRequests(scope plan.Scope) mergerequest.Source {
	return mergerequest.Source{
		AppInterface: s.AppInterface().At(scope), GitLab: s.gitlab, Getenv: s.getenv,
		Sender: func(ctx context.Context, account mergerequest.QueueAccount) (mergerequest.Sender, error) {
			return s.aws.Connect(ctx, awsapi.Access{Account: account.Name, Credentials: account.Token, Region: account.Region})
		},
	}
}
