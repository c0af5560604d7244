package host_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/activities"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
	"github.com/app-sre/qontract-temporal/internal/standin/slack"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
	"github.com/app-sre/qontract-temporal/workflows"
)

const workspaceOfTest = `$schema: /dependencies/slack-workspace-1.yml
name: acme
description: d
token: {path: slack, field: token}
managedUsergroups: []
integrations:
- {name: qontract-temporal, token: {path: slack, field: token}, channel: alerts, icon_emoji: ':robot_face:', username: qontract}
`

// notified is an installation whose people are told in a channel.
type notified struct {
	installation
	slack *slack.Server
}

// notify installs the integration with a stand-in for Slack.
func notify(t *testing.T, r integration, datafile string) notified {
	t.Helper()
	token := leak.Plant("slack token")
	estate, err := slack.ParseEstate([]byte("workspaces: {acme: {apps: {" + token + ": {name: bot}}, channels: {C1: {name: alerts}, C2: {name: widgets}}}}"))
	require.NoError(t, err)
	n := notified{slack: slack.New(estate)}
	serving := httptest.NewServer(n.slack)
	t.Cleanup(serving.Close)
	secrets, err := config.Parse("secrets.toml", "[graphql]\nserver = \"http://unused\"\n[slack]\ntoken = \""+token+"\"\n")
	require.NoError(t, err)
	set := clients.New(appInterface(t, fstest.MapFS{"data/workspace.yml": {Data: []byte(datafile)}}), configfile.New(secrets.Secrets),
		clients.WithSlack(slackapi.Options{Endpoint: func() (string, error) { return serving.URL + "/api/", nil }}))
	n.installation = install(t, r, "", func(o *host.Options) {
		o.Clients = set
		o.Notices = activities.Notices{Poster: set.Notices(), Link: func(id, _ string) string { return "https://ui/" + id }}
		o.ApprovalDeadline = time.Hour
	})
	return n
}

// scheduled runs the integration as its schedule does, to its end, and waits until the server lists it.
func (n notified) scheduled(t *testing.T, in workflows.Input) {
	t.Helper()
	before := n.ended(t)
	started, err := n.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: name}, workflows.ScheduledType,
		workflows.ScheduledInput{Schedule: name, Input: in})
	require.NoError(t, err)
	_ = started.Get(t.Context(), nil)
	require.Eventually(t, func() bool { return n.ended(t) == before+1 }, 20*time.Second, 20*time.Millisecond)
}

// ended counts the runs of the integration that have ended, without those of its scopes.
func (n notified) ended(t *testing.T) int64 {
	t.Helper()
	answer, err := n.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
		Query: "WorkflowId IN ('" + name + "', '" + workflows.ScheduledRunID(name, true) + "') AND ExecutionStatus != 'Running'",
	})
	require.NoError(t, err)
	return answer.GetCount()
}

// notices waits for so many messages in a channel, and for the workflows that send them to end.
func (n notified) notices(t *testing.T, channel string, count int) []string {
	t.Helper()
	var texts []string
	require.Eventually(t, func() bool {
		texts = nil
		for _, message := range n.slack.Dump().Workspaces["acme"].Channels[channel].Messages {
			texts = append(texts, message.Text)
		}
		answer, err := n.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Query: "WorkflowType = '" + workflows.NotificationType + "' AND ExecutionStatus = 'Running'",
		})
		return err == nil && answer.GetCount() == 0 && len(texts) >= count
	}, 20*time.Second, 20*time.Millisecond, "%q", texts)
	require.Len(t, texts, count, "%q", texts)
	require.NotContains(t, strings.Join(texts, "\n"), leak.Marker)
	return texts
}

func TestPeopleAreToldWhenRunsBeginToFailAndWhenTheyRecover(t *testing.T) {
	r := &widgets{count: 2, refuses: -1, scopes: []string{"prod-1", "prod-2"}, breaks: map[string]error{}}
	n := notify(t, r, workspaceOfTest)
	n.scheduled(t, workflows.Input{})
	n.notices(t, "C1", 0)

	r.breaks["prod-1"] = apierr.Errorf(apierr.Denied, "no access")
	n.scheduled(t, workflows.Input{DryRun: true})
	n.notices(t, "C1", 0)
	for range 2 {
		n.scheduled(t, workflows.Input{})
	}
	require.Equal(t, ":red_circle: *"+name+"* (<https://ui/"+name+"|open>) fails\n• prod-1: no access", n.notices(t, "C1", 1)[0], "told once, of two runs that fail")

	delete(r.breaks, "prod-1")
	_, err := n.run(t)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return n.ended(t) == 5 }, 20*time.Second, 20*time.Millisecond)
	n.notices(t, "C1", 1)
	r.breaks["prod-1"], r.breaks["prod-2"] = apierr.Errorf(apierr.Denied, "no access"), apierr.Errorf(apierr.Denied, "none here")
	n.scheduled(t, workflows.Input{})
	require.Contains(t, n.notices(t, "C1", 2)[1], "fails in more scopes", "a person's run in between is no news, and nothing is forgotten")

	clear(r.breaks)
	n.scheduled(t, workflows.Input{})
	require.Contains(t, n.notices(t, "C1", 3)[2], "has recovered; it failed since ")
	n.scheduled(t, workflows.Input{})
	n.notices(t, "C1", 3)
}

func TestARunThatIsNoNewsCostsNothing(t *testing.T) {
	r := &widgets{refuses: -1, breaks: map[string]error{}}
	n := notify(t, r, workspaceOfTest)
	began := func() (all []string) {
		for _, event := range n.history(t, name) {
			if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
				all = append(all, strings.TrimPrefix(scheduled.GetActivityType().GetName(), name+"/"))
			}
			if child := event.GetStartChildWorkflowExecutionInitiatedEventAttributes(); child != nil {
				all = append(all, child.GetWorkflowType().GetName())
			}
		}
		return all
	}
	n.scheduled(t, workflows.Input{})
	require.Equal(t, []string{"open", "desired", "current", "diff"}, began(), "nothing fails")
	r.breaks[""] = apierr.Errorf(apierr.Denied, "no access")
	n.scheduled(t, workflows.Input{})
	require.Equal(t, []string{"open", "desired", "current", workflows.NotificationType}, began(), "it begins to fail")
	n.scheduled(t, workflows.Input{})
	require.Equal(t, []string{"open", "desired", "current"}, began(), "it fails as before")
}

func TestARunThatCannotBeOpenedIsToldOnce(t *testing.T) {
	n := notify(t, &widgets{refuses: -1}, workspaceOfTest)
	for range 2 {
		n.scheduled(t, workflows.Input{Args: map[string][]string{"no-such-flag": {"x"}}})
	}
	require.Contains(t, n.notices(t, "C1", 1)[0], "no-such-flag")
	n.scheduled(t, workflows.Input{})
	require.Contains(t, n.notices(t, "C1", 2)[1], "has recovered")
}

func TestPeopleAreToldOfHeldChangesAndOfTheDecision(t *testing.T) {
	own := workspaceOfTest + "- {name: qontract-temporal-" + name + ", token: {path: slack, field: token}, channel: widgets, icon_emoji: ':gear:', username: widgets}\n"
	r := &widgets{refuses: -1}
	n := notify(t, r, own)
	for i := range 12 {
		r.made[""] = append(r.made[""], widget{Name: "unwanted-" + string(rune('a'+i))})
	}
	n.scheduled(t, workflows.Input{})
	asked := n.notices(t, "C2", 1)[0]
	approval := workflows.ApprovalID(name, "", "")
	require.Contains(t, asked, ":raised_hand: *"+approval+"* (<https://ui/"+approval+"|open>): held changes ")
	require.Contains(t, asked, "\n• … and 2 more\n")
	_, rest, _ := strings.Cut(asked, "`starter approve '"+name+"' --digest ")
	digest, _, found := strings.Cut(rest, " ")
	require.True(t, found, asked)

	handle, err := n.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: approval, UpdateName: workflows.ApproveMessage, WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{workflows.Decision{Digest: digest, By: "ann", Comment: "agreed"}},
	})
	require.NoError(t, err)
	require.NoError(t, handle.Get(t.Context(), nil), "the digest of the message is taken")
	require.Equal(t, ":white_check_mark: *"+approval+"* (<https://ui/"+approval+"|open>): held changes `"+digest+"` (12) are approved by ann and applied\n> agreed", n.notices(t, "C2", 2)[1])
	require.Empty(t, r.made[""])
	require.Equal(t, slack.Message{App: "bot", Text: asked, Username: "widgets", Icon: ":gear:"}, n.slack.Dump().Workspaces["acme"].Channels["C2"].Messages[0])
	n.notices(t, "C1", 0)
}

func TestARunDoesNotWaitForSlack(t *testing.T) {
	r := &widgets{count: 1, refuses: 0}
	n := notify(t, r, workspaceOfTest)
	n.slack.Throttle("chat.postMessage", slack.Throttle{Requests: 1, RetryAfter: 1})
	n.scheduled(t, workflows.Input{})
	require.Contains(t, n.notices(t, "C1", 1)[0], "widget-00000", "it is sent when Slack takes it")
}

func TestWithoutAChannelNobodyIsToldAndNothingFails(t *testing.T) {
	r := &widgets{refuses: -1, count: 1, breaks: map[string]error{"": errors.New("odd")}}
	n := notify(t, r, strings.ReplaceAll(workspaceOfTest, "name: qontract-temporal", "name: "+name))
	n.scheduled(t, workflows.Input{})
	n.notices(t, "C1", 0)
	answer, err := n.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
		Query: "WorkflowType = '" + workflows.NotificationType + "' AND ExecutionStatus = 'Completed'",
	})
	require.NoError(t, err)
	require.Equal(t, int64(1), answer.GetCount())
}
