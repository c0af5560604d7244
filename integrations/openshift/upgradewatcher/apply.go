package upgradewatcher

import (
	"context"
	"fmt"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Vet refuses messages where app-interface does not say where to post them.
func (r *reconciler) Vet(ctx context.Context, s reconcile.Scope, _ plan.Change[Event]) error {
	_, _, err := r.channel(ctx, s)
	return err
}

// lately is how far back an earlier attempt to post a message is looked for.
const lately = 24 * time.Hour

// Apply posts the message of an event, and notes that it was told of.
//
// Differs from the reference: a message that was posted, and could not be noted, is not posted again.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Event]) error {
	if c.Action != plan.Create {
		return nil
	}
	workspace, at, err := r.channel(ctx, s)
	if err != nil {
		return err
	}
	slack, err := r.slack(ctx, workspace, at)
	if err != nil {
		return err
	}
	owners, err := owners(ctx, slack, c.Desired.Cluster)
	if err != nil {
		return err
	}
	message := slackapi.Message{
		Channel: at.Channel, Icon: at.Icon, Username: at.Username, Text: c.Desired.text(owners), Mark: Name + "/" + c.Desired.Key(),
	}
	if err := slack.PostOnce(ctx, message, r.now().Add(-lately)); err != nil {
		return err
	}
	return r.told.Set(ctx, c.Desired.Key(), c.Desired.value(), nil)
}

// owners is how a message speaks to the owners of a cluster: their usergroup, which need not be there.
func owners(ctx context.Context, slack poster, cluster string) (string, error) {
	handle := cluster + "-cluster"
	id, err := slack.UsergroupID(ctx, handle)
	if err != nil {
		return "", err
	}
	if id == "" {
		id = "@" + handle
	}
	return fmt.Sprintf("<!subteam^%s>", id), nil
}

// channel finds the first workspace that says how the integration posts.
func (r *reconciler) channel(ctx context.Context, s reconcile.Scope) (slackapi.Workspace, slackapi.Integration, error) {
	workspaces, err := slackapi.Workspaces(ctx, r.at(s))
	if err != nil {
		return slackapi.Workspace{}, slackapi.Integration{}, err
	}
	for _, w := range workspaces {
		if entry, found := w.Integration(Name); found {
			return w, entry, nil
		}
	}
	return slackapi.Workspace{}, slackapi.Integration{}, apierr.Errorf(apierr.Invalid,
		"no Slack workspace says where %s posts: add it to the integrations of a workspace", Name)
}
