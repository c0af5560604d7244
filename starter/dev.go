package main

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/rehearse"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/workflows"
)

// devFlags say what runs on this machine, and where.
type devFlags struct {
	estate       string
	database     string
	listen       string
	port, uiPort int
	demo         bool
}

func (p *program) devCommand() *cobra.Command {
	f := devFlags{}
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Start everything on this machine: Temporal with its UI, app-interface, a sample estate, a worker",
		Long: "dev starts real servers (Temporal, Kubernetes) and stand-ins, fills them with an estate, serves its datafiles and runs a worker.\n" +
			"Edit the datafiles, `curl -X POST http://localhost:4000/reload`, and run integrations against them with `starter run`.\n" +
			"`make tools` installs the servers. With --demo the integrations run once; with DEMO_EXIT=1 in the environment dev then stops,\n" +
			"with the exit status of the runs.",
		Example: "  starter dev\n  starter dev --demo\n  starter dev --estate my-estate --db temporal.db",
		Args:    exactly(0, "no arguments"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.dev(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.estate, "estate", "deploy/sample", "folder with data/, resources/, secrets.toml and estate/")
	cmd.Flags().StringVar(&f.database, "db", "", "file that keeps Temporal's state")
	cmd.Flags().StringVar(&f.listen, "listen", "localhost:4000", "address of app-interface")
	cmd.Flags().IntVar(&f.port, "port", 7233, "port of Temporal")
	cmd.Flags().IntVar(&f.uiPort, "ui-port", 8233, "port of Temporal's UI")
	cmd.Flags().BoolVar(&f.demo, "demo", false, "run the integrations once and say what they did")
	return cmd
}

// dev runs until ctx ends, or until the demo is over where that is asked for.
func (p *program) dev(ctx context.Context, f devFlags) error {
	if err := f.checkFree(ctx); err != nil {
		return err
	}
	d := &devServers{out: p}
	defer d.stop()
	if err := d.start(ctx, f); err != nil {
		return err
	}
	d.printAddresses(f)
	if f.demo {
		err := p.demo(ctx, d)
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
		{"--port", fmt.Sprintf("127.0.0.1:%d", f.port)}, {"--ui-port", fmt.Sprintf("127.0.0.1:%d", f.uiPort)}, {"--listen", f.listen},
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

// devServers is what runs.
type devServers struct {
	out      *program
	temporal *servers.Temporal
	kube     *servers.Kube
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
	c, err := client.Dial(client.Options{HostPort: d.temporal.HostPort, Namespace: d.temporal.Namespace, Logger: logging.Temporal(logger)})
	if err != nil {
		return err
	}
	d.stops = append(d.stops, c.Close)
	stage, err := rehearse.NewStage(rehearse.Options{
		Temporal: c, Registry: d.out.registry, Integrations: d.out.registry.All(),
		Kube:   func(context.Context) (*servers.Kube, error) { return d.kube, nil },
		Listen: f.listen, FirstRetry: time.Second, Searchable: true,
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

// startServers starts the real servers side by side.
func (d *devServers) startServers(ctx context.Context, f devFlags) error {
	var group sync.WaitGroup
	var temporalErr, kubeErr error
	began := time.Now()
	fmt.Fprintln(d.out.stdout, "Starting Temporal and a Kubernetes API server ...")
	group.Go(func() {
		d.temporal, temporalErr = servers.StartTemporal(ctx, servers.TemporalOptions{UI: true, Database: f.database, Port: f.port, UIPort: f.uiPort})
	})
	group.Go(func() { d.kube, kubeErr = servers.StartKube(ctx, servers.KubeOptions{}) })
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

func (d *devServers) stop() {
	for i := len(d.stops) - 1; i >= 0; i-- {
		d.stops[i]()
	}
}

func (d *devServers) printAddresses(f devFlags) {
	t := newTable(d.out.stdout, "what", "where")
	t.AppendRow(table.Row{"Temporal UI", d.temporal.UIURL})
	t.AppendRow(table.Row{"Temporal", d.temporal.HostPort})
	t.AppendRow(table.Row{"app-interface", d.live.AppInterface()})
	t.AppendRow(table.Row{"estate", f.estate})
	for _, system := range d.live.Systems() {
		t.AppendRow(table.Row{system.Name, system.URL})
	}
	t.Render()
}

// demo runs integrations, and one of them once more: then there is nothing left to do.
func (p *program) demo(ctx context.Context, d *devServers) error {
	p.dial.Address, p.dial.Namespace = d.temporal.HostPort, d.temporal.Namespace
	names := []string{"openshift-namespaces", "openshift-limitranges", "openshift-resourcequotas", "quay-membership", "service-dependencies", "openshift-resourcequotas"}
	for _, name := range names {
		definition, err := p.registry.Get(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "\n$ starter run --integration %s\n", name)
		if err := p.run(ctx, definition, &runFlags{wait: true, output: "text"}, workflows.Input{}); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stdout, "\nThe histories of these runs are at %s, each with its steps and its plan.\n", d.temporal.UIURL)
	return nil
}
