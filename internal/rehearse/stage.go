package rehearse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/tools/txtar"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Options say what a stage runs on.
type Options struct {
	Temporal client.Client
	// Kube is called when a case needs a cluster.
	Kube         func(context.Context) (*servers.Kube, error)
	Registry     *reconcile.Registry
	Integrations []reconcile.Definition
	// Listen is the address of the app-interface; empty takes a free port.
	Listen string
	// FirstRetry replaces the pause before the first retry of a step; zero keeps rehearsals short.
	FirstRetry time.Duration
	// Searchable says that the Temporal server knows the search attributes.
	Searchable bool
}

// Stage is a worker with an app-interface of its own. It rehearses one case at a time.
type Stage struct {
	options Options
	host    *host.Host
	app     *server.Server
	appURL  string
	faults  *fault.Injector
	serving *httptest.Server
	secrets *swap
	worlds  int
	live    *Live
}

// firstRetry keeps rehearsals of failing calls short.
const firstRetry = 20 * time.Millisecond

// NewStage starts the worker. The caller closes the stage.
func NewStage(o Options) (*Stage, error) {
	s := &Stage{options: o, secrets: &swap{}}
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
	reader, err := appinterface.New(appinterface.Config{URL: s.appURL + "/graphql"})
	if err != nil {
		return nil, err
	}
	s.host, err = host.New(host.Options{
		Client: o.Temporal, Registry: o.Registry, Integrations: o.Integrations, Searchable: o.Searchable,
		Clients: clients.New(reader, s.secrets), Drain: time.Second, FirstRetry: cmp.Or(o.FirstRetry, firstRetry),
	})
	if err != nil {
		return nil, err
	}
	return s, s.host.Start()
}

// Close stops the worker.
func (s *Stage) Close() {
	s.host.Stop()
	s.serving.Close()
}

// The placeholders for tokens of the clusters.
const (
	automationToken = "AUTOMATION_TOKEN"
	limitedToken    = "LIMITED_TOKEN"
)

// tokens are the pairs of placeholder and token for the case's secrets. A case that has no placeholder needs no
// cluster.
func (s *Stage) tokens(ctx context.Context, c *Case) ([]string, error) {
	secrets := string(c.file("secrets.toml"))
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
	bundle, err := server.ReadFolder(fsys, server.FolderOptions{SDL: appinterface.SchemaSDL(), Commit: commit})
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("[graphql]\nserver = %q\n", s.appURL)
	for _, file := range files.Files {
		if file.Name == "secrets.toml" {
			text += string(file.Data)
		}
	}
	secrets, err := config.Parse("secrets.toml", text)
	if err != nil {
		return nil, err
	}
	s.secrets.set(configfile.New(secrets.Secrets))
	return bundle, nil
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
func (s *Stage) run(ctx context.Context, c *Case, dry bool) (*workflows.Result, error) {
	d := c.Definition
	started, err := s.options.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: d.Name, TaskQueue: d.Name}, d.Name,
		workflows.Input{DryRun: dry, Args: c.Args})
	if err != nil {
		return nil, err
	}
	result := &workflows.Result{}
	err = started.Get(ctx, result)
	if failed := workflows.ResultOf(err); failed != nil {
		return failed, nil
	}
	return result, err
}

// swap is the secret reader of the current case.
type swap struct {
	mu     sync.Mutex
	reader secret.Reader
}

var errNoCase = errors.New("no case has been loaded")

func (s *swap) set(reader secret.Reader) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reader = reader
}

func (s *swap) current() (secret.Reader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reader == nil {
		return nil, errNoCase
	}
	return s.reader, nil
}

// Read implements secret.Reader.
func (s *swap) Read(ctx context.Context, ref secret.Ref) (secret.Value, error) {
	reader, err := s.current()
	if err != nil {
		return secret.Value{}, err
	}
	return reader.Read(ctx, ref)
}

// ReadAll implements secret.Reader.
func (s *swap) ReadAll(ctx context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	reader, err := s.current()
	if err != nil {
		return nil, err
	}
	return reader.ReadAll(ctx, ref)
}
