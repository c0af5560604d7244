package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// shownSchedule is a schedule as it is shown.
type shownSchedule struct {
	ID          string       `json:"id"`
	Integration string       `json:"integration"`
	Shard       string       `json:"shard"`
	Timing      string       `json:"timing"`
	Offset      string       `json:"offset"`
	Jitter      string       `json:"jitter"`
	CatchUp     string       `json:"catchUp"`
	Args        plan.Args    `json:"args"`
	DryRun      bool         `json:"dryRun"`
	Queue       string       `json:"queue"`
	Pause       *fleet.Pause `json:"pause"`
	Next        *time.Time   `json:"next"`
	Last        *time.Time   `json:"last"`
	// Started is the workflow of the latest start.
	Started string   `json:"started"`
	Running []string `json:"running"`
	Starts  int64    `json:"starts"`
	Skipped int64    `json:"skipped"`
	Missed  int64    `json:"missed"`
	// Edited is what somebody has set by other means; the next apply takes it back.
	Edited []string `json:"edited"`
}

func show(live temporalapi.Live) shownSchedule {
	s := fleet.FromTemporal(live)
	shown := shownSchedule{
		ID: s.ID, Integration: s.Integration, Shard: s.Shard, Timing: s.Timing.String(), Offset: fleet.Short(s.Offset), Jitter: fleet.Short(s.Jitter),
		CatchUp: fleet.Short(s.CatchUp), Args: s.Args, DryRun: s.DryRun, Queue: s.Queue, Pause: s.Pause, Started: live.Started,
		Running: append([]string{}, live.Running...), Starts: live.Starts, Skipped: live.Skipped, Missed: live.Missed, Edited: append([]string{}, s.Drift...),
	}
	if len(live.Next) > 0 && s.Pause == nil {
		shown.Next = &live.Next[0]
	}
	if !live.Last.IsZero() {
		shown.Last = &live.Last
	}
	return shown
}

// state is a schedule in a word or a line.
func (s shownSchedule) state() string {
	switch {
	case s.Pause != nil:
		return "paused: " + s.Pause.String()
	case len(s.Running) > 0:
		return "running"
	case len(s.Edited) > 0:
		return "edited by hand"
	}
	return "waiting"
}

func (p *program) scheduleListCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the schedules, and the integrations without one",
		Example: "  starter schedule list\n  starter schedule list -o names",
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := format(output, "table", "json", "names"); err != nil {
				return err
			}
			return p.listSchedules(cmd.Context(), output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "table", "table, json or names")
	return cmd
}

func (p *program) listSchedules(ctx context.Context, output string) error {
	c, closed, err := p.schedules(ctx, identity())
	if err != nil {
		return err
	}
	defer closed()
	all, err := c.ListSchedules(ctx)
	if err != nil {
		return err
	}
	shown := []shownSchedule{}
	for _, one := range all {
		shown = append(shown, show(one))
	}
	switch output {
	case "json":
		return writeJSON(p.stdout, shown)
	case "names":
		for _, s := range shown {
			fmt.Fprintln(p.stdout, s.ID)
		}
		return nil
	}
	t := newTable(p.stdout, "schedule", "starts", "next", "last", "state")
	for _, s := range shown {
		t.AppendRow(table.Row{s.ID, s.Timing + dryMark(s.DryRun), moment(s.Next), moment(s.Last), s.state()})
	}
	without := 0
	for _, name := range p.registry.Names() {
		if !slices.ContainsFunc(shown, func(s shownSchedule) bool { return s.Integration == name }) {
			t.AppendRow(table.Row{name, "", "", "", "no schedule"})
			without++
		}
	}
	t.Render()
	if without > 0 {
		fmt.Fprintln(p.stdout, "`starter schedule diff` says why an integration has no schedule.")
	}
	return nil
}

func dryMark(dry bool) string {
	if dry {
		return ", dry run"
	}
	return ""
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.DateTime)
}

func (p *program) scheduleDescribeCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "describe SCHEDULE",
		Short:   "Show one schedule",
		Example: "  starter schedule describe quay-membership",
		Args:    exactly(1, "the ID of one schedule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "text", "json"); err != nil {
				return err
			}
			return p.describeSchedule(cmd.Context(), args[0], output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

func (p *program) describeSchedule(ctx context.Context, id, output string) error {
	c, closed, err := p.schedules(ctx, identity())
	if err != nil {
		return err
	}
	defer closed()
	all, err := c.ListSchedules(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s temporalapi.Live) bool { return s.ID == id })
	if i < 0 {
		_, err := named(all, []string{id})
		return cmp.Or(err, error(usageError{fmt.Errorf("%s has shards, name one: `starter schedule list`", id)}))
	}
	s := show(all[i])
	if output == "json" {
		return writeJSON(p.stdout, s)
	}
	t := newTable(p.stdout, "schedule", s.ID)
	for _, row := range []table.Row{
		{"integration", s.Integration}, {"shard", s.Shard}, {"starts", s.Timing}, {"offset", s.Offset}, {"jitter", s.Jitter}, {"catch-up window", s.CatchUp},
		{"args", fleet.Flags(s.Args)}, {"dry run", s.DryRun}, {"task queue", s.Queue}, {"state", s.state()}, {"next", moment(s.Next)}, {"last", moment(s.Last)},
		{"last workflow", s.Started}, {"starts so far", s.Starts}, {"skipped, as a run was under way", s.Skipped}, {"missed, too late to catch up", s.Missed},
	} {
		t.AppendRow(row)
	}
	for _, edited := range s.Edited {
		t.AppendRow(table.Row{"edited by hand", edited})
	}
	t.Render()
	return nil
}
