package openshiftsaasdeploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/tekton"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// notices are what Slack is told, where the saas file asks for it and something is rolled out.
func (st *stage) notices(s reconcile.Scope, items []Item) ([]Item, error) {
	slack := st.file.Slack
	sum := sha256.New()
	rollouts := 0
	for _, item := range items {
		if item.Rollout != nil {
			rollouts++
			fmt.Fprintln(sum, item.Rollout.Target, item.Rollout.Commit, item.Rollout.Parts)
		}
	}
	if slack == nil || rollouts == 0 {
		return nil, nil
	}
	notice := Notice{
		Channel: slack.Channel, SaasFile: st.file.Name, Environment: st.environment, Quiet: namespaced.IsTrue(st.file.SkipSuccessfulDeployNotifications),
		Events: slack.Output == "events", Integration: s.Args.String("trigger-integration"), Reason: s.Args.String("trigger-reason"),
		Digest: hex.EncodeToString(sum.Sum(nil))[:8],
	}
	var err error
	if notice.ConsoleURL, err = consoleURL(st.file, st.environment); err != nil {
		return nil, err
	}
	notice.post(slack)
	made := []Item{{Notice: &notice}}
	if slack.Notifications != nil && namespaced.IsTrue(slack.Notifications.Start) {
		first := notice
		first.Begin = true
		made = append(made, Item{Notice: &first})
	}
	return made, nil
}

// post takes over how the integration posts in the saas file's workspace.
func (n *Notice) post(slack *saasfile.Slack) {
	n.Workspace = slackapi.Workspace{Name: slack.Workspace.Name}
	for _, integration := range slack.Workspace.Integrations {
		if integration.Name == Name {
			n.Token, n.Icon, n.Username = integration.Token, integration.IconEmoji, integration.Username
		}
	}
}

// consoleURL is where people see the PipelineRuns of the stage.
func consoleURL(file *saasfile.File, environment string) (string, error) {
	provider, ok := file.PipelinesProvider.(*saasfile.Tekton)
	if !ok {
		return "", nil
	}
	pipeline, err := tekton.PipelineName(provider.PipelineTemplate(), file.Name)
	if err != nil {
		return "", err
	}
	run, _ := tekton.RunName(file.Name, environment)
	return fmt.Sprintf("%s/k8s/ns/%s/tekton.dev~v1~Pipeline/%s/Runs?name=%s", provider.Namespace.Console.ConsoleUrl, provider.Namespace.Name, pipeline, run), nil
}

// due are the notices as they stand: what is to come is in them. A rollout that a person has to approve has people who know of it.
func (r *reconciler) due(desired, current []Item) []Item {
	stands := map[string]Item{}
	for _, item := range current {
		stands[item.Key()] = item
	}
	var pending, changes []string
	wanted := map[string]bool{}
	for _, item := range desired {
		stand, there := stands[item.Key()]
		wanted[item.Key()] = true
		differs := !there || !item.Equal(stand)
		switch {
		case item.Notice != nil:
		case item.Rollout != nil && differs && item.Rollout.Careful == "":
			pending = append(pending, item.Rollout.Target)
		case item.Object != nil && differs:
			changes = append(changes, event(item, "applied"))
		}
	}
	for _, item := range current {
		if item.Object != nil && !wanted[item.Key()] {
			changes = append(changes, event(item, "deleted"))
		}
	}
	var notices []Item
	for _, item := range desired {
		if item.Notice != nil {
			notice := *item.Notice
			notice.Pending, notice.Changes, notice.At = pending, changes, r.now()
			notices = append(notices, Item{Notice: &notice})
		}
	}
	return notices
}

func event(item Item, action string) string {
	return fmt.Sprintf("[%s] %s %s %s", item.Object.Cluster, item.Object.Kind, item.Object.Name, action)
}

// announce tells that the deployment begins.
func (r *reconciler) announce(ctx context.Context, _ reconcile.Scope, c plan.Change[Item]) error {
	return r.say(ctx, *c.Desired.Notice, c.Current.Notice.At, inProgress, c.Desired.Notice.text(inProgress))
}

// conclude tells how the deployment ended, when all of its rollouts have.
func (r *reconciler) conclude(ctx context.Context, s reconcile.Scope, c plan.Change[Item]) (plan.Stand, error) {
	notice, now := *c.Desired.Notice, *c.Current.Notice
	var waiting, failures []string
	for _, target := range now.Pending {
		latest, err := r.recorded(ctx, s, target)
		switch {
		case err != nil:
			return plan.Stand{}, err
		case latest.Outcome == "" || latest.ended.Before(now.At):
			waiting = append(waiting, target)
		case latest.Outcome == failed:
			failures = append(failures, target)
		}
	}
	if len(waiting) > 0 {
		stand := plan.Waiting("the rollouts of %s go on", some(waiting))
		stand.Within = pace
		return stand, nil
	}
	outcome := success
	if len(failures) > 0 {
		outcome = failure
	}
	if outcome == failure || !notice.Quiet {
		if err := r.say(ctx, notice, now.At, outcome, notice.text(outcome)); err != nil {
			return plan.Stand{}, err
		}
	}
	if outcome == failure {
		return plan.Stand{}, apierr.Errorf(apierr.Invalid, "the deployment failed: see the rollouts of %s", some(failures))
	}
	if notice.Events {
		for i, change := range now.Changes {
			if err := r.say(ctx, notice, now.At, fmt.Sprint(i), slackapi.Escape(change)); err != nil {
				return plan.Stand{}, err
			}
		}
	}
	return plan.Done(), nil
}

// lately is how long ago the same deployment may have been planned for the same message not to be repeated.
const lately = time.Hour

// say posts a message once. Of is the message's name among those of the deployment.
func (r *reconciler) say(ctx context.Context, n Notice, at time.Time, of, text string) error {
	slack, err := r.slack(ctx, n.Workspace, n.Token)
	if err != nil {
		return err
	}
	mark := strings.Join([]string{Name, n.SaasFile, n.Environment, n.Digest, of}, "/")
	return slack.PostOnce(ctx, slackapi.Message{Channel: n.Channel, Icon: n.Icon, Username: n.Username, Text: text, Mark: mark}, at.Add(-lately))
}

// The stages of a deployment as messages have them.
const (
	inProgress = "In Progress"
	success    = "Success"
	failure    = "Failure"
)

// text is a message about the deployment.
func (n *Notice) text(stage string) string {
	icons := map[string]string{inProgress: "yellow", success: "green", failure: "red"}
	text := fmt.Sprintf(":%s_jenkins_circle: SaaS file *%s* deployment to environment *%s*: %s (<%s|Open>)", icons[stage], n.SaasFile, n.Environment, stage, n.ConsoleURL)
	if n.Reason != "" {
		text += ". Reason: " + n.Reason
	}
	if n.Integration != "" {
		text += " triggered by _" + n.Integration + "_"
	}
	if stage == inProgress && n.Quiet {
		text += ". There will not be a notice for success."
	}
	return text
}
