// Package clients holds the clients of one process: made when first used, one for each credential, shared by all
// integrations. They refuse to write outside apply.
package clients

import (
	"os"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/quayapi"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Set is what an integration's Build takes its clients from. It is safe for concurrent use.
type Set struct {
	app     *appinterface.Client
	secrets secret.Reader
	kube    *kubeapi.Pool
	quay    *quayapi.Pool
	state   *state.Backend
}

// New makes a set that reads app-interface and secrets through the given clients. State is where app-interface says,
// whatever the environment says.
func New(app *appinterface.Client, secrets secret.Reader) *Set {
	return newSet(app, secrets, func(string) string { return "" })
}

func newSet(app *appinterface.Client, secrets secret.Reader, getenv func(string) string) *Set {
	// Where state is kept is the process's configuration and no integration's data: it is asked for in nobody's name and
	// of the current bundle.
	known := func() (graphql.Client, secret.Reader, error) { return app.For("", "", false), secrets, nil }
	return &Set{
		app: app, secrets: secrets, kube: kubeapi.NewPool(secrets), quay: quayapi.NewPool(secrets),
		state: state.New(state.Options{Getenv: getenv, AppInterface: known}),
	}
}

// FromConfig makes a set from the configuration file and, for state, the environment. Nothing is connected yet.
func FromConfig(c *config.Config) (*Set, error) {
	app, err := appinterface.New(appinterface.Config{URL: c.GraphQL.Server, Token: c.GraphQL.Token})
	if err != nil {
		return nil, err
	}
	return newSet(app, configfile.New(c.Secrets), os.Getenv), nil
}

// AppInterface reads app-interface.
func (s *Set) AppInterface() AppInterface { return AppInterface{s.app} }

// Secrets reads secrets.
func (s *Set) Secrets() secret.Reader { return s.secrets }

// Kube connects to clusters.
func (s *Set) Kube() *kubeapi.Pool { return s.kube }

// Quay connects to organisations of Quay instances.
func (s *Set) Quay() *quayapi.Pool { return s.quay }

// State keeps what the integration has to remember between runs. The bucket is opened when it is first used.
func (s *Set) State(integration string) *state.Store { return s.state.Store(integration) }
