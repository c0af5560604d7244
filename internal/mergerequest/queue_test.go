package mergerequest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
)

// sent notes messages, or fails.
type sent struct {
	messages []string
	err      error
}

func (s *sent) SendMessage(_ context.Context, queueURL, body string) error {
	s.messages = append(s.messages, queueURL+" "+body)
	return s.err
}

// The messages are what json.dumps makes of the reference's sqs_data, but for spaces and escapes.
func TestMessagesAreTheReferences(t *testing.T) {
	for name, tc := range map[string]struct {
		kind      string
		arguments []mergerequest.Argument
		want      string
	}{
		"delete an access key": {"create_delete_aws_access_key_mr",
			[]mergerequest.Argument{{Name: "account", Value: "acc"}, {Name: "path", Value: "data/aws/acc/account.yml"}, {Name: "key", Value: "AKIA1"}},
			`{"pr_type":"create_delete_aws_access_key_mr","account":"acc","path":"data/aws/acc/account.yml","key":"AKIA1"}`},
		"delete a user": {"create_delete_user_mr",
			[]mergerequest.Argument{{Name: "username", Value: "bob"}, {Name: "paths", Value: []map[string]any{{"type": 0, "path": "data/users/bob.yml"}}}},
			`{"pr_type":"create_delete_user_mr","username":"bob","paths":[{"path":"data/users/bob.yml","type":0}]}`},
		"text in other letters and of HTML": {"promote_qontract_reconcile",
			[]mergerequest.Argument{{Name: "version", Value: "<ü&>"}, {Name: "author_email", Value: nil}},
			`{"pr_type":"promote_qontract_reconcile","version":"<ü&>","author_email":null}`},
		"no arguments": {"app_sre_tekton_access_report_mr", []mergerequest.Argument{}, `{"pr_type":"app_sre_tekton_access_report_mr"}`},
	} {
		t.Run(name, func(t *testing.T) {
			sender := &sent{}
			queue := mergerequest.NewQueue(sender, "https://sqs.example.com/1/q")
			request := mergerequest.Request{Type: tc.kind, Title: "T", Arguments: tc.arguments}
			result, err := queue.Look(t.Context(), request)
			require.NoError(t, err)
			require.Equal(t, mergerequest.Result{Outcome: mergerequest.Missing}, result)
			require.Empty(t, sender.messages)
			result, err = queue.Ensure(applying(t), request)
			require.NoError(t, err)
			require.Equal(t, mergerequest.Result{Outcome: mergerequest.Queued}, result)
			require.Equal(t, []string{"https://sqs.example.com/1/q " + tc.want}, sender.messages)
		})
	}
}

func TestWhatIsNotQueued(t *testing.T) {
	sender := &sent{}
	queue := mergerequest.NewQueue(sender, "https://sqs.example.com/1/q")
	request := plain()
	_, err := queue.Ensure(applying(t), request)
	require.True(t, apierr.Is(err, apierr.Invalid))
	require.ErrorContains(t, err, "type create_delete_user_mr cannot go through a queue")
	_, err = queue.Look(t.Context(), request)
	require.True(t, apierr.Is(err, apierr.Invalid))
	require.ErrorContains(t, err, "type create_delete_user_mr cannot go through a queue")

	request.Arguments = []mergerequest.Argument{{Name: "f", Value: func() {}}}
	_, err = queue.Ensure(applying(t), request)
	require.True(t, apierr.Is(err, apierr.Invalid))
	require.ErrorContains(t, err, "argument f")

	request.Arguments = []mergerequest.Argument{}
	_, err = queue.Ensure(t.Context(), request)
	require.True(t, apierr.Is(err, apierr.Guard), "outside apply")
	require.Empty(t, sender.messages)

	sender.err = apierr.New(apierr.Limited, errors.New("slow down"))
	_, err = queue.Ensure(applying(t), request)
	require.True(t, apierr.Is(err, apierr.Limited))
	require.ErrorContains(t, err, `queue merge request "[create_delete_user_mr] delete user bob": slow down`)
}
