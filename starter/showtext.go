package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/app-sre/qontract-temporal/internal/views"
	"github.com/app-sre/qontract-temporal/workflows"
)

// section is a table of what is shown of a run, with its heading.
type section struct {
	heading string
	columns []string
	rows    [][]string
}

// sections are the lists that a run has something in.
func sections(d *views.Detail) []section {
	r := d.Result
	verb := "Changes"
	if d.DryRun {
		verb = "Planned changes"
	}
	all := []section{
		{heading: verb, columns: []string{"scope", "change", "outcome", "reason"}},
		{heading: "Held for approval", columns: []string{"scope", "change", "why"}},
		{heading: "Decisions", columns: []string{"on", "state", "by", "comment", "digest"}},
		{heading: "Findings", columns: []string{"scope", "severity", "subject", "finding"}},
		{heading: "Errors", columns: []string{"scope", "kind", "error"}},
		{heading: "Steps", columns: []string{"step", "state", "since", ""}},
		{heading: "Trouble", columns: []string{"what goes wrong"}},
		{heading: "Scopes", columns: []string{"scope", "workflow", "run"}},
	}
	for _, change := range r.Changes {
		all[0].rows = append(all[0].rows, []string{change.Scope, change.Summary, string(change.Outcome), cmp.Or(change.Note, change.Reason)})
	}
	for _, held := range r.Held {
		all[1].rows = append(all[1].rows, []string{held.Scope, held.Summary, held.Guard})
	}
	for _, a := range d.Approvals {
		all[2].rows = append(all[2].rows, []string{a.Subject(), a.State, a.By, cmp.Or(a.Reason, a.Comment), a.Digest[:min(12, len(a.Digest))]})
	}
	for _, finding := range r.Findings {
		all[3].rows = append(all[3].rows, []string{finding.Scope, string(finding.Severity), finding.Subject, finding.Message})
	}
	for _, failure := range r.Errors {
		all[4].rows = append(all[4].rows, []string{failure.Scope, failure.Kind, failure.Message})
	}
	for _, step := range d.Steps {
		all[5].rows = append(all[5].rows, []string{step.Key, string(step.State), step.Since.Local().Format(time.DateTime), step.Words})
	}
	for _, trouble := range d.Trouble {
		all[6].rows = append(all[6].rows, []string{trouble})
	}
	for _, scope := range d.Scopes {
		all[7].rows = append(all[7].rows, []string{scope.Scope, scope.WorkflowID, scope.RunID})
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.rows) == 0 })
}

// printDetail writes a run for people.
func (p *program) printDetail(d *views.Detail) {
	l := p.look()
	fmt.Fprintf(p.stdout, "%s: %s\n\n", d.Integration, headline(d))
	for _, fact := range facts(d) {
		if fact[0] == "outcome" {
			fact[1] = strings.Replace(fact[1], d.Outcome, l.outcome(d.Outcome), 1)
		}
		fmt.Fprintf(p.stdout, "%-9s %s\n", fact[0], fact[1])
	}
	for _, s := range sections(d) {
		g := &grid{columns: s.columns}
		for _, row := range s.rows {
			g.add("", row...)
		}
		fmt.Fprintf(p.stdout, "\n%s\n%s\n", s.heading, strings.Join(g.lines(l), "\n"))
	}
	p.printApprovals(undecided(d))
}

// undecided is the result with what nobody has decided on yet.
func undecided(d *views.Detail) *workflows.Result {
	r := d.Result
	r.Held = slices.DeleteFunc(slices.Clone(r.Held), func(held workflows.HeldChange) bool {
		return !slices.ContainsFunc(d.Approvals, func(a views.Approval) bool {
			return a.Workflow == held.Approval && a.State == string(workflows.ApprovalWaiting)
		})
	})
	return &r
}

// writeMarkdown writes a run for a ticket or a merge request.
func (p *program) writeMarkdown(d *views.Detail) error {
	fmt.Fprintf(p.stdout, "### %s: %s\n\n", d.Integration, headline(d))
	for _, fact := range facts(d) {
		fmt.Fprintf(p.stdout, "- **%s**: %s\n", fact[0], fact[1])
	}
	for _, s := range sections(d) {
		t := newTable(nil, s.columns...)
		for _, cells := range s.rows {
			row := make(table.Row, len(cells))
			for i, cell := range cells {
				row[i] = cell
			}
			t.AppendRow(row)
		}
		fmt.Fprintf(p.stdout, "\n#### %s\n\n%s\n", s.heading, t.RenderMarkdown())
	}
	return nil
}

// headline is the outcome with the numbers behind it.
func headline(d *views.Detail) string {
	r := d.Result
	if d.Decision {
		return d.Outcome + ", " + plural(len(r.Held), "held change")
	}
	r.Outcome = workflows.Outcome(d.Outcome)
	return d.Outcome + ", " + counts(&r)
}

func outcomeOf(d *views.Detail) string {
	switch {
	case d.DryRun:
		return d.Outcome + ", a dry run"
	case d.Partial && d.Ended == nil:
		return d.Outcome + "; what follows is what was done by now"
	case d.Partial:
		return d.Outcome + "; what follows is what was done until then"
	}
	return d.Outcome
}

// startedBy says when, and by what or whom.
func startedBy(d *views.Detail) string {
	when := d.Started.Local().Format(time.DateTime)
	switch by := d.StartedBy; by.Kind {
	case "schedule":
		return fmt.Sprintf("%s by the schedule %s", when, by.Schedule)
	case "approval":
		return fmt.Sprintf("%s by the decision %s", when, by.Workflow)
	case "run":
		return fmt.Sprintf("%s by the run %s", when, by.Workflow)
	default:
		return fmt.Sprintf("%s by %s", when, by.Identity)
	}
}

func decided(by, comment string) string {
	if comment == "" {
		return by
	}
	return by + ": " + comment
}

func lasted(d *views.Detail) string {
	if d.Ended == nil {
		return took(time.Since(d.Started)) + " by now"
	}
	return took(d.Took(*d.Ended)) + ", until " + d.Ended.Local().Format(time.DateTime)
}

// argsOf are the flags as they were given.
func argsOf(d *views.Detail) string {
	var flags []string
	for _, name := range slices.Sorted(maps.Keys(d.Args)) {
		for _, value := range d.Args[name] {
			flags = append(flags, "--"+name+"="+value)
		}
	}
	return strings.Join(flags, " ")
}
