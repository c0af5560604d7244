// Package clients holds the clients of one process: made when first used, one for each credential, shared by all
// integrations. They refuse to write outside apply.
package clients

import (
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/quayapi"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
)

// Set is what an integration's Build takes its clients from. It is safe for concurrent use.
type Set struct {
	app     *appinterface.Client
	secrets secret.Reader
	kube    *kubeapi.Pool
	quay    *quayapi.Pool
}

// New makes a set that reads app-interface and secrets through the given clients.
func New(app *appinterface.Client, secrets secret.Reader) *Set {
	return &Set{app: app, secrets: secrets, kube: kubeapi.NewPool(secrets), quay: quayapi.NewPool(secrets)}
}

// FromConfig makes a set from the configuration file. Nothing is connected yet.
func FromConfig(c *config.Config) (*Set, error) {
	app, err := appinterface.New(appinterface.Config{URL: c.GraphQL.Server, Token: c.GraphQL.Token})
	if err != nil {
		return nil, err
	}
	return New(app, configfile.New(c.Secrets)), nil
}

// AppInterface reads app-interface.
func (s *Set) AppInterface() AppInterface { return AppInterface{s.app} }

// Secrets reads secrets.
func (s *Set) Secrets() secret.Reader { return s.secrets }

// Kube connects to clusters.
func (s *Set) Kube() *kubeapi.Pool { return s.kube }

// Quay connects to organisations of Quay instances.
func (s *Set) Quay() *quayapi.Pool { return s.quay }
