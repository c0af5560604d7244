package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/app-sre/qontract-temporal/activities"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/reporting"
	"github.com/app-sre/qontract-temporal/internal/tracing"
	"github.com/app-sre/qontract-temporal/internal/uilink"
)

// options are the worker's flags.
type options struct {
	config       string
	integrations string
	listen       string
	logLevel     string
	drain        time.Duration
	uiURL        string
	temporal     connect.Options
	version      versionFlags
	// firstRetry and heartbeatTimeout are those of host.Options. Only rehearsals of crashes set them.
	firstRetry, heartbeatTimeout time.Duration
	// lookEvery is that of fleetwatch.Options. Only tests set it.
	lookEvery time.Duration
}

func command(families []reconcile.Family, stderr io.Writer) *cobra.Command {
	o := options{}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Run the workflows and activities of the integrations",
		Long: "worker takes runs of the integrations from Temporal. On SIGTERM it takes no more, lets running steps end, and stops;\n" +
			"what did not end by then is resumed by another worker.\n" +
			"It serves /healthz (the process is alive), /readyz (it takes work and reaches Temporal) and /metrics (Prometheus).\n" +
			"The connection is configured as every Temporal tool's: temporal.toml or the TEMPORAL_ variables.",
		Example:       "  worker --config config.toml\n  worker --config config.toml --integrations 'openshift-*,!openshift-users'",
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), families, stderr, o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", "", "configuration file (default $QONTRACT_CONFIG)")
	flags.StringVar(&o.integrations, "integrations", "*", "comma-separated names to take, with * for any text; ! in front leaves out")
	flags.StringVar(&o.listen, "listen", ":9090", "address of health, readiness and metrics")
	flags.StringVar(&o.logLevel, "log-level", "INFO", "DEBUG, INFO, WARNING, ERROR or CRITICAL")
	flags.StringVar(&o.uiURL, "ui-url", os.Getenv(uilink.Env), "address of Temporal's user interface, for links in notifications (default $"+uilink.Env+")")
	flags.DurationVar(&o.drain, "drain", 30*time.Second, "how long running steps may take to end after SIGTERM")
	flags.StringVar(&o.temporal.Address, "address", "", "host and port of Temporal (default $TEMPORAL_ADDRESS or localhost:7233)")
	flags.StringVar(&o.temporal.Namespace, "namespace", "", "Temporal namespace (default $TEMPORAL_NAMESPACE or default)")
	flags.StringVar(&o.temporal.Profile, "profile", "", "profile of temporal.toml")
	o.temporal.Payloads.AddFlags(flags)
	o.version.add(flags)
	return cmd
}

// run works until ctx ends, and then drains.
func run(ctx context.Context, families []reconcile.Family, stderr io.Writer, o options) error {
	logger, err := logging.New(stderr, o.logLevel)
	if err != nil {
		return err
	}
	registry, err := reconcile.NewRegistry(families...)
	if err != nil {
		return err
	}
	selected, err := registry.Select(o.integrations)
	if err != nil {
		return fmt.Errorf("--integrations: %w", err)
	}
	version, err := o.version.version(debug.ReadBuildInfo)
	if err != nil {
		return err
	}
	var managed temporalapi.Config
	set, err := clientsFrom(o.config, clients.WithTemporal(func() (temporalapi.Config, error) { return managed, nil }))
	if err != nil {
		return err
	}
	defer set.Close()
	ops, err := newOperations()
	if err != nil {
		return err
	}
	traces, err := tracing.FromEnvironment(ctx, "qontract-temporal-worker", os.Getenv)
	if err != nil {
		return err
	}
	defer traces.Stop()
	reports, err := reporting.FromEnvironment(os.Getenv, revision(debug.ReadBuildInfo))
	if err != nil {
		return err
	}
	defer reports.Stop()
	o.temporal.Interceptors = traces.Interceptors
	o.temporal.Logger, o.temporal.Metrics = logging.Temporal(logger), ops.handler
	c, err := connect.Dial(ctx, o.temporal)
	if err != nil {
		return err
	}
	defer c.Close()
	links, err := uilink.New(o.uiURL, c.Namespace)
	if err != nil {
		return err
	}
	attributes := searchable(ctx, c, logger)
	fleet, stop := ops.watch(ctx, c, registry, attributes, logger, o.lookEvery)
	defer stop()
	managed = temporalapi.Config{Service: c.WorkflowService(), Namespace: c.Namespace, Converter: c.Payloads.Converter}
	h, err := host.New(host.Options{
		Client: c.Client, Converter: c.Payloads.Converter, Registry: registry, Integrations: selected, Clients: set, Drain: o.drain,
		Version: version, QueueSuffix: o.version.queueSuffix,
		Searchable: attributes, FirstRetry: o.firstRetry, HeartbeatTimeout: o.heartbeatTimeout,
		Notices:  activities.Notices{Poster: set.Notices(), Link: links.Run},
		Measures: ops.measures, Runs: counter{ops.runs, fleet}, Reports: reports,
	})
	if err != nil {
		return err
	}
	return serve(ctx, h, ops.server(o.listen, c), logger, zap.Int("integrations", len(selected)), zap.String("deployment", version.DeploymentName), zap.String("build", version.BuildID))
}

func clientsFrom(path string, options ...clients.Option) (*clients.Set, error) {
	located, err := config.Locate(path)
	if err != nil {
		return nil, err
	}
	loaded, err := config.Load(located)
	if err != nil {
		return nil, err
	}
	return clients.FromConfig(loaded, options...)
}

// searchable registers the search attributes where that is permitted, and says how otherwise.
func searchable(ctx context.Context, c *connect.Connection, logger *zap.Logger) bool {
	ok, err := connect.Searchable(ctx, c)
	if err != nil {
		logger.Warn("runs go without search attributes", zap.Error(err))
	}
	return ok
}

// serve runs the workers and the operations server until ctx ends or one of them fails.
func serve(ctx context.Context, h *host.Host, ops *operationsServer, logger *zap.Logger, of ...zap.Field) error {
	failed, err := ops.start()
	if err != nil {
		return err
	}
	defer ops.stop()
	if err := h.Start(); err != nil {
		return err
	}
	ops.ready.Store(true)
	logger.Info("working", append(of, zap.String("operations", ops.address))...)
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	ops.ready.Store(false)
	logger.Info("draining")
	h.Stop()
	logger.Info("stopped")
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("serve health and metrics: %w", err)
	}
	return nil
}
