package rehearse

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Check is one thing that a rehearsal looked at.
type Check struct {
	Name string `json:"name"`
	// Fault says what is wrong; it is empty where all is well.
	Fault string `json:"fault,omitempty"`
}

// Rehearse runs the case and its automatic checks. With update the case's plan and after files are what came out,
// and are written back. The error means that the rehearsal itself could not be held.
func (s *Stage) Rehearse(ctx context.Context, c *Case, update bool) ([]Check, error) {
	r := &rehearsal{stage: s, Case: c}
	if err := r.main(ctx, update); err != nil {
		return nil, err
	}
	if err := r.dry(ctx); err != nil {
		return nil, err
	}
	return r.checks, r.faults(ctx)
}

// rehearsal is the state of one.
type rehearsal struct {
	*Case
	stage  *Stage
	checks []Check

	result *workflows.Result
	before map[string]string
	after  map[string]string
	calls  [][]fault.Call
}

func (r *rehearsal) check(name, fault string) {
	r.checks = append(r.checks, Check{Name: name, Fault: fault})
}

// main runs the case for real, compares the end, and runs it again, when nothing may be left to do.
func (r *rehearsal) main(ctx context.Context, update bool) error {
	w, err := newWorld(ctx, r.stage, r.Case)
	if err != nil {
		return err
	}
	defer func() { _ = w.Close(ctx) }()
	if r.before, err = w.dump(ctx); err != nil {
		return err
	}
	if r.result, err = r.stage.run(ctx, r.Case, workflows.Input{}); err != nil {
		return err
	}
	for _, injector := range w.injectors() {
		r.calls = append(r.calls, injector.Calls())
	}
	if r.after, err = w.dump(ctx); err != nil {
		return err
	}
	got := w.speak.Replace(planText(r.result))
	if update {
		r.update(got)
		if err := r.Write(); err != nil {
			return err
		}
	}
	r.check("the plan is as expected", cmp.Diff(strings.TrimSpace(string(r.file("plan"))), strings.TrimSpace(got)))
	for id, dump := range r.after {
		want, name := r.before[id], id+" is unchanged"
		if expected, found := r.lookup("after/" + id + ".yaml"); found {
			want, name = string(expected), id+" is as expected"
		}
		r.check(name, cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(dump)))
	}
	return r.again(ctx, w)
}

func (r *rehearsal) update(plan string) {
	r.set("plan", []byte(plan))
	for id, dump := range r.after {
		var changed []byte
		if dump != r.before[id] {
			changed = []byte(dump)
		}
		r.set("after/"+id+".yaml", changed)
	}
}

func (r *rehearsal) again(ctx context.Context, w *world) error {
	second, err := r.stage.run(ctx, r.Case, workflows.Input{})
	if err != nil {
		return err
	}
	open := map[string]bool{}
	for _, change := range r.result.Changes {
		open[change.Scope+"/"+change.Key] = change.Outcome == workflows.Failed || change.Outcome == workflows.Waiting
	}
	var left []string
	for _, change := range second.Changes {
		if !open[change.Scope+"/"+change.Key] {
			left = append(left, change.Summary+": "+change.Reason)
		}
	}
	r.check("a second run has nothing left to do", strings.Join(left, "\n"))
	dumps, err := w.dump(ctx, r.before, r.after)
	if err != nil {
		return err
	}
	r.check("a second run changes nothing", cmp.Diff(r.after, dumps))
	return nil
}

// dry runs the case dry in a new world: the same plan, no write. Before that it compares the case's bundle with itself.
func (r *rehearsal) dry(ctx context.Context) error {
	w, err := newWorld(ctx, r.stage, r.Case)
	if err != nil {
		return err
	}
	defer func() { _ = w.Close(ctx) }()
	compared, err := r.compare(ctx, w)
	if err != nil {
		return err
	}
	result, err := r.stage.run(ctx, r.Case, workflows.Input{DryRun: true})
	if err != nil {
		return err
	}
	if compared {
		r.check("a comparison reads all that a run reads from app-interface", strings.Join(queries(w), "\n"))
	}
	r.check("a dry run plans the same", cmp.Diff(heads(r.result), heads(result)))
	var writes []string
	for _, injector := range w.injectors()[1:] {
		for _, call := range injector.Writes() {
			writes = append(writes, call.String())
		}
	}
	r.check("a dry run writes nothing", strings.Join(writes, "\n"))
	return nil
}

func heads(r *workflows.Result) []string {
	var list []string
	for _, change := range r.Changes {
		list = append(list, change.Scope+": "+change.Summary)
	}
	return list
}

// planText renders a result as the file plan has it.
func planText(r *workflows.Result) string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Outcome)
	for _, change := range r.Changes {
		line := change.Summary
		if change.Outcome == workflows.Failed {
			line = "failed to " + line
		}
		if change.Outcome == workflows.Waiting {
			line = "waiting to " + line + ": " + change.Note
		}
		if change.Reason != "" {
			line += ": " + change.Reason
		}
		fmt.Fprintln(&b, line)
	}
	for _, finding := range r.Findings {
		fmt.Fprintf(&b, "%s: %s: %s\n", finding.Severity, finding.Subject, finding.Message)
	}
	for _, held := range r.Held {
		fmt.Fprintf(&b, "held: %s: %s\n", held.Summary, held.Guard)
	}
	for _, failure := range r.Errors {
		fmt.Fprintf(&b, "error: %s\n", failure)
	}
	return b.String()
}
