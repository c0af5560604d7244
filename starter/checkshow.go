package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/app-sre/qontract-temporal/internal/prcheck"
	"github.com/app-sre/qontract-temporal/workflows"
)

// board shows how far the runs of a check are: a line that changes where people watch, else a line for each run that
// has ended. It is safe for concurrent use.
type board struct {
	out   io.Writer
	live  bool
	total int

	mu      sync.Mutex
	running []string
	done    int
}

func newBoard(out io.Writer, live bool, total int) *board {
	return &board{out: out, live: live, total: total}
}

func (b *board) begin(integration string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running = append(b.running, integration)
	b.redraw()
}

func (b *board) end(r *workflows.Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	b.running = slices.DeleteFunc(b.running, func(name string) bool { return name == r.Integration })
	if !b.live {
		fmt.Fprintf(b.out, "%d of %d: %s: %s: %s\n", b.done, b.total, r.Integration, r.Outcome, counts(r))
	}
	b.redraw()
}

// say writes a line that stays.
func (b *board) say(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
	fmt.Fprintf(b.out, format+"\n", args...)
	b.redraw()
}

func (b *board) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
}

func (b *board) erase() {
	if b.live {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

func (b *board) redraw() {
	if !b.live {
		return
	}
	const few = 3
	text := strings.Join(b.running[:min(few, len(b.running))], ", ")
	if more := len(b.running) - few; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	fmt.Fprintf(b.out, "\r\x1b[K%d of %d integrations done; running: %s", b.done, b.total, text)
}

// printReport writes the report for people, for scripts or for a merge request.
func (p *program) printReport(output string, r prcheck.Report) error {
	switch output {
	case "json":
		return writeJSON(p.stdout, r)
	case "markdown":
		fmt.Fprint(p.stdout, r.Markdown(prcheck.MaxComment))
		return nil
	}
	fmt.Fprintf(p.stdout, "bundle %.12s compared with %.12s\n", r.Head, r.Base)
	t := newTable(p.stdout, "integration", "outcome", "why")
	for _, result := range r.Integrations {
		t.AppendRow(table.Row{result.Integration, result.Outcome, prcheck.Why(result)})
	}
	for _, left := range r.LeftOut {
		t.AppendRow(table.Row{left.Integration, "left out", left.Reason})
	}
	t.Render()
	p.printPlans(r)
	fmt.Fprintf(p.stdout, "%s: %s\n", r.Outcome, r.Headline())
	return nil
}

// printPlans writes the changes, findings, held changes and errors of all integrations together.
func (p *program) printPlans(r prcheck.Report) {
	changes := newTable(p.stdout, "integration", "scope", "change", "reason")
	findings := newTable(p.stdout, "integration", "severity", "subject", "finding")
	for _, result := range r.Integrations {
		for _, change := range result.Changes {
			changes.AppendRow(table.Row{result.Integration, change.Scope, change.Summary, change.Reason})
		}
		for _, finding := range result.Findings {
			findings.AppendRow(table.Row{result.Integration, finding.Severity, finding.Subject, finding.Message})
		}
	}
	for _, t := range []table.Writer{changes, findings} {
		if t.Length() > 0 {
			t.Render()
		}
	}
	for _, result := range r.Integrations {
		for _, held := range result.Held {
			fmt.Fprintf(p.stdout, "would be held for approval: %s: %s: %s\n", result.Integration, held.Summary, held.Guard)
		}
		for _, failure := range result.Errors {
			fmt.Fprintf(p.stdout, "error: %s: %s\n", result.Integration, failure)
		}
	}
}
