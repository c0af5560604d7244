package upgrades

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Situation is what a decision is made on besides the rules.
type Situation struct {
	Now time.Time
	// Policies are those that OCM has for the fleet's clusters. For add-ons they are those of the one add-on.
	Policies []Policy
	// Data are the organisation's version data, counted up to now and with what is inherited.
	Data VersionData
	// Gates are all that OCM has. They do not matter for add-ons.
	Gates []Gate
	// Agreed are the IDs of the gates that a cluster has agreed to, by the cluster's ID. A cluster that is not in it has not
	// been asked for: see Decision.Unread.
	Agreed map[string][]string
	// Approved are the versions that a person has approved, by the cluster's ID.
	Approved map[string]string
}

// Decision is what to do now.
type Decision struct {
	// Verdicts are one for each spec, in the order in which they were looked at.
	Verdicts []Verdict
	// Unread are the IDs of the clusters whose agreements have to be known first. Until then they wait; others may take
	// their place. So read those and decide again, until there are none.
	Unread []string
}

// Verdict is what to do about one cluster or add-on.
type Verdict struct {
	Spec Spec
	// Create is nil where nothing is begun.
	Create *Policy
	// Ask is the version that a person has to approve before it is begun with, "" where there is none.
	Ask string
	// Delete are policies that must not stay.
	Delete []Policy
	// Why says in words why an upgrade begins, or why none does.
	Why string
	// Fault is Invalid where the rules of this one, or its policies, make no sense. The others are decided regardless.
	Fault error
}

// Decide returns what to do now. Deletes are to be carried out before creates. A policy that is to be deleted still keeps
// its mutexes and its place in the sector until the next decision.
func (f *Fleet) Decide(in Situation) Decision {
	var d Decision
	taken := f.taken(in.Policies)
	for _, u := range f.units {
		verdict := Verdict{Spec: u.Spec}
		policy, unread := u.decide(in, taken, &verdict)
		if unread {
			d.Unread = append(d.Unread, u.Cluster.ID)
		}
		if policy != nil {
			verdict.Create = policy
			taken.by(u)
		}
		d.Verdicts = append(d.Verdicts, verdict)
	}
	return d
}

// decide fills in the verdict and returns the policy to make.
func (u *unit) decide(in Situation, taken *taken, verdict *Verdict) (create *Policy, unread bool) {
	own := u.own(in.Policies)
	if len(own) > 0 {
		u.review(own, in.Now, verdict)
		return nil, false
	}
	if u.Cluster.HostedControlPlane && u.Addon == nil {
		if verdict.Why = taken.mutex(u); verdict.Why != "" {
			return nil, false
		}
		if pool := u.poolBehind(in.Now); pool != nil {
			verdict.Why = fmt.Sprintf("node pool %s is behind its control plane, which runs %s", pool.NodePool, pool.Version)
			return pool, false
		}
	}
	at, due, err := u.Next(in.Now)
	switch {
	case err != nil:
		verdict.Fault, verdict.Why = fmt.Errorf("cluster %s: %w", u.Cluster.Name, err), err.Error()
		return nil, false
	case at.IsZero():
		verdict.Why = fmt.Sprintf("its schedule %q never hits", u.Schedule)
		return nil, false
	}
	if u.Approval != "" {
		version, why, unread := u.choose(in)
		if version == "" {
			verdict.Why = why
			return nil, unread
		}
		if version != in.Approved[u.Cluster.ID] {
			verdict.Ask, verdict.Why = version, version+" meets all conditions, and waits for an approval"
			return nil, false
		}
	}
	if !due {
		verdict.Why = fmt.Sprintf("its schedule %q hits at %s, which is too far ahead", u.Schedule, moment(at))
		return nil, false
	}
	if verdict.Why = taken.mutex(u); verdict.Why != "" {
		return nil, false
	}
	if verdict.Why = taken.sector(u); verdict.Why != "" {
		return nil, false
	}
	version, why, unread := u.choose(in)
	if version == "" {
		verdict.Why = why
		return nil, unread
	}
	verdict.Why = version + " meets all conditions"
	if u.Addon != nil {
		return &Policy{Kind: AddonPolicy, ClusterID: u.Cluster.ID, Addon: u.Addon.ID, Version: version, ScheduleType: Manual}, false
	}
	return &Policy{Kind: u.kind(), ClusterID: u.Cluster.ID, Version: version, ScheduleType: Manual, NextRun: at}, false
}

// choose returns the version that the unit may have, whenever that is, or "" and why there is none. What a person has
// approved goes before later versions. Unread says that the agreements of its cluster have to be known first.
func (u *unit) choose(in Situation) (version, why string, unread bool) {
	version, why = u.candidate(in.Data)
	approved := in.Approved[u.Cluster.ID]
	if u.Approval != "" && slices.Contains(u.Available(), approved) && u.obstacle(approved, in.Data) == "" {
		version = approved
	}
	if version == "" || u.Addon != nil {
		return version, why, false
	}
	gates := gatesOf(in.Gates, u.Cluster, version)
	if len(gates) == 0 {
		return version, "", false
	}
	agreed, read := in.Agreed[u.Cluster.ID]
	if !read {
		return "", fmt.Sprintf("whether the gates of %s are agreed to is not known yet", minorOf(version)), true
	}
	if open := missing(gates, agreed); len(open) > 0 {
		return "", fmt.Sprintf("%s needs an agreement to gate %s", version, strings.Join(open, ", ")), false
	}
	return version, "", false
}

func (u *unit) kind() Kind {
	if u.Cluster.HostedControlPlane {
		return ControlPlanePolicy
	}
	return ClusterPolicy
}

// own are the policies of the unit, in an order that does not depend on how they were read.
func (u *unit) own(policies []Policy) []Policy {
	var own []Policy
	for _, p := range policies {
		if p.ClusterID == u.Cluster.ID && (u.Addon == nil || p.Addon == u.Addon.ID) {
			own = append(own, p)
		}
	}
	slices.SortFunc(own, func(a, b Policy) int { return strings.Compare(a.identity(), b.identity()) })
	return own
}

func (p Policy) identity() string {
	return strings.Join([]string{string(p.Kind), p.NodePool, p.Version, moment(p.NextRun), p.ID}, "\n")
}

// review looks at the policies that a unit has: those that must not stay are to be deleted.
//
// Differs from the reference: that a policy's version is blocked by now is seen for a hosted control plane too, and a
// policy of an add-on that is done with is deleted although there is another one.
func (u *unit) review(own []Policy, now time.Time, verdict *Verdict) {
	var words []string
	kept := 0
	for _, p := range own {
		words = append(words, p.Words())
		done := p.Kind == AddonPolicy && (p.ScheduleType == Automatic || p.State == Completed)
		blocked := u.blockedPolicy(p)
		switch {
		case done || blocked != "" && !p.begun(now):
			verdict.Delete = append(verdict.Delete, p)
			if blocked != "" {
				words[len(words)-1] += " is deleted, because " + p.Version + " is blocked by " + blocked
			}
		case blocked != "":
			words[len(words)-1] += " is under way although it is blocked by " + blocked
			kept++
		default:
			kept++
		}
	}
	verdict.Why = "it has a policy already: " + strings.Join(words, "; ")
	if kept > 1 && !u.Cluster.HostedControlPlane {
		verdict.Delete = nil
		verdict.Fault = apierr.Errorf(apierr.Invalid, "cluster %s has %d upgrade policies where there can be one: delete the wrong ones in OCM", u.Cluster.Name, kept)
	}
}

// blockedPolicy returns the pattern that blocks the version of a policy. Node pools follow their control plane, and an
// add-on begins at once.
func (u *unit) blockedPolicy(p Policy) string {
	if p.Version == "" || p.Kind == NodePoolPolicy || p.Kind == AddonPolicy {
		return ""
	}
	return blocks(u.blocked, nil, p.Version)
}

// poolBehind is the upgrade of the first node pool that runs a lower version than its control plane. One is upgraded at a
// time, whatever the schedule says, since the upgrade has begun with the control plane.
func (u *unit) poolBehind(now time.Time) *Policy {
	for _, pool := range u.Cluster.NodePools {
		if older(pool.Version, u.Cluster.Version) {
			return &Policy{Kind: NodePoolPolicy, ClusterID: u.Cluster.ID, NodePool: pool.ID, Version: u.Cluster.Version,
				ScheduleType: Manual, NextRun: now.UTC().Add(clusterLead).Truncate(time.Second)}
		}
	}
	return nil
}
