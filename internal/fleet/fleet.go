// Package fleet says how the integrations are to run: which schedules start them, in which shards, and which groups of
// workers take them. It derives that from the definitions, from the datafiles of app-interface (integrations_v1) and
// from a local file, which wins in that order. It is pure but for Read and Change.Apply; what it finds wrong with one integration is a
// problem of that one, and no reason to leave out the others.
package fleet

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Upstream is what the datafiles of the integrations that are ours name as upstream.
const Upstream = "https://github.com/app-sre/qontract-temporal"

// Options select what is ours.
type Options struct {
	Registry *reconcile.Registry
	Local    Local
	// Environment is the name of the environment whose managed entries count; "" stands for all.
	Environment string
	// Upstream replaces ours.
	Upstream string
}

// Fleet is how the integrations are to run.
type Fleet struct {
	// Schedules are sorted by ID.
	Schedules []Schedule
	// Units are what the schedules run, and what has none, sorted by ID.
	Units []Unit
	// LeftOut are the integrations and shards that have no schedule on purpose, sorted by name.
	LeftOut []LeftOut
	// Problems are sorted by integration. What runs of such an integration is better left as it is.
	Problems []Problem
}

// Unit is one shard of an integration, or all of it.
type Unit struct {
	ID          string
	Integration string
	Datafile    string
	// Managed is nil where app-interface does not say how the integration runs.
	Managed *Managed
	Shard   Shard
	// Group is the group of workers that takes the unit.
	Group string
	// QueueSuffix is that of the workers' task queues, where they have an image of their own.
	QueueSuffix string
}

// LeftOut is what is not scheduled, and why.
type LeftOut struct {
	// Name is an integration's, or a shard's ID.
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Problem is a mistake in what is said of an integration.
type Problem struct {
	Integration string `json:"integration"`
	// Datafile is the path of the datafile to correct.
	Datafile string `json:"datafile"`
	Message  string `json:"message"`
}

func (p Problem) Error() string {
	return fmt.Sprintf("correct the datafile %s of %s: %s", p.Datafile, p.Integration, p.Message)
}

// Unwrap makes it Invalid.
func (p Problem) Unwrap() error { return apierr.Errorf(apierr.Invalid, "%s", p.Message) }

// New derives the fleet.
//
// Differs from the reference: integrations that are not managed run all the same, by their definition, since schedules
// are all that runs them here. A datafile without upstream is taken for ours, and one with another upstream never is,
// so that an integration moves from one system to the other by that one line.
func New(data Data, o Options) Fleet {
	f := &maker{Options: o, data: data, datafiles: map[string]Integration{}}
	f.Upstream = cmp.Or(o.Upstream, Upstream)
	for _, one := range data.Integrations {
		f.datafiles[one.Name] = one
	}
	for _, d := range o.Registry.All() {
		f.integration(d)
	}
	for _, one := range data.Integrations {
		if _, err := o.Registry.Get(one.Name); err != nil && one.Upstream == f.Upstream {
			f.problem(one, err)
		}
	}
	f.refuseTwins()
	f.sort()
	return f.fleet
}

// maker collects the fleet.
type maker struct {
	Options
	data      Data
	datafiles map[string]Integration
	fleet     Fleet
}

func (f *maker) integration(d reconcile.Definition) {
	one, known := f.datafiles[d.Name]
	switch {
	case !known:
		f.leaveOut(d.Name, "app-interface has no datafile for it")
		return
	case one.Upstream != "" && one.Upstream != f.Upstream:
		f.leaveOut(d.Name, "its upstream is "+one.Upstream)
		return
	case f.Local[d.Name].Disabled:
		f.leaveOut(d.Name, "disabled in "+ConfiguredPause)
		return
	}
	group, err := group(d, one)
	if err != nil {
		f.problem(one, err)
		return
	}
	managed := slices.DeleteFunc(slices.Clone(one.Managed), func(m Managed) bool {
		return f.Environment != "" && m.Namespace.Environment.Name != f.Environment
	})
	switch {
	case len(one.Managed) == 0:
		if err := f.unit(d, Unit{Integration: d.Name, Datafile: one.Datafile, Group: group}, Spec{}); err != nil {
			f.problem(one, err)
		}
	case len(managed) == 0:
		f.leaveOut(d.Name, "not managed in the environment "+f.Environment)
	}
	for _, m := range managed {
		f.managed(d, one, group, m)
	}
}

// managed adds the units of one entry: all of them, or none where one is wrong.
func (f *maker) managed(d reconcile.Definition, one Integration, group string, m Managed) {
	shards, err := Shards(d, m, f.data.Objects)
	if err != nil {
		f.problem(one, err)
		return
	}
	before := f.fleet
	for _, shard := range shards {
		u := Unit{Integration: d.Name, Datafile: one.Datafile, Managed: &m, Shard: shard, Group: group}
		u.ownImage()
		if err := f.unit(d, u, m.Spec); err != nil {
			f.fleet = before
			f.problem(one, err)
			return
		}
	}
}

// unit adds a unit and its schedule.
func (f *maker) unit(d reconcile.Definition, u Unit, spec Spec) error {
	local := f.Local[d.Name]
	u.ID = d.Name + u.Shard.Suffix
	s := Schedule{
		ID: u.ID, Integration: d.Name, Shard: strings.TrimPrefix(u.Shard.Suffix, "-"), Queue: d.Name + u.QueueSuffix,
	}
	var err error
	if s.Timing, err = timing(spec, d.Every); err != nil {
		return err
	}
	if s.Args, err = args(d, slices.Concat(local.words(spec), u.Shard.Flags)); err != nil {
		return fmt.Errorf("extraArgs: %w", err)
	}
	if s.DryRun, err = u.dryRun(); err != nil {
		return err
	}
	s.CatchUp = s.catchUp()
	local.apply(&s)
	s.place()
	f.fleet.Units = append(f.fleet.Units, u)
	if u.Shard.Override.Disabled {
		f.leaveOut(u.ID, "its datafile disables the shard")
		return nil
	}
	f.fleet.Schedules = append(f.fleet.Schedules, s)
	return nil
}

func (f *maker) leaveOut(name, reason string) {
	f.fleet.LeftOut = append(f.fleet.LeftOut, LeftOut{name, reason})
}

func (f *maker) problem(one Integration, err error) {
	f.fleet.Problems = append(f.fleet.Problems, Problem{one.Name, one.Datafile, err.Error()})
}

// refuseTwins takes out units of the same ID: one schedule cannot be two.
func (f *maker) refuseTwins() {
	byID := map[string][]Unit{}
	for _, u := range f.fleet.Units {
		byID[u.ID] = append(byID[u.ID], u)
	}
	isTwin := func(id string) bool { return len(byID[id]) > 1 }
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		if !isTwin(id) {
			continue
		}
		err := fmt.Errorf("the schedule %s would be that of %s: choose one with --environment-name, or correct the datafiles", id, places(byID[id]))
		named := map[string]bool{}
		for _, u := range byID[id] {
			if !named[u.Integration] {
				f.problem(f.datafiles[u.Integration], err)
			}
			named[u.Integration] = true
		}
	}
	f.fleet.Units = slices.DeleteFunc(f.fleet.Units, func(u Unit) bool { return isTwin(u.ID) })
	f.fleet.Schedules = slices.DeleteFunc(f.fleet.Schedules, func(s Schedule) bool { return isTwin(s.ID) })
}

func places(units []Unit) string {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.Integration
		if u.Managed != nil {
			names[i] += " in the namespace " + u.Managed.Namespace.Name + " of " + u.Managed.Namespace.Cluster.Name
		}
	}
	return strings.Join(names, " and ")
}

func (f *maker) sort() {
	slices.SortStableFunc(f.fleet.Schedules, func(a, b Schedule) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(f.fleet.Units, func(a, b Unit) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(f.fleet.LeftOut, func(a, b LeftOut) int { return strings.Compare(a.Name, b.Name) })
	slices.SortStableFunc(f.fleet.Problems, func(a, b Problem) int { return strings.Compare(a.Integration, b.Integration) })
}

// IDs are those of the schedules.
func (f Fleet) IDs() []string {
	ids := make([]string, len(f.Schedules))
	for i, s := range f.Schedules {
		ids[i] = s.ID
	}
	return ids
}

// Troubled says that the integration has a problem.
func (f Fleet) Troubled(integration string) bool {
	return slices.ContainsFunc(f.Problems, func(p Problem) bool { return p.Integration == integration })
}

var _ plan.Item[Schedule] = Schedule{}
