package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/rehearse"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// devFlags say what runs on this machine, and where.
type devFlags struct {
	estate       string
	database     string
	listen       string
	worker       string
	port, uiPort int
	codecPort    int
	demo         bool
	upgrades     bool
}

func (p *program) devCommand() *cobra.Command {
	f := devFlags{}
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Start everything on this machine: Temporal with its UI, app-interface, a sample estate, a worker",
		Long: "dev starts real servers (Temporal, Kubernetes) and stand-ins, fills them with an estate, serves its datafiles and runs a worker.\n" +
			"Edit the datafiles, `curl -X POST http://localhost:4000/reload`, and run integrations against them with `starter run`.\n" +
			"`make tools` installs the servers. With --demo the integrations run once; an AWS account is asked for, and the\n" +
			"worker that sees to it is killed and started anew; `make demo` builds that worker. With --demo-upgrades a fleet of clusters is\n" +
			"upgraded over simulated weeks, while the worker is killed twice. With DEMO_EXIT=1 in the environment dev then\n" +
			"stops, with exit status 0 where everything went as it should.",
		Example: "  starter dev\n  starter dev --demo\n  starter dev --demo-upgrades\n  starter dev --estate my-estate --db temporal.db",
		Args:    exactly(0, "no arguments"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.dev(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.estate, "estate", "", "folder with data/, resources/, secrets.toml and estate/ (default deploy/sample, with --demo-upgrades deploy/upgrades)")
	cmd.Flags().StringVar(&f.database, "db", "", "file that keeps Temporal's state")
	cmd.Flags().StringVar(&f.listen, "listen", "localhost:4000", "address of app-interface")
	cmd.Flags().IntVar(&f.port, "port", 7233, "port of Temporal")
	cmd.Flags().IntVar(&f.uiPort, "ui-port", 8233, "port of Temporal's UI")
	cmd.Flags().IntVar(&f.codecPort, "codec-port", 8234, "port of the codec server, which lets the UI show compressed and stored payloads")
	cmd.Flags().BoolVar(&f.demo, "demo", false, "run the integrations of the sample estate and say what they did")
	cmd.Flags().BoolVar(&f.upgrades, "demo-upgrades", false, "let a fleet of clusters be upgraded and check how that went")
	cmd.MarkFlagsMutuallyExclusive("demo", "demo-upgrades")
	cmd.Flags().StringVar(&f.worker, "worker", "", "program of the worker that the demo kills (default `worker` beside this program)")
	return cmd
}

// dev runs until ctx ends, or until the demo is over where that is asked for.
func (p *program) dev(ctx context.Context, f devFlags) error {
	f.estate = cmp.Or(f.estate, f.usualEstate())
	if err := f.findWorker(); err != nil {
		return err
	}
	if err := f.checkFree(ctx); err != nil {
		return err
	}
	d := &devServers{out: p}
	defer d.stop()
	if err := d.start(ctx, f); err != nil {
		return err
	}
	d.printAddresses(f)
	if show := p.demonstration(f); show != nil {
		err := show(ctx, d, f)
		if err != nil || p.getenv("DEMO_EXIT") == "1" {
			return err
		}
	}
	fmt.Fprintln(p.stdout, "\nRunning; Ctrl-C stops everything.")
	<-ctx.Done()
	return nil
}

// checkFree refuses addresses that are served already. A Temporal of somebody else would be taken for ours, and its
// tasks with it.
func (f devFlags) checkFree(ctx context.Context) error {
	for _, wanted := range [][2]string{
		{"--port", fmt.Sprintf("127.0.0.1:%d", f.port)}, {"--ui-port", fmt.Sprintf("127.0.0.1:%d", f.uiPort)},
		{"--codec-port", f.codecAddress()}, {"--listen", f.listen},
	} {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", wanted[1])
		if err != nil {
			return fmt.Errorf("cannot serve at %s: %w; stop what runs there, or choose another with %s", wanted[1], err, wanted[0])
		}
		if err := listener.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (f devFlags) codecAddress() string { return fmt.Sprintf("localhost:%d", f.codecPort) }

// devServers is what runs.
type devServers struct {
	out      *program
	temporal *servers.Temporal
	kube     *servers.Kube
	vaults   []*servers.Vault
	live     *rehearse.Live
	stops    []func()
}

func (d *devServers) start(ctx context.Context, f devFlags) error {
	if err := d.startServers(ctx, f); err != nil {
		return err
	}
	logger, err := logging.New(d.out.stderr, d.out.logLevel)
	if err != nil {
		return usageError{err}
	}
	c, err := connect.Local(ctx, connect.Options{
		Address: d.temporal.HostPort, Namespace: d.temporal.Namespace, Logger: logging.Temporal(logger), Payloads: d.out.dial.Payloads,
	})
	if err != nil {
		return err
	}
	d.stops = append(d.stops, c.Close)
	if err := d.startCodec(ctx, f, c.Payloads); err != nil {
		return err
	}
	here := slices.DeleteFunc(d.out.registry.All(), f.elsewhere)
	stage, err := rehearse.NewStage(rehearse.Options{
		Temporal: c.Client, Namespace: c.Namespace, Converter: c.Payloads.Converter, Registry: d.out.registry, Integrations: here,
		Kube:   func(context.Context) (*servers.Kube, error) { return d.kube, nil },
		Vaults: d.startVaults, VaultStandIn: true,
		Listen: f.listen, FirstRetry: time.Second, Searchable: true, Memory: true,
	})
	if err != nil {
		return err
	}
	d.stops = append(d.stops, stage.Close)
	if d.live, err = stage.Open(ctx, f.estate); err != nil {
		return err
	}
	d.stops = append(d.stops, func() { _ = d.live.Close() })
	return nil
}

// startCodec serves the UI's pages with what payloads say.
func (d *devServers) startCodec(ctx context.Context, f devFlags, payloads *payload.Pipeline) error {
	handler, err := payloads.Server(payload.ServerOptions{
		Origins: []string{fmt.Sprintf("http://localhost:%d", f.uiPort), fmt.Sprintf("http://127.0.0.1:%d", f.uiPort)},
	})
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.codecAddress())
	if err != nil {
		return err
	}
	s := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout}
	d.stops = append(d.stops, func() { _ = s.Close() })
	go func() { _ = s.Serve(listener) }()
	return nil
}

// startServers starts the real servers side by side.
func (d *devServers) startServers(ctx context.Context, f devFlags) error {
	var group sync.WaitGroup
	var temporalErr, kubeErr error
	began := time.Now()
	fmt.Fprintln(d.out.stdout, "Starting the servers ...")
	group.Go(func() {
		d.temporal, temporalErr = servers.StartTemporal(ctx, servers.TemporalOptions{
			UI: true, UICodec: "http://" + f.codecAddress(), Database: f.database, Port: f.port, UIPort: f.uiPort,
		})
	})
	// The fleet of the upgrades is in OCM alone.
	if !f.upgrades {
		group.Go(func() { d.kube, kubeErr = servers.StartKube(ctx, servers.KubeOptions{}) })
	}
	group.Wait()
	if d.temporal != nil {
		d.stops = append(d.stops, func() { _ = d.temporal.Stop() })
	}
	if d.kube != nil {
		d.stops = append(d.stops, func() { _ = d.kube.Stop() })
	}
	if temporalErr != nil {
		return temporalErr
	}
	if kubeErr != nil {
		return kubeErr
	}
	fmt.Fprintf(d.out.stdout, "Started in %s.\n", time.Since(began).Round(100*time.Millisecond))
	return nil
}

// startVaults starts the Vaults when the estate has some.
func (d *devServers) startVaults(ctx context.Context) ([]*servers.Vault, error) {
	if d.vaults != nil {
		return d.vaults, nil
	}
	running, err := servers.StartVaults(ctx, vaultsOfCases)
	for _, v := range running {
		d.stops = append(d.stops, func() { _ = v.Stop() })
	}
	if err == nil {
		d.vaults = running
	}
	return running, err
}

func (d *devServers) stop() {
	for i := len(d.stops) - 1; i >= 0; i-- {
		d.stops[i]()
	}
}

func (d *devServers) printAddresses(f devFlags) {
	t := newTable(d.out.stdout, "what", "where")
	t.AppendRow(table.Row{"Temporal UI", d.temporal.UIURL})
	t.AppendRow(table.Row{"Temporal", d.temporal.HostPort})
	t.AppendRow(table.Row{"codec server of the UI", "http://" + f.codecAddress()})
	t.AppendRow(table.Row{"app-interface", d.live.AppInterface()})
	t.AppendRow(table.Row{"estate", f.estate})
	for _, system := range d.live.Systems() {
		t.AppendRow(table.Row{system.Name, system.URL})
	}
	t.Render()
	for _, system := range d.live.Systems() {
		if system.StandIn {
			fmt.Fprintf(d.out.stdout, "%s is a stand-in, since no Vault is installed: `make test-tools` installs one.\n", system.Name)
		}
	}
}
