package slackapi

import (
	"context"
	"fmt"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Workspace is a workspace as its datafile describes it.
type Workspace struct {
	Name string
	// Token is that of the app which manages users and usergroups.
	Token  secret.Ref
	Limits Limits
	// Integrations say how single integrations post.
	Integrations []Integration
	// ManagedUsergroups are the handles of the usergroups that are kept as app-interface says.
	ManagedUsergroups []string
}

// Integration says with what token, where and under what appearance an integration posts.
type Integration struct {
	Name           string
	Token          secret.Ref
	Channel        string
	Icon, Username string
}

// Integration finds how an integration posts.
func (w Workspace) Integration(name string) (Integration, bool) {
	for _, integration := range w.Integrations {
		if integration.Name == name {
			return integration, true
		}
	}
	return Integration{}, false
}

// Workspaces reads the workspaces from app-interface, in the order in which it lists them.
func Workspaces(ctx context.Context, app graphql.Client) ([]Workspace, error) {
	answer, err := slackWorkspaces(ctx, app)
	if err != nil {
		return nil, fmt.Errorf("read the Slack workspaces from app-interface: %w", err)
	}
	var workspaces []Workspace
	for _, d := range answer.Workspaces {
		w := Workspace{Name: d.Name, Token: d.Token, ManagedUsergroups: d.ManagedUsergroups}
		if w.Limits, err = limits(d.ApiClient); err != nil {
			return nil, fmt.Errorf("slack workspace %s: %w", d.Name, err)
		}
		for _, i := range d.Integrations {
			w.Integrations = append(w.Integrations, Integration{Name: i.Name, Token: i.Token, Channel: i.Channel, Icon: i.IconEmoji, Username: i.Username})
		}
		workspaces = append(workspaces, w)
	}
	return workspaces, nil
}

// limits reads api_client. Of the arguments of methods there is only the size of pages.
func limits(settings *apiClient) (Limits, error) {
	var l Limits
	if settings == nil {
		return l, nil
	}
	if global := settings.Global; global != nil {
		l.Retries = global.MaxRetries
		if global.Timeout != nil {
			l.Timeout = time.Duration(*global.Timeout) * time.Second
		}
	}
	for _, method := range settings.Methods {
		var args struct {
			Limit int `json:"limit"`
		}
		if err := method.Args.Decode(&args); err != nil {
			return l, apierr.Errorf(apierr.Invalid, "the args of %s in api_client are not an object with a number as limit: correct them in the workspace's datafile", method.Name)
		}
		if l.Pages == nil {
			l.Pages = map[string]int{}
		}
		l.Pages[method.Name] = args.Limit
	}
	return l, nil
}
