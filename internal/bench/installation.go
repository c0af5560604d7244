package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/workflows"
)

// startTimeout bounds the start of the servers.
const startTimeout = 2 * time.Minute

// installation is a Temporal server, a cluster, app-interface and a worker for an integration in this process.
type installation struct {
	integration string
	temporal    *servers.Temporal
	kube        *servers.Kube
	app         *server.Server
	appURL      string
	// config is the path of the workers' config.toml.
	config     string
	connection *connect.Connection
	stops      []func() error
}

// install starts everything. The caller stops it.
func (b *bench) install(ctx context.Context, integration string) (*installation, error) {
	i, err := b.prepare(ctx, integration)
	if err != nil {
		return nil, err
	}
	if err := i.work(); err != nil {
		return nil, errors.Join(err, i.stop())
	}
	return i, nil
}

// prepare starts everything but the worker. The caller stops it.
func (b *bench) prepare(ctx context.Context, integration string) (_ *installation, err error) {
	i := &installation{integration: integration}
	defer func() {
		if err != nil {
			err = errors.Join(err, i.stop())
		}
	}()
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if i.temporal, err = servers.StartTemporal(starting, servers.TemporalOptions{}); err != nil {
		return nil, err
	}
	i.stops = append(i.stops, i.temporal.Stop)
	if i.kube, err = servers.StartKube(starting, servers.KubeOptions{}); err != nil {
		return nil, err
	}
	i.stops = append(i.stops, i.kube.Stop)
	if i.app, err = server.New(server.Options{}); err != nil {
		return nil, err
	}
	if err := i.serve(); err != nil {
		return nil, err
	}
	i.config = filepath.Join(b.dir, "config.toml")
	text := fmt.Appendf(nil, "[graphql]\nserver = %q\n[creds]\nserver = %q\nusername = \"automation\"\ntoken = %q\n", i.appURL, i.kube.URL, i.kube.Automation)
	if err := os.WriteFile(i.config, text, 0o600); err != nil {
		return nil, err
	}
	if i.connection, err = dial(ctx, i.temporal, b.store()); err != nil {
		return nil, err
	}
	i.stops = append(i.stops, func() error { i.connection.Close(); return nil })
	return i, nil
}

// stop ends what was started, the last first.
func (i *installation) stop() error {
	var errs []error
	for n := len(i.stops) - 1; n >= 0; n-- {
		errs = append(errs, i.stops[n]())
	}
	return errors.Join(errs...)
}

// store is where large payloads go.
func (b *bench) store() payload.Options {
	return payload.Options{Store: payload.Folder(filepath.Join(b.dir, "payloads"))}
}

func dial(ctx context.Context, temporal *servers.Temporal, payloads payload.Options) (*connect.Connection, error) {
	logger, err := logging.New(io.Discard, "ERROR")
	if err != nil {
		return nil, err
	}
	return connect.Local(ctx, connect.Options{Address: temporal.HostPort, Logger: logging.Temporal(logger), Payloads: payloads})
}

func (i *installation) serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	serving := &http.Server{Handler: i.app.Handler(), ReadHeaderTimeout: startTimeout}
	go func() { _ = serving.Serve(listener) }()
	i.stops = append(i.stops, serving.Close)
	i.appURL = "http://" + listener.Addr().String() + "/graphql"
	return nil
}

// work starts the worker.
func (i *installation) work() error {
	loaded, err := config.Load(i.config)
	if err != nil {
		return err
	}
	set, err := clients.FromConfig(loaded)
	if err != nil {
		return err
	}
	registry, err := reconcile.NewRegistry(integrations.All()...)
	if err != nil {
		return err
	}
	selected, err := registry.Select(i.integration)
	if err != nil {
		return err
	}
	h, err := host.New(host.Options{
		Client: i.connection.Client, Converter: i.connection.Payloads.Converter, Registry: registry, Integrations: selected, Clients: set, Searchable: true,
	})
	if err != nil {
		return err
	}
	if err := h.Start(); err != nil {
		return err
	}
	i.stops = append(i.stops, func() error { h.Stop(); return nil })
	return nil
}

// load serves the files as the newest bundle.
func (i *installation) load(files fs.FS) error {
	bundle, err := server.ReadFolder(files, server.FolderOptions{Schema: embedded.Schema})
	if err != nil {
		return err
	}
	i.app.Load(bundle)
	return nil
}

// runOnce runs the integration to its end and requires the outcome. It returns how long that took.
func (i *installation) runOnce(ctx context.Context, outcome workflows.Outcome, changes int) (time.Duration, error) {
	began := time.Now()
	started, err := i.connection.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: i.integration, TaskQueue: i.integration}, i.integration, workflows.Input{})
	if err != nil {
		return 0, err
	}
	result := workflows.Result{}
	if err := started.Get(ctx, &result); err != nil {
		return 0, err
	}
	took := time.Since(began)
	if result.Outcome != outcome || len(result.Changes) != changes {
		return 0, fmt.Errorf("the run ended %q with %d changes; %q with %d was expected", result.Outcome, len(result.Changes), outcome, changes)
	}
	return took, nil
}

// history is what the last run has left in Temporal, its scope included.
func (i *installation) history(ctx context.Context) (events, bytes int64, err error) {
	for _, id := range []string{i.integration, i.integration + "/" + clusterName} {
		description, err := i.connection.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return 0, 0, err
		}
		info := description.GetWorkflowExecutionInfo()
		events, bytes = events+info.GetHistoryLength(), bytes+info.GetHistorySizeBytes()
	}
	return events, bytes, nil
}
