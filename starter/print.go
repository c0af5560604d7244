package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

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
	if len(r.Changes) > 0 {
		t := newTable(p.stdout, "scope", "change", "outcome", "reason")
		for _, change := range r.Changes {
			t.AppendRow(table.Row{change.Scope, change.Summary, change.Outcome, change.Reason})
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
	for _, failure := range r.Errors {
		fmt.Fprintf(p.stdout, "error: %s\n", failure)
	}
	fmt.Fprintf(p.stdout, "%s: %s\nworkflow %s, run %s\n", r.Outcome, counts(r), r.WorkflowID, r.RunID)
	return nil
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

func counts(r *workflows.Result) string {
	done := map[plan.Action]int{}
	for _, change := range r.Changes {
		if change.Outcome != workflows.Failed {
			done[change.Action]++
		}
	}
	verbs := [3]string{"created", "updated", "deleted"}
	if r.DryRun {
		verbs = [3]string{"to create", "to update", "to delete"}
	}
	text := fmt.Sprintf("%d %s, %d %s, %d %s", done[plan.Create], verbs[0], done[plan.Update], verbs[1], done[plan.Delete], verbs[2])
	switch {
	case len(r.Findings) > 0:
		text = plural(len(r.Findings), "finding")
	case len(r.Changes) == 0:
		text = "nothing to change"
	}
	if len(r.Held) > 0 {
		text += fmt.Sprintf(", %d held", len(r.Held))
	}
	if len(r.Errors) > 0 {
		text += ", " + plural(len(r.Errors), "error")
	}
	return text
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
