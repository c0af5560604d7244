package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Poster posts in the channel of an integration.
type Poster interface {
	// Post is false where the integration has no channel. The text is in Slack's mrkdwn.
	Post(ctx context.Context, integration, text string) (bool, error)
}

// Notices tells people what happened. The zero value tells nobody.
type Notices struct {
	Poster Poster
	// Link is the page of a run in the user interface, or ""; nil is an interface that nobody knows.
	Link func(workflowID, runID string) string
}

// send posts a notice. It is posted again where an attempt ends before its answer.
func (n Notices) send(ctx context.Context, notice workflows.Notice) error {
	if n.Poster == nil {
		return nil
	}
	link := ""
	if n.Link != nil {
		link = n.Link(notice.Of.WorkflowID, notice.Of.RunID)
	}
	posted, err := n.Poster.Post(readonly.Grant(ctx), notice.Integration, message(notice, link))
	if err == nil && !posted {
		activity.GetLogger(ctx).Info("no Slack workspace has a channel for notifications", "news", notice.News, "integration", notice.Integration)
	}
	return err
}
