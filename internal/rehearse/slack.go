package rehearse

import (
	"cmp"
	"context"
	"net/http/httptest"
	"slices"
	"sync"

	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/standin/slack"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// slackTarget is a stand-in with all workspaces of a case. The estate's file holds a slack.Estate.
type slackTarget struct {
	slack  *slack.Server
	faults *fault.Injector
	server *httptest.Server
	// place is told where Slack is while the target is there.
	place *slackPlace
}

func startSlack(_ context.Context, s *Stage, _ string, text []byte) (target, error) {
	estate, err := slack.ParseEstate(text)
	if err != nil {
		return nil, err
	}
	t := &slackTarget{slack: slack.New(estate), place: s.slack}
	t.faults = fault.New(t.slack, slack.IsRead)
	t.server = httptest.NewServer(t.faults)
	t.place.set(t.URL())
	return t, nil
}

func (t *slackTarget) URL() string { return t.server.URL }

// environment leads a worker to it, and nowhere else.
func (t *slackTarget) environment() []string {
	return []string{slackapi.EnvURL + "=" + t.URL() + "/api/"}
}

func (t *slackTarget) Faults() *fault.Injector { return t.faults }

// Dump has the messages of a channel by their texts: which of several steps posts first is left to chance.
func (t *slackTarget) Dump(context.Context, ...string) ([]byte, error) {
	estate := t.slack.Dump()
	for _, workspace := range estate.Workspaces {
		for _, channel := range workspace.Channels {
			slices.SortStableFunc(channel.Messages, func(a, b slack.Message) int { return cmp.Compare(a.Text, b.Text) })
		}
	}
	return yaml.Marshal(estate)
}

func (t *slackTarget) Hang() error {
	t.server.Close()
	return nil
}

func (t *slackTarget) Close() error {
	t.place.set("")
	return t.Hang()
}

// slackPlace is where the current case has Slack. No case reaches the real one.
type slackPlace struct {
	mu  sync.Mutex
	url string
}

func (p *slackPlace) set(url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = url
}

// endpoint is a slackapi.Options.Endpoint.
func (p *slackPlace) endpoint() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.url == "" {
		return "", apierr.Errorf(apierr.Invalid, "the case has no Slack: add estate/slack/NAME.yaml")
	}
	return p.url + "/api/", nil
}
