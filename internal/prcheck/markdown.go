package prcheck

import (
	"fmt"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// MaxComment is the size of a comment that GitLab takes, in characters.
const MaxComment = 1_000_000

// roomForNote is kept for the note about what was cut.
const roomForNote = 300

// Markdown is the report as a comment of at most so many bytes: a table of all integrations, then what each would
// change, folded. What does not fit is cut at the end of a line, and a note says how much that is.
func (r Report) Markdown(limit int) string {
	c := &comment{limit: limit - roomForNote}
	c.line("### %s: %s", r.Outcome, r.Headline())
	c.line("")
	c.line("Bundle `%s` compared with `%s`.", r.Head, r.Base)
	c.line("")
	c.line("| integration | outcome | why |")
	c.line("|---|---|---|")
	for _, result := range r.Integrations {
		c.line("| %s | %s | %s |", result.Integration, result.Outcome, cell(Why(result)))
	}
	for _, left := range r.LeftOut {
		c.line("| %s | left out | %s |", left.Integration, cell(left.Reason))
	}
	for _, result := range r.Integrations {
		if lines := details(result); len(lines) > 0 {
			c.fold(result.Integration+": "+string(result.Outcome), lines)
		}
	}
	if c.left > 0 {
		c.text.WriteString(fmt.Sprintf("\n**%d more lines did not fit into this comment.** `starter check -o text` shows all of them.\n", c.left))
	}
	return c.text.String()
}

// details are the lines of a result's plan, in the form of a diff.
func details(r *workflows.Result) []string {
	marks := map[plan.Action]string{plan.Create: "+ ", plan.Update: "! ", plan.Delete: "- "}
	var lines []string
	for _, change := range r.Changes {
		lines = append(lines, marks[change.Action]+withReason(change.Summary, change.Reason))
	}
	for _, held := range r.Held {
		lines = append(lines, "# held for approval: "+held.Summary+": "+held.Guard)
	}
	for _, finding := range r.Findings {
		lines = append(lines, "# "+string(finding.Severity)+": "+finding.Subject+": "+finding.Message)
	}
	for _, failure := range r.Errors {
		lines = append(lines, "# failed: "+failure.String())
	}
	return lines
}

func withReason(summary, reason string) string {
	if reason == "" {
		return summary
	}
	return summary + ": " + reason
}

// comment is Markdown up to a size.
type comment struct {
	text  strings.Builder
	limit int
	// left counts the lines that did not fit.
	left int
}

func (c *comment) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...) + "\n"
	if c.left > 0 || c.text.Len()+len(text) > c.limit {
		c.left++
		return
	}
	c.text.WriteString(text)
}

// The frame of folded lines. In a code block nothing is a mention, a link or markup.
const (
	foldHead = "\n<details><summary>%s</summary>\n\n```diff\n"
	foldFoot = "```\n\n</details>\n"
)

// fold adds lines that people unfold. The frame is closed wherever they are cut.
func (c *comment) fold(heading string, lines []string) {
	head := fmt.Sprintf(foldHead, heading)
	if c.left > 0 || c.text.Len()+len(head)+len(foldFoot) > c.limit {
		c.left += len(lines)
		return
	}
	c.text.WriteString(head)
	c.limit -= len(foldFoot)
	for _, line := range lines {
		c.line("%s", strings.NewReplacer("```", "'''", "\n", " ").Replace(line))
	}
	c.limit += len(foldFoot)
	c.text.WriteString(foldFoot)
}

// cell keeps a text within its cell, and from being markup.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;", "@", "@\u200b", "`", "'").Replace(text)
}
