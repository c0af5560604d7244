package rehearse

import (
	"context"
	"fmt"
	"net/http/httptest"

	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/standin/gitlab"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// gitlabTarget is a stand-in with one instance. The estate's file holds a gitlab.Instance.
type gitlabTarget struct {
	name   string
	gitlab *gitlab.Server
	faults *fault.Injector
	server *httptest.Server
}

func startGitLab(_ context.Context, _ *Stage, name string, text []byte) (target, error) {
	var fields map[string]any
	if err := yaml.UnmarshalStrict(text, &fields); err != nil {
		return nil, fmt.Errorf("estate: %w", err)
	}
	whole, err := yaml.Marshal(map[string]any{"instances": map[string]any{name: fields}})
	if err != nil {
		return nil, err
	}
	estate, err := gitlab.ParseEstate(whole)
	if err != nil {
		return nil, err
	}
	t := &gitlabTarget{name: name, gitlab: gitlab.New(estate)}
	t.faults = fault.New(t.gitlab.Handler(), nil)
	t.server = httptest.NewServer(t.faults)
	return t, nil
}

func (t *gitlabTarget) URL() string { return t.server.URL }

func (t *gitlabTarget) Faults() *fault.Injector { return t.faults }

func (t *gitlabTarget) Dump(context.Context, ...string) ([]byte, error) {
	return yaml.Marshal(t.gitlab.Dump().Instances[t.name])
}

func (t *gitlabTarget) Hang() error {
	t.server.Close()
	return nil
}

func (t *gitlabTarget) Close() error { return t.Hang() }
