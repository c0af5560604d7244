package rehearse

import (
	"context"
	"net/http/httptest"
	"sync"

	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
	"github.com/app-sre/qontract-temporal/internal/standin/github"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// githubTarget is a stand-in with all repositories of a case. The estate's file holds a github.Estate.
type githubTarget struct {
	github *github.Server
	faults *fault.Injector
	server *httptest.Server
	// place is told where GitHub is while the target is there.
	place *githubPlace
}

func startGitHub(_ context.Context, s *Stage, _ string, text []byte) (target, error) {
	estate, err := github.ParseEstate(text)
	if err != nil {
		return nil, err
	}
	t := &githubTarget{github: github.New(estate), place: s.github}
	t.faults = fault.New(t.github, github.IsRead)
	t.server = httptest.NewServer(t.faults)
	t.place.set(t.URL())
	return t, nil
}

func (t *githubTarget) URL() string { return t.server.URL }

// environment leads a worker to it, and nowhere else.
func (t *githubTarget) environment() []string {
	return []string{githubapi.EnvURL + "=" + t.URL()}
}

func (t *githubTarget) Faults() *fault.Injector { return t.faults }

func (t *githubTarget) Dump(context.Context, ...string) ([]byte, error) {
	return yaml.Marshal(t.github.Dump())
}

func (t *githubTarget) Hang() error {
	t.server.Close()
	return nil
}

func (t *githubTarget) Close() error {
	t.place.set("")
	return t.Hang()
}

// githubPlace is where the current case has GitHub. No case reaches the real one.
type githubPlace struct {
	mu  sync.Mutex
	url string
}

func (p *githubPlace) set(url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = url
}

// endpoint is a githubapi.Options.Endpoint.
func (p *githubPlace) endpoint() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.url == "" {
		return "", apierr.Errorf(apierr.Invalid, "the case has no GitHub: add estate/github/NAME.yaml")
	}
	return p.url, nil
}
