package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/integrations/aws/accountmanager"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/uilink"
	"github.com/app-sre/qontract-temporal/workflows"
)

const (
	// newAccount is the scope of the account that the sample estate asks for, and creation its first step.
	newAccount  = "acme-payer/" + accountName
	accountName = "acme-search"
	creation    = "create-account"
	// stepWithin bounds how long the demo waits for a step to begin.
	stepWithin = time.Minute
	// workerConfig is the name of the worker's configuration file.
	workerConfig = "config.toml"
)

// demoAccount shows a change that takes its time. An account is asked for; while AWS makes it, the worker is killed; another
// one goes on. It fails where the account was not made, or anything for it was done twice.
func (p *program) demoAccount(ctx context.Context, d *devServers, f devFlags) error {
	c, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	w, err := d.startWorker(f, onAWS)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "\nThe integrations of AWS have a worker of their own, process %d.\n", w.PID())
	started, err := p.startManager(ctx, c, accountName)
	if err != nil {
		return err
	}
	workflowID := workflows.RunID(accountmanager.Name, newAccount)
	step, err := awaitStep(ctx, c, w, workflowID, creation)
	if err != nil {
		return err
	}
	if err := d.happened("organizations.CreateAccount", 1); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s: %s\nIts workflow: %s\n", step.Summary, step.Words, d.page(workflowID))
	pid := w.PID()
	if err := w.Kill(); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Killed the worker, process %d, with SIGKILL while AWS makes the account.\n", pid)
	if w, err = d.startWorker(f, onAWS); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Started another one, process %d. It goes on where the other one was.\n", w.PID())
	if err := p.finish(ctx, c, started, creation, "create-iam-user", "account-file"); err != nil {
		return err
	}
	if err := d.happenedOnce(); err != nil {
		return err
	}
	if started, err = p.startManager(ctx, c, ""); err != nil {
		return err
	}
	if err := p.finish(ctx, c, started); err != nil {
		return err
	}
	if err := d.happenedOnce(); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "\nFor %s AWS was asked once for the account, once for its user and once for its access key; GitLab has one merge request.\n"+
		"Its workflow, with all its steps: %s\n", newAccount, d.page(workflowID))
	return nil
}

// startManager starts a run of aws-account-manager for one account, or for all where there is no name.
func (p *program) startManager(ctx context.Context, c client.Client, account string) (client.WorkflowRun, error) {
	definition, err := p.registry.Get(accountmanager.Name)
	if err != nil {
		return nil, err
	}
	in := workflows.Input{}
	text := definition.Name
	if account != "" {
		in.Args = plan.Args{"account-name": {account}}
		text += " --account-name " + account
	}
	fmt.Fprintf(p.stdout, "\n$ starter run --integration %s\n", text)
	return c.ExecuteWorkflow(ctx, startOptions(definition, in), definition.Name, in)
}

// finish follows a run to its end, at which it has to have done these steps for the new account, and no other ones.
func (p *program) finish(ctx context.Context, c *connect.Connection, run client.WorkflowRun, steps ...string) error {
	result, err := p.watcher(c).follow(ctx, run.GetID(), run.GetRunID())
	if err != nil {
		return err
	}
	if err := p.print("text", result); err != nil {
		return err
	}
	if result.Outcome != workflows.Success {
		return fmt.Errorf("the run ended as %s", result.Outcome)
	}
	var done []string
	for _, change := range result.Changes {
		if change.Scope == newAccount {
			done = append(done, change.Key)
		}
	}
	if !slices.Equal(done, steps) {
		return fmt.Errorf("the run did %q for %s, and should have done %q", done, newAccount, steps)
	}
	return nil
}

// startWorker starts a worker for some of the integrations.
func (d *devServers) startWorker(f devFlags, takes func(reconcile.Definition) bool) (*servers.Child, error) {
	config, env := d.live.Worker()
	var names []string
	for _, definition := range d.out.registry.All() {
		if takes(definition) {
			names = append(names, definition.Name)
		}
	}
	args := []string{
		"--config", workerConfig, "--integrations", strings.Join(names, ","), "--listen", "127.0.0.1:0", "--log-level", "WARNING",
		"--address", d.temporal.HostPort, "--namespace", d.temporal.Namespace,
	}
	if store := d.out.dial.Payloads.Store; store != "" {
		args = append(args, "--payload-store", store)
	}
	if keys := d.out.dial.Payloads.Keys; keys != "" {
		args = append(args, "--payload-keys", keys)
	}
	w, err := servers.StartChild(f.worker, map[string]string{workerConfig: config}, env, args...)
	if err == nil {
		d.stops = append(d.stops, func() { _ = w.Stop() })
	}
	return w, err
}

// happened fails unless a call was made so many times to the estate's AWS or GitLab. The call is the end of its name.
func (d *devServers) happened(call string, times int) error {
	n := 0
	for _, system := range []string{"aws/acme", "gitlab/gitlab-acme"} {
		calls, err := d.live.Calls(system)
		if err != nil {
			return err
		}
		for _, made := range calls {
			if made.Write && strings.HasSuffix(made.String(), call) {
				n++
			}
		}
	}
	if n != times {
		return fmt.Errorf("%s was called %d times, and should have been %d times", call, n, times)
	}
	return nil
}

// happenedOnce fails where anything that the new account takes was not asked for once.
func (d *devServers) happenedOnce() error {
	for _, call := range []string{"organizations.CreateAccount", "iam.CreateUser", "iam.CreateAccessKey", "/merge_requests"} {
		if err := d.happened(call, 1); err != nil {
			return err
		}
	}
	return nil
}

// page is where Temporal's UI shows a workflow.
func (d *devServers) page(workflowID string) string {
	links, _ := uilink.New(d.temporal.UIURL, d.temporal.Namespace)
	return links.Run(workflowID, "")
}

// awaitStep returns a step once it waits.
func awaitStep(ctx context.Context, c client.Client, w *servers.Child, workflowID, key string) (workflows.StepProgress, error) {
	ctx, cancel := context.WithTimeout(ctx, stepWithin)
	defer cancel()
	ticker := time.NewTicker(lookEvery / 5)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return workflows.StepProgress{}, fmt.Errorf("step %s of %s was not seen to wait: %w", key, workflowID, ctx.Err())
		case <-ticker.C:
		}
		if err := w.Err(); err != nil {
			return workflows.StepProgress{}, fmt.Errorf("the worker: %w", err)
		}
		answer, err := c.QueryWorkflow(ctx, workflowID, "", workflows.ProgressQuery)
		if err != nil {
			continue
		}
		var progress workflows.Progress
		if err := answer.Get(&progress); err != nil {
			return workflows.StepProgress{}, err
		}
		for _, step := range progress.Steps {
			if step.Key == key && step.State == workflows.StepWaiting {
				return step, nil
			}
		}
	}
}
