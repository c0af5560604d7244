package reconcile

import (
	"slices"
	"time"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// Definition is an integration as plain data: reading it needs no credentials, network or environment.
type Definition struct {
	// Name is the reference's exact command name: workflow type, schedule ID and metric label.
	Name string
	// Family is the folder below integrations/. The family's list sets it.
	Family  string
	Summary string
	// Params are the integration's own flags, with the reference's names and defaults.
	Params []Param
	// Reads and Writes name the external systems. The first one written to, or else read, gives the activities
	// their task queue. A validator writes to none.
	Reads, Writes []System
	// Every is the pause between scheduled runs.
	Every time.Duration
	// Sharding says how the reference splits the integration over processes.
	Sharding Sharding
	// Partition is nil where every difference of its data concerns all scopes.
	Partition *Partition
	Profile   workflows.Profile
	// LongRunning says that changes wait for others, so that each scope is a workflow that outlives runs: Build uses LongRun.
	LongRunning bool
	// Follows says that some changes are followed to their end by workflows of their own: Build uses Reconcile with a Follower.
	Follows bool
	// Apart are flags that tell runs apart: runs that write and differ in one of them go on side by side, each in scopes of
	// its own. Without them an integration has one such run at a time.
	Apart []string
	// Guard brakes deletes; nil means plan.DefaultGuard.
	Guard plan.Guard
	// Build wires the steps. It does no I/O: clients connect when a step first uses them.
	Build func(*clients.Set) (Steps, error)
}

// Class says what kind of integration a definition describes.
type Class string

// The classes, as `starter list` shows them.
const (
	ClassReconciler Class = "reconciler"
	ClassValidator  Class = "validator"
	// ClassLongRunning is a reconciler whose changes wait for others.
	ClassLongRunning Class = "long-running"
)

// Class is derived: what writes nowhere is a validator.
func (d Definition) Class() Class {
	switch {
	case len(d.Writes) == 0:
		return ClassValidator
	case d.LongRunning:
		return ClassLongRunning
	}
	return ClassReconciler
}

// Brake is the guard that is in force.
func (d Definition) Brake() plan.Guard {
	if d.Guard == nil {
		return plan.DefaultGuard()
	}
	return d.Guard
}

// RunID is the workflow ID of a run that writes, with the arguments that were given to it.
func (d Definition) RunID(given plan.Args) string {
	id, told := d.Name+"/run", false
	for _, flag := range d.Apart {
		value := given.String(flag)
		id, told = id+"/"+value, told || value != ""
	}
	if !told {
		return d.Name
	}
	return id
}

// System is where the integration's activities run.
func (d Definition) System() System {
	if len(d.Writes) > 0 {
		return d.Writes[0]
	}
	return d.Reads[0]
}

// Sharding is how the reference splits an integration over processes. Ours splits by scope on its own; the name
// is kept because schedules and metrics are labelled by it.
type Sharding string

// The sharding strategies, as app-interface spells them.
const (
	// Unsharded integrations run as one.
	Unsharded Sharding = ""
	// Static sharding takes the objects whose hash falls to --shard-id of --shards.
	Static Sharding = "static"
	// PerOpenShiftCluster runs one shard for each --cluster-name.
	PerOpenShiftCluster Sharding = "per-openshift-cluster"
	// PerAWSAccount runs one shard for each --account-name.
	PerAWSAccount Sharding = "per-aws-account"
	// PerOCMOrganization runs one shard for each --org-id.
	PerOCMOrganization Sharding = "per-ocm-organization"
	// PerCloudflareDNSZone runs one shard for each --zone-name.
	PerCloudflareDNSZone Sharding = "per-cloudflare-dns-zone"
)

// Flag is the flag that limits a run to one shard of the strategy, without dashes; "" for static sharding.
func (s Sharding) Flag() string {
	switch s {
	case PerOpenShiftCluster:
		return "cluster-name"
	case PerAWSAccount:
		return "account-name"
	case PerOCMOrganization:
		return "org-id"
	case PerCloudflareDNSZone:
		return "zone-name"
	case Unsharded, Static:
	}
	return ""
}

// Systems are those that it reads and writes, each once.
func (d Definition) Systems() []System {
	var systems []System
	for _, system := range append(slices.Clone(d.Reads), d.Writes...) {
		if !slices.Contains(systems, system) {
			systems = append(systems, system)
		}
	}
	return systems
}
