package rehearse

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"golang.org/x/tools/txtar"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
	"github.com/app-sre/qontract-temporal/internal/clients/registryapi"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/temporal"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Options say what a stage runs on.
type Options struct {
	Temporal client.Client
	// Address is where Temporal is: cases with schedules have namespaces of their own there.
	Address string
	// Namespace has the schedules of a live estate.
	Namespace string
	// Converter is that of the client; nil stands for Temporal's own.
	Converter converter.DataConverter
	// Kube is called when a case needs a cluster.
	Kube func(context.Context) (*servers.Kube, error)
	// Vaults is called when a case needs one. Two let a case have two that are apart.
	Vaults func(context.Context) ([]*servers.Vault, error)
	// VaultStandIn lets a stand-in be the process's own Vault where Vaults has none that is installed. It is for people who
	// try things on; no case is rehearsed with it.
	VaultStandIn bool
	Registry     *reconcile.Registry
	Integrations []reconcile.Definition
	// Listen is the address of the app-interface; empty takes a free port.
	Listen string
	// FirstRetry replaces the pause before the first retry of a step; zero keeps rehearsals short.
	FirstRetry time.Duration
	// Searchable says that the Temporal server knows the search attributes.
	Searchable bool
	// Look, where given, is shown all that runs in this process write to their histories.
	Look func(where string, text []byte)
	// Logger is that of runs in this process; nil writes nothing.
	Logger log.Logger
	// Memory makes runs recognise changes that keep coming back. Rehearsals of cases cannot have it: each run meets
	// another world.
	Memory bool
}

// Stage is a worker with an app-interface of its own. It rehearses one case at a time.
type Stage struct {
	options Options
	host    *host.Host
	hosting host.Options
	clients *clients.Set
	app     *server.Server
	// reader asks app.
	reader     *appinterface.Client
	appURL     string
	faults     *fault.Injector
	serving    *httptest.Server
	secrets    *swap
	aws        *awsPlace
	slack      *slackPlace
	github     *githubPlace
	registries *registryPlace
	state      *statePlace
	// temporal has the schedules.
	temporal  *temporalPlace
	schedules *temporal.Server
	left      *left
	vaults    int
	worlds    int
	live      *Live
}

// firstRetry keeps rehearsals of failing calls short.
const firstRetry = 20 * time.Millisecond

// NewStage starts the worker. The caller closes the stage.
func NewStage(o Options) (*Stage, error) {
	if o.Look == nil {
		o.Look = func(string, []byte) {}
	}
	if o.Logger == nil {
		o.Logger = logging.Silent()
	}
	s := &Stage{options: o, secrets: &swap{}, aws: &awsPlace{}, slack: &slackPlace{}, github: &githubPlace{}, registries: &registryPlace{}, state: &statePlace{}, temporal: &temporalPlace{}, left: &left{temporal: o.Temporal, steps: newUnderWay()}}
	s.schedules = &temporal.Server{Address: o.Address, Converter: s.converter()}
	var err error
	if s.app, err = server.New(server.Options{Source: s.reread}); err != nil {
		return nil, err
	}
	s.faults = fault.New(s.app.Handler(), func(*http.Request) bool { return true })
	listener, err := net.Listen("tcp", cmp.Or(o.Listen, "127.0.0.1:0"))
	if err != nil {
		return nil, err
	}
	s.serving = &httptest.Server{Listener: listener, Config: &http.Server{Handler: s.faults, ReadHeaderTimeout: time.Minute}}
	s.serving.Start()
	s.appURL = s.serving.URL
	if s.reader, err = appinterface.New(appinterface.Config{URL: s.appURL + "/graphql", Frozen: true, FirstRetry: firstRetry}); err != nil {
		return nil, err
	}
	s.clients = clients.New(s.reader, s.secrets,
		clients.WithAWS(awsapi.Options{Endpoint: s.aws.endpoint}), clients.WithSlack(slackapi.Options{Endpoint: s.slack.endpoint}),
		clients.WithGitHub(githubapi.Options{Endpoint: s.github.endpoint}), clients.WithRegistries(registryapi.Options{Through: s.registries.through}),
		clients.WithState(s.state.at), clients.WithSecretStore(s.secrets.vault), clients.WithTemporal(s.temporal.config))
	s.hosting = host.Options{
		Client: o.Temporal, Converter: o.Converter, Registry: o.Registry, Integrations: o.Integrations, Searchable: o.Searchable,
		Clients: s.clients, Drain: time.Second, FirstRetry: cmp.Or(o.FirstRetry, firstRetry), Forgetful: !o.Memory, Around: s.left.steps,
	}
	if s.host, err = host.New(s.hosting); err != nil {
		return nil, err
	}
	return s, s.host.Start()
}

// Close stops the worker.
func (s *Stage) Close() {
	s.host.Stop()
	s.clients.Close()
	s.secrets.set(nil)
	s.serving.Close()
}

// converter is that of all clients of the stage's Temporal.
func (s *Stage) converter() converter.DataConverter {
	if s.options.Converter != nil {
		return s.options.Converter
	}
	return converter.GetDefaultDataConverter()
}

// The placeholders for tokens of the clusters.
const (
	automationToken = "AUTOMATION_TOKEN"
	limitedToken    = "LIMITED_TOKEN"
)

// tokens are the pairs of placeholder and token for the case's secrets. A case that has no placeholder needs no
// cluster.
func (s *Stage) tokens(ctx context.Context, c *Case) ([]string, error) {
	secrets := string(c.file(secretsFile)) + string(c.file(ownVaultFile))
	for _, system := range systems() {
		for _, name := range c.estates(system.name) {
			if system.knows {
				secrets += string(c.file("estate/" + system.name + "/" + name + ".yaml"))
			}
		}
	}
	if !strings.Contains(secrets, automationToken) && !strings.Contains(secrets, limitedToken) {
		return nil, nil
	}
	kube, err := s.options.Kube(ctx)
	if err != nil {
		return nil, err
	}
	return []string{automationToken, kube.Automation, limitedToken, kube.Limited}, nil
}

// load makes the files the current bundle and the current secrets.
func (s *Stage) load(files *txtar.Archive, c *Case) error {
	if err := admit(files, c.Definition.Name); err != nil {
		return err
	}
	s.worlds++
	bundle, err := s.bundle(files, fmt.Sprintf("rehearsal-%d", s.worlds))
	if err != nil {
		return err
	}
	s.app.Load(bundle)
	return nil
}

// bundle reads the datafiles, and takes over the secrets.
func (s *Stage) bundle(files *txtar.Archive, commit string) (*server.Bundle, error) {
	fsys, err := folder(files)
	if err != nil {
		return nil, err
	}
	bundle, err := server.ReadFolder(fsys, server.FolderOptions{Schema: embedded.Schema, Commit: commit})
	if err != nil {
		return nil, err
	}
	loaded, err := s.config(&Case{archive: files})
	if err != nil {
		return nil, err
	}
	secrets, err := clients.NewSecrets(loaded, s.reader)
	if err != nil {
		return nil, err
	}
	s.secrets.set(secrets)
	return bundle, nil
}

// config reads the secrets of the case as the configuration file that they are part of.
func (s *Stage) config(c *Case) (*config.Config, error) {
	return config.Parse(secretsFile, s.configText(c))
}

func (s *Stage) configText(c *Case) string {
	return fmt.Sprintf("[graphql]\nserver = %q\n%s", s.appURL+"/graphql", c.file(secretsFile))
}

// admit adds the integration's datafile, with every schema that the case has, where the case brings none.
func admit(files *txtar.Archive, integration string) error {
	const schema = "/app-sre/integration-1.yml"
	schemas := map[string]bool{schema: true}
	for _, file := range files.Files {
		var d datafile
		if yaml.Unmarshal(file.Data, &d) != nil {
			continue
		}
		if d.Schema == schema {
			return nil
		}
		if d.Schema != "" {
			schemas[d.Schema] = true
		}
	}
	text, err := yaml.Marshal(map[string]any{
		"$schema": schema, "name": integration, "description": "added by the rehearsal", "schemas": slices.Sorted(maps.Keys(schemas)),
	})
	files.Files = append(files.Files, txtar.File{Name: "data/integrations/" + integration + ".yml", Data: text})
	return err
}

// run starts the integration's workflow and waits for its end.
func (s *Stage) run(ctx context.Context, c *Case, in workflows.Input) (*workflows.Result, error) {
	d := c.Definition
	in.Args = c.Args
	started, err := s.options.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: d.Name, TaskQueue: d.Name}, d.Name, in)
	if err != nil {
		return nil, err
	}
	result := &workflows.Result{}
	err = started.Get(ctx, result)
	if failed := workflows.ResultOf(err); failed != nil {
		result, err = failed, nil
	}
	s.left.note(d, result)
	return result, err
}
