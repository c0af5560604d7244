package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/views"
	"github.com/app-sre/qontract-temporal/workflows"
)

// unsearchable says what is missing without the search attributes.
const unsearchable = "The server does not know the search attributes: outcomes are Temporal's own, and nobody knows what is stuck. A worker that may do so registers them."

// state is a state in its colour.
func (l look) state(s views.State) string {
	return l.paint(map[views.State]colour{
		views.Stuck: red, views.Failing: red, views.Held: yellow, views.Paused: yellow, views.Waiting: blue, views.Begun: blue,
		views.Never: faint, views.OK: green,
	}[s], string(s))
}

// outcome is an outcome in its colour.
func (l look) outcome(outcome string) string {
	switch strings.TrimSuffix(outcome, " (dry)") {
	case string(workflows.Failed), string(workflows.Invalid), string(workflows.Stuck), views.TimedOut, views.Terminated:
		return l.paint(red, outcome)
	case string(workflows.Held), views.Cancelled:
		return l.paint(yellow, outcome)
	case views.Running, string(workflows.Waiting):
		return l.paint(blue, outcome)
	}
	return outcome
}

func lastOutcome(last *views.Run) string {
	if last == nil {
		return "-"
	}
	if last.DryRun {
		return last.Outcome + " (dry)"
	}
	return last.Outcome
}

func sinceEnd(last *views.Run, now time.Time) string {
	if last == nil {
		return "-"
	}
	return ago(last.Ended, now)
}

// lastUI is the page of what goes on, or else of what was last.
func lastUI(one views.Integration) string {
	switch {
	case one.Running != nil:
		return one.Running.UI
	case one.Last != nil:
		return one.Last.UI
	}
	return ""
}

// heldChanges counts them; nothing stands for none.
func heldChanges(one views.Integration) string {
	count := 0
	for _, approval := range one.Held {
		count += approval.Held
	}
	if count == 0 {
		return ""
	}
	return fmt.Sprint(count)
}

// statusText is a fleet as text: how many are how, the rows, and what people should see to.
type statusText struct {
	look
	fleet *views.Fleet
}

// lines are the text. With a height of less it shows the most urgent ones and says how many it leaves out.
func (s statusText) lines(height int) []string {
	head := s.totals()
	notes := s.notes()
	rows := s.rows()
	if height > 0 {
		const least = 6
		if most := max(height-len(head)-least, 0); len(notes) > most {
			left := len(notes) - max(most-1, 0)
			notes = append(notes[:len(notes)-left], fmt.Sprintf("… %s", plural(left, "more note")))
		}
		if most := max(height-len(head)-len(notes)-2, 0); len(rows) > most {
			left := len(rows) - max(most-1, 0)
			rows = append(rows[:len(rows)-left], s.paint(faint, fmt.Sprintf("… %d more, which are less urgent", left)))
		}
	}
	if len(rows) > 0 {
		head = append(append(head, ""), rows...)
	}
	if len(notes) > 0 {
		head = append(append(head, ""), notes...)
	}
	return head
}

// totals say in a line or two how the fleet is.
func (s statusText) totals() []string {
	t := s.fleet.Totals
	var states []string
	for _, state := range views.States() {
		if count := t.States[state]; count > 0 {
			states = append(states, fmt.Sprintf("%d %s", count, s.state(state)))
		}
	}
	line := fmt.Sprintf("%s  %s: %s; %d running now, %d scheduled", s.fleet.At.Format(time.DateTime), plural(t.Integrations, "integration"),
		strings.Join(states, ", "), t.Running, t.Scheduled)
	lines := []string{line}
	if s.fleet.UI != "" {
		lines = append(lines, s.fleet.UI)
	}
	return lines
}

// rows are the table.
func (s statusText) rows() []string {
	if len(s.fleet.Integrations) == 0 {
		return []string{"No integration is like that."}
	}
	g := &grid{columns: []string{"name", "state", "since", "last", "changes", "ago", "took", "next", "now"}}
	for _, one := range s.fleet.Integrations {
		g.add(lastUI(one), s.row(one.Name, one.Unit)...)
		for _, shard := range one.Shards {
			if urgent(shard.State) {
				g.add("", s.row("└ "+strings.TrimPrefix(shard.ID, one.Name+"-"), shard.Unit)...)
			}
		}
	}
	return g.lines(s.look)
}

// urgent says whether a shard is shown beside the others of its integration.
func urgent(state views.State) bool {
	return state == views.Stuck || state == views.Failing || state == views.Paused
}

func (s statusText) row(name string, u views.Unit) []string {
	now := s.fleet.At
	since, changes, lasted, running := ago(u.Since, now), "", "-", ""
	if u.Longer {
		since = ">" + since
	}
	if u.Last != nil {
		lasted = took(u.Last.Took(now))
		if u.Last.Changes != nil {
			changes = fmt.Sprint(*u.Last.Changes)
		}
	}
	if u.Running != nil {
		running = took(u.Running.Took(now))
	}
	return []string{name, s.state(u.State), since, s.outcome(lastOutcome(u.Last)), changes, sinceEnd(u.Last, now), lasted, until(u.Next, now), running}
}
