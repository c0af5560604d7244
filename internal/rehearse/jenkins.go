package rehearse

import (
	"context"
	"net/http/httptest"

	"github.com/app-sre/qontract-temporal/internal/standin/jenkins"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// jenkinsTarget is a stand-in with one instance. The estate's file holds a jenkins.Estate.
type jenkinsTarget struct {
	jenkins *jenkins.Server
	faults  *fault.Injector
	server  *httptest.Server
}

func startJenkins(_ context.Context, _ *Stage, _ string, text []byte) (target, error) {
	estate, err := jenkins.ParseEstate(text)
	if err != nil {
		return nil, err
	}
	t := &jenkinsTarget{jenkins: jenkins.New(estate)}
	t.faults = fault.New(t.jenkins, nil)
	t.server = httptest.NewServer(t.faults)
	return t, nil
}

func (t *jenkinsTarget) URL() string { return t.server.URL }

func (t *jenkinsTarget) Faults() *fault.Injector { return t.faults }

func (t *jenkinsTarget) Dump(context.Context, ...string) ([]byte, error) { return t.jenkins.Dump() }

func (t *jenkinsTarget) Hang() error {
	t.server.Close()
	return nil
}

func (t *jenkinsTarget) Close() error { return t.Hang() }
