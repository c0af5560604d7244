package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// demo runs integrations, and one of them once more: then there is nothing left to do. At the end an AWS account is made.
func (p *program) demo(ctx context.Context, d *devServers, f devFlags) error {
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
	if err := p.demoAccount(ctx, d, f); err != nil {
		return fmt.Errorf("the AWS account: %w", err)
	}
	fmt.Fprintf(p.stdout, "\nThe histories of these runs are at %s, each with its steps and its plan.\n", d.temporal.UIURL)
	return nil
}

// findWorker looks for the program that the demo needs before anything is started.
func (f *devFlags) findWorker() error {
	if !f.demo && !f.upgrades {
		return nil
	}
	if f.worker == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		f.worker = filepath.Join(filepath.Dir(self), "worker")
	}
	if _, err := os.Stat(f.worker); err != nil {
		return fmt.Errorf("the demo kills a worker, whose program is missing: %w; `make demo` builds it, or name it with --worker", err)
	}
	return nil
}

// demonstration is the one that is asked for, nil where none is.
func (p *program) demonstration(f devFlags) func(context.Context, *devServers, devFlags) error {
	switch {
	case f.demo:
		return p.demo
	case f.upgrades:
		return p.demoUpgrades
	}
	return nil
}

// usualEstate is the estate where none is named.
func (f devFlags) usualEstate() string {
	if f.upgrades {
		return "deploy/upgrades"
	}
	return "deploy/sample"
}

// elsewhere says whether an integration has a worker in a process of its own, which can be killed. All integrations of a
// system have their steps on one queue, so that either all of them have or none has.
func (f devFlags) elsewhere(d reconcile.Definition) bool {
	return f.demo && onAWS(d) || f.upgrades
}

// onAWS says whether an integration's steps are on AWS's queue.
func onAWS(d reconcile.Definition) bool { return d.System() == reconcile.AWS }
