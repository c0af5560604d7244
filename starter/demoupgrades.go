package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/integrations/ocm/upgradeschedulerorg"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/standin/ocm"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/workflows"
)

const (
	// fleetInOCM is the estate's OCM, and newest the version that all of its clusters are to run.
	fleetInOCM = "ocm/ocm"
	newest     = "4.16.2"
	// careful is the cluster whose upgrade a person approves, in this organisation, so long after it was asked for.
	careful, carefulIn = "prod-3", "tech"
	approvedAfter      = 5 * 24 * time.Hour
	// longestDemo bounds the days that are simulated, and stepPatience how long the demonstration waits for anything.
	longestDemo  = 28
	stepPatience = 2 * time.Minute
)

// clock are the times of a day at which the scheduler runs: before the windows, while upgrades are under way, and after.
var clock = []time.Duration{7*time.Hour + 30*time.Minute, 9*time.Hour + 30*time.Minute, 10*time.Hour + 30*time.Minute}

// fleetDemo is the demonstration of upgrades.
type fleetDemo struct {
	*program
	servers *devServers
	flags   devFlags
	client  *connect.Connection
	worker  *servers.Child
	now     time.Time
	seen    timeline
	// asked is when the approval was asked for, and approved when it was given.
	asked, approved time.Time
	killed          int
}

// demoUpgrades lets a fleet be upgraded over simulated weeks. One cluster waits for a person, and the worker is killed
// twice: when it has just planned an upgrade, and while two are under way. It fails where an upgrade is missing, was made
// twice, or came out of order.
func (p *program) demoUpgrades(ctx context.Context, d *devServers, f devFlags) error {
	p.dial.Address, p.dial.Namespace = d.temporal.HostPort, d.temporal.Namespace
	c, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	demo := &fleetDemo{program: p, servers: d, flags: f, client: c}
	if err := demo.begin(ctx); err != nil {
		return err
	}
	for day := range longestDemo {
		if err := demo.day(ctx, demo.seen.began.AddDate(0, 0, day)); err != nil {
			return fmt.Errorf("on %s: %w", demo.now.Format(time.DateTime), err)
		}
		if demo.seen.complete() {
			break
		}
	}
	if err := demo.end(ctx); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "\n%s\nOf %d upgrades each was planned once, in its order, and followed to its end; the worker was killed %d times.\nIts histories: %s\n",
		demo.seen.table(), len(demo.seen.upgrades), demo.killed, d.temporal.UIURL)
	return nil
}

func (f *fleetDemo) begin(ctx context.Context) (err error) {
	estate, err := f.look(ctx)
	if err != nil {
		return err
	}
	f.now = *estate.Now
	f.seen = newTimeline(estate)
	f.worker, err = f.servers.startWorker(f.flags, isScheduler)
	fmt.Fprintf(f.stdout, "\n%d clusters of two organisations go to %s. The worker is process %d.\n", len(estate.Clusters), newest, f.worker.PID())
	return err
}

func isScheduler(d reconcile.Definition) bool { return d.Name == upgradeschedulerorg.Name }

// day lets a day pass.
func (f *fleetDemo) day(ctx context.Context, midnight time.Time) error {
	for i, at := range clock {
		if err := f.advance(midnight.Truncate(24 * time.Hour).Add(at)); err != nil {
			return err
		}
		if i == 1 && f.killed == 1 && f.seen.underWay(f.now) > 1 {
			if err := f.kill("while upgrades are under way"); err != nil {
				return err
			}
		}
		if err := f.nudge(ctx); err != nil {
			return err
		}
		if err := f.run(ctx); err != nil {
			return err
		}
		if err := f.observe(ctx); err != nil {
			return err
		}
	}
	if f.asked.IsZero() || !f.approved.IsZero() || f.now.Sub(f.asked) < approvedAfter {
		return nil
	}
	f.approved = f.now
	fmt.Fprintf(f.stdout, "%s  %-22s approved, after %s\n", f.now.Format(minute), careful, f.now.Sub(f.asked))
	id := workflows.ApprovalID(upgradeschedulerorg.Name, carefulIn, "upgrade/"+careful)
	return f.decide(ctx, f.client, id, workflows.ApproveMessage, workflows.Decision{By: "the demonstration", Comment: "the other clusters are fine"}, true, "text")
}

func (f *fleetDemo) advance(to time.Time) error {
	err := f.servers.live.Advance(fleetInOCM, to.Sub(f.now))
	f.now = to
	return err
}

// nudge has the workflows that follow upgrades look at them. Their clock is the real one, on which no time has passed.
func (f *fleetDemo) nudge(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stepPatience)
	defer cancel()
	for i := range f.seen.upgrades {
		u := &f.seen.upgrades[i]
		if u.followed {
			continue
		}
		handle, err := f.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: u.workflow(), UpdateName: workflows.RetryStepMessage, WaitForStage: client.WorkflowUpdateStageCompleted,
			Args: []any{workflows.StepDecision{Step: u.key(), By: "the demonstration", Reason: "the simulated clock has moved"}},
		})
		var step workflows.StepProgress
		if err == nil {
			err = handle.Get(ctx, &step)
		}
		if err != nil {
			return fmt.Errorf("look at %s: %w", u.workflow(), err)
		}
		if step.Words != u.words {
			u.words = step.Words
			fmt.Fprintf(f.stdout, "%s  %-22s %s\n", f.now.Format(minute), u.unit, step.Words)
		}
		u.followed = step.State == workflows.StepDone
	}
	return nil
}

// run runs the scheduler once. The first time that it plans an upgrade in the second wave of clusters, its worker is killed.
func (f *fleetDemo) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stepPatience)
	defer cancel()
	definition, err := f.registry.Get(upgradeschedulerorg.Name)
	if err != nil {
		return err
	}
	planned, err := f.planned()
	if err != nil {
		return err
	}
	in := workflows.Input{Args: plan.Args{"approve-cluster": {careful}}}
	started, err := f.client.ExecuteWorkflow(ctx, startOptions(definition, in), definition.Name, in)
	if err != nil {
		return err
	}
	if f.killed == 0 && len(f.seen.upgrades) > 0 {
		if err := f.killAfter(ctx, started, planned); err != nil {
			return err
		}
	}
	result := &workflows.Result{}
	if err := started.Get(ctx, result); err != nil {
		return err
	}
	if len(result.Held) > 0 && f.asked.IsZero() {
		f.asked = f.now
		fmt.Fprintf(f.stdout, "%s  %-22s waits for an approval: starter approve %s\n", f.now.Format(minute), careful, result.Held[0].Approval)
	}
	return nil
}

// planned counts the policies that OCM was asked for.
func (f *fleetDemo) planned() (int, error) {
	calls, err := f.servers.live.Calls(fleetInOCM)
	n := 0
	for _, call := range calls {
		if call.Write && strings.HasSuffix(call.Path, "/upgrade_policies") {
			n++
		}
	}
	return n, err
}

// killAfter kills the worker as soon as the run has had OCM plan one more upgrade. A run that plans none leaves it alone.
func (f *fleetDemo) killAfter(ctx context.Context, run client.WorkflowRun, before int) error {
	ended := make(chan error, 1)
	go func() { ended <- f.client.GetWorkflow(ctx, run.GetID(), run.GetRunID()).Get(ctx, nil) }()
	for {
		select {
		case err := <-ended:
			return err
		case <-time.After(time.Millisecond):
		}
		n, err := f.planned()
		if err != nil {
			return err
		}
		if n > before {
			return f.kill("when it has just planned an upgrade")
		}
	}
}

func (f *fleetDemo) kill(when string) error {
	pid := f.worker.PID()
	err := f.worker.Kill()
	if err != nil {
		return err
	}
	f.killed++
	if f.worker, err = f.servers.startWorker(f.flags, isScheduler); err == nil {
		fmt.Fprintf(f.stdout, "%s  killed the worker, process %d, with SIGKILL %s; process %d goes on\n", f.now.Format(minute), pid, when, f.worker.PID())
	}
	return err
}

func (f *fleetDemo) look(ctx context.Context) (ocm.Estate, error) {
	text, err := f.servers.live.Dump(ctx, fleetInOCM)
	if err != nil {
		return ocm.Estate{}, err
	}
	var estate ocm.Estate
	return estate, yaml.UnmarshalStrict(text, &estate)
}

// observe notes what has changed in OCM.
func (f *fleetDemo) observe(ctx context.Context) error {
	estate, err := f.look(ctx)
	if err != nil {
		return err
	}
	for _, news := range f.seen.observe(estate, f.now) {
		fmt.Fprintf(f.stdout, "%s  %s\n", f.now.Format(minute), news)
	}
	return nil
}

// end lets another day pass, on which nothing may happen, and checks everything.
func (f *fleetDemo) end(ctx context.Context) error {
	before := len(f.seen.upgrades)
	if err := f.day(ctx, f.now.AddDate(0, 0, 1)); err != nil {
		return err
	}
	problems := f.seen.check(f.asked, f.approved)
	if len(f.seen.upgrades) > before {
		problems = append(problems, "upgrades were planned when all clusters had theirs")
	}
	planned, err := f.planned()
	if err != nil {
		return err
	}
	if planned != len(f.seen.upgrades) {
		problems = append(problems, fmt.Sprintf("OCM was asked for %d upgrades, and there are %d", planned, len(f.seen.upgrades)))
	}
	if f.killed != 2 {
		problems = append(problems, fmt.Sprintf("the worker was killed %d times, and not twice", f.killed))
	}
	for _, u := range f.seen.upgrades {
		result := &workflows.Result{}
		if err := f.client.GetWorkflow(ctx, u.workflow(), "").Get(ctx, result); err != nil {
			problems = append(problems, fmt.Sprintf("%s was not followed to its end: %v", u.workflow(), err))
		} else if !slices.ContainsFunc(result.Changes, func(c workflows.Change) bool { return c.Key == u.key() && c.Outcome == workflows.Success }) {
			problems = append(problems, fmt.Sprintf("%s ended as %s", u.workflow(), result.Outcome))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("the upgrades went wrong:\n- %s\n\n%s", strings.Join(problems, "\n- "), f.seen.table())
	}
	return nil
}
