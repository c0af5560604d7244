// Package clients holds the clients of one process: made when first used, one for each credential, shared by all
// integrations. They refuse to write outside apply.
package clients

import (
	"os"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/clients/jenkinsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/clients/prometheusapi"
	"github.com/app-sre/qontract-temporal/internal/clients/quayapi"
	"github.com/app-sre/qontract-temporal/internal/clients/registryapi"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/clients/smtpapi"
	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/clients/unleashapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Set is what an integration's Build takes its clients from. It is safe for concurrent use.
type Set struct {
	app     *appinterface.Client
	secrets secret.Reader
	kube    *kubeapi.Pool
	quay    *quayapi.Pool
	toggles *unleashapi.Client
	vault   *vaultapi.Pool
	github  *githubapi.Pool
	gitlab  *gitlabapi.Pool
	aws     *awsapi.Pool
	slack   *slackapi.Pool
	mail    *smtpapi.Pool
	ocm     *ocmapi.Pool
	jenkins *jenkinsapi.Pool
	// prometheus asks instances of Prometheus, Telemeter's among them.
	prometheus *prometheusapi.Pool
	registries *registryapi.Client
	state      *state.Backend
	// own is the Vault of the configuration file.
	own func() (*vaultapi.Client, error)
	// temporal is the connection that this process works over.
	temporal func() (temporalapi.Config, error)
	getenv   func(string) string
	// closes ends the reader of secrets where the set made it.
	closes func()
}

// New makes a set that reads app-interface and secrets through the given clients. State is where app-interface says,
// whatever the environment says, and toggles are as their users default to. AWS is where the environment says, and there
// is no Vault for new secrets. Options say other places.
func New(app *appinterface.Client, secrets secret.Reader, options ...Option) *Set {
	set := newSet(app, secrets, &unleashapi.Client{}, func(string) string { return "" })
	for _, option := range options {
		option(set)
	}
	return set
}

// Option changes a set that New makes.
type Option func(*Set)

// WithAWS says where AWS is, which no datafile does.
func WithAWS(options awsapi.Options) Option {
	return func(s *Set) { s.aws = awsapi.NewPool(s.secrets, options) }
}

// WithSlack says where Slack is, which no datafile does.
func WithSlack(options slackapi.Options) Option {
	return func(s *Set) { s.slack = slackapi.NewPool(s.secrets, options) }
}

// WithGitHub says where GitHub is, which no datafile does.
func WithGitHub(options githubapi.Options) Option {
	return func(s *Set) { s.github = githubapi.NewPool(s.secrets, options) }
}

// WithRegistries says how registries of images are reached, which no datafile does.
func WithRegistries(options registryapi.Options) Option {
	return func(s *Set) { s.registries = registryapi.New(options) }
}

// WithState says where state is, whatever app-interface says.
func WithState(at func() (state.S3, error)) Option {
	return func(s *Set) { s.state = state.New(state.Options{At: at}) }
}

// WithSecretStore says which Vault new secrets are kept in. It is asked at each use.
func WithSecretStore(vault func() (*vaultapi.Client, error)) Option {
	return func(s *Set) { s.own = vault }
}

// WithTemporal says which Temporal runs this process's work. It is asked at each use.
func WithTemporal(connection func() (temporalapi.Config, error)) Option {
	return func(s *Set) { s.temporal = connection }
}

func newSet(app *appinterface.Client, secrets secret.Reader, toggles *unleashapi.Client, getenv func(string) string) *Set {
	// Where state is kept is the process's configuration and no integration's data: it is asked for in nobody's name and
	// of the current bundle.
	known := func() (graphql.Client, secret.Reader, error) { return app.For("", "", false), secrets, nil }
	return &Set{
		app: app, secrets: secrets, kube: kubeapi.NewPool(secrets), quay: quayapi.NewPool(secrets), vault: vaultapi.NewPool(secrets), toggles: toggles,
		gitlab: gitlabapi.NewPool(secrets), aws: awsapi.NewPool(secrets, awsapi.Options{}),
		slack: slackapi.NewPool(secrets, slackapi.FromEnvironment(getenv)), github: githubapi.NewPool(secrets, githubapi.FromEnvironment(getenv)), mail: smtpapi.NewPool(secrets),
		ocm: ocmapi.NewPool(secrets), jenkins: jenkinsapi.NewPool(secrets), prometheus: prometheusapi.NewPool(secrets), registries: registryapi.New(registryapi.Options{}),
		own:      func() (*vaultapi.Client, error) { return nil, errNoVault("the configuration file") },
		temporal: func() (temporalapi.Config, error) { return temporalapi.Config{}, errNoTemporal },
		getenv:   getenv, state: state.New(state.Options{Getenv: getenv, AppInterface: known}),
	}
}

// FromConfig makes a set from the configuration file and, for state and toggles, the environment. Nothing is connected
// yet.
func FromConfig(c *config.Config, options ...Option) (*Set, error) {
	app, err := appinterface.New(appinterface.Config{URL: c.GraphQL.Server, Token: c.GraphQL.Token})
	if err != nil {
		return nil, err
	}
	secrets, err := NewSecrets(c, app)
	if err != nil {
		return nil, err
	}
	where, err := unleashapi.FromEnvironment(os.Getenv)
	if err != nil {
		return nil, err
	}
	toggles, err := unleashapi.New(where)
	if err != nil {
		return nil, err
	}
	set := newSet(app, secrets, toggles, os.Getenv)
	set.own, set.closes = secrets.Vault, secrets.Close
	for _, option := range options {
		option(set)
	}
	return set, nil
}

// Close ends what clients keep open. Nothing may use the set any more.
func (s *Set) Close() {
	s.kube.Close()
	s.toggles.Close()
	s.vault.Close()
	if s.closes != nil {
		s.closes()
	}
}

// AppInterface reads app-interface.
func (s *Set) AppInterface() AppInterface { return AppInterface{s.app} }

// Secrets reads secrets.
func (s *Set) Secrets() secret.Reader { return outside{s.secrets} }

// SecretStore keeps the secrets that integrations make.
func (s *Set) SecretStore() SecretStore { return SecretStore{s.own} }

// Clusters connects to clusters.
func (s *Set) Clusters() Clusters { return Clusters{app: s.AppInterface(), pool: s.kube} }

// Quay connects to organisations of Quay instances.
func (s *Set) Quay() *quayapi.Pool { return s.quay }

// Vault connects to the Vaults that datafiles describe. The one that this process reads its secrets from is Secrets,
// and SecretStore where it writes them.
func (s *Set) Vault() *vaultapi.Pool { return s.vault }

// Toggles answers feature toggles.
func (s *Set) Toggles() *unleashapi.Client { return s.toggles }

// GitHub connects to GitHub with the tokens of organisations.
func (s *Set) GitHub() *githubapi.Pool { return s.github }

// GitLab connects to GitLab instances.
func (s *Set) GitLab() *gitlabapi.Pool { return s.gitlab }

// AWS connects to AWS accounts.
func (s *Set) AWS() *awsapi.Pool { return s.aws }

// Slack connects to workspaces of Slack.
func (s *Set) Slack() *slackapi.Pool { return s.slack }

// Notices posts what people are to know of runs and approvals. What it reads is the process's own business: it asks in
// nobody's name, of the current bundle.
func (s *Set) Notices() Notices { return Notices{app: s.app.For("", "", false), slack: s.slack} }

// Mail connects to the server that sends mail.
func (s *Set) Mail() *smtpapi.Pool { return s.mail }

// OCM connects to OpenShift Cluster Managers.
func (s *Set) OCM() *ocmapi.Pool { return s.ocm }

// Jenkins connects to Jenkins instances.
func (s *Set) Jenkins() *jenkinsapi.Pool { return s.jenkins }

// Prometheus connects to instances of Prometheus.
func (s *Set) Prometheus() *prometheusapi.Pool { return s.prometheus }

// Registries look up container images.
func (s *Set) Registries() *registryapi.Client { return s.registries }

// State keeps what the integration has to remember between runs. The bucket is opened when it is first used.
func (s *Set) State(integration string) *state.Store { return s.state.Store(integration) }
