package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// print writes a result for people or for scripts.
func (p *program) print(output string, r *workflows.Result) error {
	if output == "json" {
		return writeJSON(p.stdout, r)
	}
	mode := ""
	if r.DryRun {
		mode = ", dry run"
	}
	bundle := "no bundle pinned"
	if r.Bundle != "" {
		bundle = "bundle " + r.Bundle[:min(12, len(r.Bundle))]
	}
	fmt.Fprintf(p.stdout, "%s (%s%s)\n", r.Integration, bundle, mode)
	if r.Comparison != nil && r.Outcome != workflows.Skipped {
		fmt.Fprintf(p.stdout, "%s: %s\n", covers(r.Comparison.Verdict), r.Comparison.Reason)
	}
	if len(r.Changes) > 0 {
		t := newTable(p.stdout, "scope", "change", "outcome", "reason")
		for _, change := range r.Changes {
			t.AppendRow(table.Row{change.Scope, change.Summary, change.Outcome, cmp.Or(change.Note, change.Reason)})
		}
		t.Render()
	}
	if len(r.Findings) > 0 {
		t := newTable(p.stdout, "severity", "subject", "finding")
		for _, finding := range r.Findings {
			t.AppendRow(table.Row{finding.Severity, finding.Subject, finding.Message})
		}
		t.Render()
	}
	for _, held := range r.Held {
		fmt.Fprintf(p.stdout, "held for approval: %s: %s\n", held.Summary, held.Guard)
	}
	p.printApprovals(r)
	p.printWaiting(r)
	for _, failure := range r.Errors {
		fmt.Fprintf(p.stdout, "error: %s\n", failure)
	}
	fmt.Fprintf(p.stdout, "%s: %s\nworkflow %s, run %s\n", r.Outcome, counts(r), r.WorkflowID, r.RunID)
	return nil
}

// printPage says where the run is shown in the user interface.
func (p *program) printPage(output string, c *connect.Connection, r *workflows.Result) {
	if page := p.links(c).Run(r.WorkflowID, r.RunID); output == "text" && page != "" {
		fmt.Fprintln(p.stdout, page)
	}
}

// printApprovals says how each of the held scopes is decided.
func (p *program) printApprovals(r *workflows.Result) {
	last := ""
	for _, held := range r.Held {
		if held.Approval != "" && held.Approval != last {
			last = held.Approval
			scope := strings.TrimPrefix(held.Approval, workflows.ApprovalType+"/")
			fmt.Fprintf(p.stdout, "Decide with `starter approve %s` or `starter reject %s`.\n", scope, scope)
		}
	}
}

// printWaiting says where the scopes that go on are followed.
func (p *program) printWaiting(r *workflows.Result) {
	last := ""
	for _, change := range r.Changes {
		if change.Outcome == workflows.Waiting && change.Scope != last {
			last = change.Scope
			fmt.Fprintf(p.stdout, "%s goes on by itself; `starter watch %s` shows it.\n", last, workflows.RunID(r.Integration, last))
		}
	}
}

// covers says what a run covers after a comparison.
func covers(v workflows.Verdict) string {
	if v == workflows.RunAll {
		return "full run"
	}
	return "partial run"
}

func counts(r *workflows.Result) string {
	if r.Outcome == workflows.Skipped && r.Comparison != nil {
		return r.Comparison.Reason
	}
	done, waiting := map[plan.Action]int{}, 0
	for _, change := range r.Changes {
		switch change.Outcome {
		case workflows.Failed:
		case workflows.Waiting:
			waiting++
		default:
			done[change.Action]++
		}
	}
	text := tally(done, r.DryRun)
	switch {
	case r.Reason != "":
		text = r.Reason
	case len(r.Findings) > 0:
		text = plural(len(r.Findings), "finding")
	case len(r.Changes) == 0:
		text = "nothing to change"
	}
	if waiting > 0 {
		text += fmt.Sprintf(", %d waiting", waiting)
	}
	if len(r.Held) > 0 {
		text += fmt.Sprintf(", %d held", len(r.Held))
	}
	if len(r.Errors) > 0 {
		text += ", " + plural(len(r.Errors), "error")
	}
	return text
}

// tally says how many changes of each kind were made, or are to be.
func tally(changes map[plan.Action]int, dryRun bool) string {
	verbs := [3]string{"created", "updated", "deleted"}
	if dryRun {
		verbs = [3]string{"to create", "to update", "to delete"}
	}
	return fmt.Sprintf("%d %s, %d %s, %d %s", changes[plan.Create], verbs[0], changes[plan.Update], verbs[1], changes[plan.Delete], verbs[2])
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// printStarted says which workflow was started, where nobody waits for it.
func (p *program) printStarted(output, integration, workflowID, runID string, dryRun bool) error {
	if output == "json" {
		return writeJSON(p.stdout, map[string]any{"integration": integration, "workflowId": workflowID, "runId": runID, "dryRun": dryRun})
	}
	fmt.Fprintf(p.stdout, "Started workflow %s, run %s. `starter watch %s` shows it.\n", workflowID, runID, workflowID)
	return nil
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// newTable is the one look of all tables.
func newTable(w io.Writer, columns ...string) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	header := make(table.Row, len(columns))
	for i, column := range columns {
		header[i] = column
	}
	t.AppendHeader(header)
	return t
}
