package main

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/rehearse"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

func (p *program) rehearseCommand() *cobra.Command {
	var update bool
	var output string
	cmd := &cobra.Command{
		Use:   "rehearse CASE.txtar...",
		Short: "Run an integration against a case: an estate, datafiles, and what is to come of them",
		Long: "rehearse runs each case on real servers of its own (Temporal, Kubernetes, Vault) and on stand-ins, and checks besides that a second run has\n" +
			"nothing left to do, that each remote call may fail once, and that a dry run writes nothing. `make test-tools` installs the servers.",
		Example: "  starter rehearse integrations/openshift/resourcequotas/testdata/create.txtar\n  starter rehearse --update my-case.txtar",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{fmt.Errorf("expected the path of at least one case")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "text", "json"); err != nil {
				return err
			}
			return p.rehearse(cmd.Context(), args, update, output)
		},
	}
	cmd.Flags().BoolVar(&update, "update", false, "write what came out to the cases' plan and after files")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

// rehearsed is one case with its checks, as -o json prints it.
type rehearsed struct {
	Case   string           `json:"case"`
	Checks []rehearse.Check `json:"checks"`
}

func (p *program) rehearse(ctx context.Context, paths []string, update bool, output string) error {
	cases := make([]*rehearse.Case, len(paths))
	for i, path := range paths {
		var err error
		if cases[i], err = rehearse.Read(path, p.registry); err != nil {
			return err
		}
	}
	stage, stop, err := p.stage(ctx)
	if err != nil {
		return err
	}
	defer stop()
	failed := false
	var all []rehearsed
	for i, c := range cases {
		checks, err := stage.Rehearse(ctx, c, update)
		if err != nil {
			return fmt.Errorf("%s: %w", paths[i], err)
		}
		all = append(all, rehearsed{Case: paths[i], Checks: checks})
		for _, check := range checks {
			failed = failed || check.Fault != ""
		}
	}
	if output == "json" {
		err = writeJSON(p.stdout, all)
	} else {
		p.printRehearsed(all)
	}
	if failed && err == nil {
		return exitError(exitFailure)
	}
	return err
}

func (p *program) printRehearsed(all []rehearsed) {
	for _, r := range all {
		faults := 0
		for _, check := range r.Checks {
			if check.Fault != "" {
				faults++
				fmt.Fprintf(p.stdout, "%s: not so: %s\n%s\n", r.Case, check.Name, check.Fault)
			}
		}
		fmt.Fprintf(p.stdout, "%s: %d of %d checks hold\n", r.Case, len(r.Checks)-faults, len(r.Checks))
	}
}

// vaultsOfCases are two, since secrets are copied from one to another.
const vaultsOfCases = 2

// stage starts Temporal, and the API server and Vaults when a case first needs one. The returned function stops them.
func (p *program) stage(ctx context.Context) (*rehearse.Stage, func(), error) {
	temporal, err := servers.StartTemporal(ctx, servers.TemporalOptions{})
	if err != nil {
		return nil, nil, err
	}
	stops := []func(){func() { _ = temporal.Stop() }}
	stop := func() {
		for i := len(stops) - 1; i >= 0; i-- {
			stops[i]()
		}
	}
	logger, err := logging.New(p.stderr, "ERROR")
	if err != nil {
		stop()
		return nil, nil, err
	}
	folder, err := os.MkdirTemp("", "payloads-")
	if err != nil {
		stop()
		return nil, nil, err
	}
	stops = append(stops, func() { _ = os.RemoveAll(folder) })
	c, err := connect.Local(ctx, connect.Options{
		Address: temporal.HostPort, Namespace: temporal.Namespace, Logger: logging.Temporal(logger),
		Payloads: payload.Options{Store: payload.Folder(folder)},
	})
	if err != nil {
		stop()
		return nil, nil, err
	}
	stops = append(stops, c.Close)
	kube := sync.OnceValues(func() (*servers.Kube, error) {
		k, err := servers.StartKube(ctx, servers.KubeOptions{})
		if err == nil {
			stops = append(stops, func() { _ = k.Stop() })
		}
		return k, err
	})
	vaults := sync.OnceValues(func() ([]*servers.Vault, error) {
		running, err := servers.StartVaults(ctx, vaultsOfCases)
		for _, v := range running {
			stops = append(stops, func() { _ = v.Stop() })
		}
		return running, err
	})
	stage, err := rehearse.NewStage(rehearse.Options{
		Temporal: c.Client, Address: c.Address, Converter: c.Payloads.Converter, Registry: p.registry, Integrations: p.registry.All(),
		Kube:   func(context.Context) (*servers.Kube, error) { return kube() },
		Vaults: func(context.Context) ([]*servers.Vault, error) { return vaults() },
	})
	if err != nil {
		stop()
		return nil, nil, err
	}
	stops = append(stops, stage.Close)
	return stage, stop, nil
}
