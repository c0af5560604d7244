package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	pretty "github.com/jedib0t/go-pretty/v6/table"
)

// figure is one row: ours beside what it is compared with.
type figure struct {
	what string
	// ours and other are as they are shown; other is empty where there is nothing to compare with.
	ours, versus, other string
	// value is the ratio of ours to other, or ours itself where other is empty. The aim is about it.
	value float64
	aim   aim
	// why is the reason where the aim is missed, as the profile and the run's history show it.
	why string
}

// aim is what a figure should reach. The zero value asks for nothing.
type aim struct {
	limit float64
	// least says that the limit is the least that is wanted, and not the most.
	least bool
	text  string
}

func atMost(ratio float64) aim { return aim{limit: ratio, text: fmt.Sprintf("at most %gx", ratio)} }
func atLeast(ratio float64) aim {
	return aim{limit: ratio, least: true, text: fmt.Sprintf("at least %gx", ratio)}
}

func (f figure) verdict() string {
	switch {
	case f.aim.text == "":
		return ""
	case f.aim.least == (f.value >= f.aim.limit) || f.value == f.aim.limit:
		return "met"
	}
	return "missed"
}

func (f figure) ratio() string {
	switch {
	case f.other == "":
		return ""
	case f.value < 0.095:
		return fmt.Sprintf("%.3fx", f.value)
	}
	return fmt.Sprintf("%.2fx", f.value)
}

// table collects figures.
type table struct{ figures []figure }

func (t *table) add(f figure) { t.figures = append(t.figures, f) }

// times adds the medians of two lists of durations.
func (t *table) times(what string, ours []time.Duration, versus string, others []time.Duration, aim aim, why string) {
	our, other := median(ours), median(others)
	t.add(figure{what: what, ours: short(our), versus: versus, other: short(other), value: float64(our) / float64(other), aim: aim, why: why})
}

// missed explains the aims that are missed, a line each.
func (t *table) missed() string {
	var lines strings.Builder
	for _, f := range t.figures {
		if f.verdict() == "missed" {
			fmt.Fprintf(&lines, "- %s, beside %s: %s\n", f.what, f.versus, cmp.Or(f.why, "not explained yet"))
		}
	}
	if lines.Len() == 0 {
		return "All aims are met.\n"
	}
	return "Missed aims:\n\n" + lines.String()
}

func (t *table) writer() pretty.Writer {
	w := pretty.NewWriter()
	w.AppendHeader(pretty.Row{"what", "ours", "beside", "which takes", "ratio", "aim", ""})
	for _, f := range t.figures {
		w.AppendRow(pretty.Row{f.what, f.ours, f.versus, f.other, f.ratio(), f.aim.text, f.verdict()})
	}
	return w
}

func (t *table) text(out io.Writer, machine string) error {
	_, err := fmt.Fprintf(out, "%s\n%s\n%s", machine, t.writer().Render(), t.missed())
	return err
}

const preface = `# Performance

Written by ` + "`make bench WRITE=docs/performance.md`" + `. Each figure of ours was taken in turns with the one beside it, in one run; times are medians. Only the ratios
are meant to be compared: the times are those of one machine, on which the servers ran too.

%s.

%s

%s`

// page is docs/performance.md.
func (t *table) page(machine string) []byte {
	return fmt.Appendf(nil, preface, machine, t.writer().RenderMarkdown(), t.missed())
}

// median is the upper one of an even number.
func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// short is a duration with three digits that matter.
func short(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(time.Millisecond).String()
	case d >= 10*time.Microsecond:
		return d.Round(time.Microsecond).String()
	}
	return d.String()
}
