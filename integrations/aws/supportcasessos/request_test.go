package supportcasessos

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/requests"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// emailOfTheReference is what its templates make of the account acc and the key AKIA1.
const emailOfTheReference = `---
$schema: "/app-interface/app-interface-email-1.yml"
labels: {}
name: "acc-AKIA1"
subject: "[create_delete_aws_access_key_mr] delete acc access key AKIA1"
to:
  aws_accounts:
  - $ref: "/aws/acc/account.yml"
body: |
  Hello,

  This is an automated notification.

  An AWS access key leak was detected and is being mitigated.

  Information:
  Account: acc
  Access key: AKIA1

  Please consult relevant SOPs to verify that the account is secure.

`

func TestTheEmailIsTheReferences(t *testing.T) {
	key := ExposedKey{Account: "acc", Path: "data/aws/acc/account.yml", ID: "AKIA1"}
	require.Equal(t, emailOfTheReference, email(key, "acc-AKIA1", request(key).Title))
}

// queued notes the messages of a queue, and chooses it.
type queued struct{ messages []string }

func (q *queued) SendMessage(_ context.Context, queueURL, body string) error {
	q.messages = append(q.messages, queueURL+" "+body)
	return nil
}

func (q *queued) Inputs(context.Context) error { return nil }

func (q *queued) Choose(context.Context, string) (mergerequest.Gateway, error) {
	return mergerequest.NewQueue(q, "https://sqs.example.com/1/q"), nil
}

func TestThroughAQueueEachKeyIsPlannedAndSent(t *testing.T) {
	queue := &queued{}
	r := &reconciler{Requests: requests.Requests[ExposedKey]{To: func(reconcile.Scope) requests.Destination { return queue }, Of: request}}
	key := ExposedKey{Account: "acc", Path: "data/aws/acc/account.yml", ID: "AKIA1"}
	current, err := r.Current(t.Context(), reconcile.Scope{}, []ExposedKey{key})
	require.NoError(t, err)
	require.Empty(t, current, "the queue does not tell what is open")
	change := plan.Change[ExposedKey]{Head: plan.Head{Action: plan.Create, Key: key.Key()}, Desired: &key}
	require.NoError(t, r.Vet(t.Context(), reconcile.Scope{}, change))
	require.Empty(t, queue.messages)
	require.NoError(t, r.Apply(readonly.Grant(t.Context()), reconcile.Scope{}, change))
	require.Equal(t, []string{
		`https://sqs.example.com/1/q {"pr_type":"create_delete_aws_access_key_mr","account":"acc","path":"data/aws/acc/account.yml","key":"AKIA1"}`,
	}, queue.messages)
}
