package views

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Fleet is the state of all integrations.
type Fleet struct {
	At time.Time `json:"at"`
	// Integrations are sorted by urgency, and then by name.
	Integrations []Integration `json:"integrations"`
	Totals       Totals        `json:"totals"`
	// Queues are the task queues of the integrations that are shown; empty where nobody asked for them.
	Queues []Queue `json:"queues,omitempty"`
	// Strange are schedules of ours whose integration is not known here.
	Strange []string `json:"strangeSchedules,omitempty"`
	// Unsearchable says that the server does not know the search attributes, so that outcomes are Temporal's own and nobody
	// knows what is stuck.
	Unsearchable bool   `json:"unsearchable,omitempty"`
	UI           string `json:"ui,omitempty"`
}

// Totals count the integrations that were looked at, also those that a filter leaves out.
type Totals struct {
	Integrations int           `json:"integrations"`
	States       map[State]int `json:"states"`
	Running      int           `json:"running"`
	Scheduled    int           `json:"scheduled"`
}

// Integration is how one is.
type Integration struct {
	Name string `json:"name"`
	Unit
	// Held are the requests for decisions that are open.
	Held []Approval `json:"held,omitempty"`
	// Open are the runs that are stuck, and the long-running scopes whose changes wait.
	Open []Run `json:"open,omitempty"`
	// Shards are there where schedules run it in parts.
	Shards []Shard `json:"shards,omitempty"`
}

// Shard is a part of an integration with a schedule of its own.
type Shard struct {
	ID    string `json:"id"`
	Shard string `json:"shard"`
	Unit
}

// FleetOptions say what is looked at and what is shown.
type FleetOptions struct {
	// Registry knows all integrations, and Integrations are those that are looked at.
	Registry     *reconcile.Registry
	Integrations []reconcile.Definition
	// Only limits what is shown to integrations for which it says so; nil shows all.
	Only func(Integration) bool
	// Queues asks who takes the tasks of what is shown.
	Queues bool
}

// Fleet reads the state of the integrations.
func (s Source) Fleet(ctx context.Context, o FleetOptions) (*Fleet, error) {
	names := make([]string, len(o.Integrations))
	for i, d := range o.Integrations {
		names[i] = d.Name
	}
	f := &Fleet{At: time.Now(), UI: s.Links.Workflows(), Integrations: []Integration{}, Totals: Totals{Integrations: len(names), States: map[State]int{}}}
	var units []schedule
	var runs map[string]*latest
	var approvals []Approval
	var open []Run
	group, within := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		if units, err = s.units(within, f, o); err != nil {
			return err
		}
		var ids []string
		for _, unit := range units {
			ids = append(ids, unit.id)
			if unit.every != "" {
				ids = append(ids, workflows.ScheduledRunID(unit.id, true))
			}
		}
		runs, err = s.latest(within, ids)
		return err
	})
	group.Go(func() (err error) {
		approvals, err = s.approvals(within, "ExecutionStatus = 'Running'")
		return err
	})
	group.Go(func() (err error) {
		open, f.Unsearchable, err = s.open(within, names)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, name := range names {
		one := integration(name, units, runs, approvals, open)
		f.count(one)
		if o.Only == nil || o.Only(one) {
			f.Integrations = append(f.Integrations, one)
		}
	}
	slices.SortFunc(f.Integrations, func(a, b Integration) int {
		return cmp.Or(slices.Index(States(), a.State)-slices.Index(States(), b.State), strings.Compare(a.Name, b.Name))
	})
	if o.Queues {
		f.Queues = s.queuesOf(ctx, o.Integrations, f.Integrations)
	}
	return f, nil
}

// units are the schedules of the integrations, and in place of one that is missing what a manual run would be.
func (s Source) units(ctx context.Context, f *Fleet, o FleetOptions) ([]schedule, error) {
	scheduled, err := s.schedules(ctx)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	var units []schedule
	for _, one := range scheduled {
		if _, err := o.Registry.Get(one.integration); err != nil {
			f.Strange = append(f.Strange, one.id)
			continue
		}
		if slices.ContainsFunc(o.Integrations, func(d reconcile.Definition) bool { return d.Name == one.integration }) {
			there[one.integration] = true
			units = append(units, one)
		}
	}
	for _, d := range o.Integrations {
		if !there[d.Name] {
			units = append(units, schedule{id: d.Name, integration: d.Name})
		}
	}
	return units, nil
}

// open lists the runs that are stuck and the scopes that go on after their run.
func (s Source) open(ctx context.Context, names []string) (runs []Run, unknown bool, err error) {
	said := []string{string(workflows.Stuck), string(workflows.Waiting), string(workflows.Held), string(workflows.Failed)}
	for execution, err := range s.list(ctx, and("ExecutionStatus = 'Running'", in("Outcome", said), in("WorkflowType", names)), pageSize) {
		if unsearchable(err) {
			return nil, true, nil
		}
		if err != nil {
			return nil, false, fmt.Errorf("list what is stuck or waits: %w", err)
		}
		runs = append(runs, s.run(execution))
	}
	return runs, false, nil
}

// integration puts together what concerns one.
func integration(name string, units []schedule, runs map[string]*latest, approvals []Approval, open []Run) Integration {
	one := Integration{Name: name}
	for _, unit := range units {
		if unit.integration == name {
			one.Shards = append(one.Shards, Shard{ID: unit.id, Shard: unit.shard, Unit: unitOf(unit, newer(runs[unit.id], runs[workflows.ScheduledRunID(unit.id, true)]))})
		}
	}
	one.Unit = together(one.Shards)
	if len(one.Shards) == 1 && one.Shards[0].ID == name {
		one.Shards = nil
	}
	for _, run := range open {
		if run.Integration != name {
			continue
		}
		one.Open = append(one.Open, run)
		state := Waiting
		if run.Outcome == string(workflows.Stuck) {
			state = Stuck
		}
		one.become(state, run.Started)
	}
	for _, approval := range approvals {
		if approval.Integration() == name && approval.State != string(workflows.ApprovalApproved) {
			one.Held = append(one.Held, approval)
			one.become(Held, approval.Since)
		}
	}
	return one
}

func (f *Fleet) count(one Integration) {
	f.Totals.States[one.State]++
	if one.Running != nil {
		f.Totals.Running++
	}
	if one.Schedule != "" {
		f.Totals.Scheduled++
	}
}

// queuesOf looks at the task queues of what is shown.
func (s Source) queuesOf(ctx context.Context, definitions []reconcile.Definition, shown []Integration) []Queue {
	var workflowQueues, activityQueues []string
	for _, d := range definitions {
		if !slices.ContainsFunc(shown, func(one Integration) bool { return one.Name == d.Name }) {
			continue
		}
		workflowQueues = append(workflowQueues, d.Name)
		if queue := d.System().Queue(); !slices.Contains(activityQueues, queue) {
			activityQueues = append(activityQueues, queue)
		}
	}
	return s.queues(ctx, workflowQueues, activityQueues)
}
