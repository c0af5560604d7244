package upgrades

import (
	"fmt"
	"time"
)

// Kind says what a policy upgrades, and with that which of OCM's endpoints it belongs to.
type Kind string

// The kinds of policies.
const (
	ClusterPolicy      Kind = "cluster"
	ControlPlanePolicy Kind = "control-plane"
	NodePoolPolicy     Kind = "node-pool"
	AddonPolicy        Kind = "addon"
)

// The types of schedules and the states of policies that make a difference.
const (
	Manual    = "manual"
	Automatic = "automatic"

	Scheduled = "scheduled"
	Started   = "started"
	Delayed   = "delayed"
	Completed = "completed"
	Failed    = "failed"
	Cancelled = "cancelled"
)

// Policy is an upgrade in OCM: one that is there, or one to be made.
type Policy struct {
	Kind Kind `json:"kind"`
	// ID is empty where the policy is not made yet.
	ID string `json:"id,omitempty"`
	// ClusterID is the cluster's.
	ClusterID string `json:"clusterId"`
	// NodePool and Addon are set in policies of their kind.
	NodePool string `json:"nodePool,omitempty"`
	Addon    string `json:"addon,omitempty"`
	// Version is empty in some automatic policies.
	Version string `json:"version,omitempty"`
	// ScheduleType is Manual for a single upgrade.
	ScheduleType string `json:"scheduleType,omitempty"`
	// NextRun is when the upgrade begins or began; zero where that is not known.
	NextRun time.Time `json:"nextRun,omitzero"`
	// State is OCM's; empty where the policy is not made yet.
	State string `json:"state,omitempty"`
}

// begun says whether the upgrade is under way.
func (p Policy) begun(now time.Time) bool { return !p.NextRun.IsZero() && p.NextRun.Before(now) }

// Words say what the policy is about, such as "its upgrade to 4.16.3 at 2031-03-14T09:00:00Z (scheduled)".
func (p Policy) Words() string {
	subject := "its upgrade"
	switch p.Kind {
	case NodePoolPolicy:
		subject = "the upgrade of its node pool " + p.NodePool
	case ControlPlanePolicy:
		subject = "the upgrade of its control plane"
	case AddonPolicy:
		subject = "the upgrade of its add-on " + p.Addon
	case ClusterPolicy:
	}
	if p.Version != "" {
		subject += " to " + p.Version
	}
	if !p.NextRun.IsZero() {
		subject += " at " + moment(p.NextRun)
	}
	if p.State != "" {
		subject += fmt.Sprintf(" (%s)", p.State)
	}
	return subject
}

// Reached says whether a version that runs is the one of the policy, or a later one.
func (p Policy) Reached(running string) bool { return !older(running, p.Version) }

// moment writes a time as OCM does.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
