package scheduling

import (
	"context"
	"fmt"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Approval is a person's consent to an upgrade. It is written down, and the upgrade begins as soon as its conditions are
// met and its schedule hits: who approves neither has to know the window, nor keeps others waiting until then. The time of
// the window is no part of it, so that it is the same at each run.
type Approval struct {
	// Cluster is the cluster's name.
	Cluster   string `json:"cluster"`
	ClusterID string `json:"clusterId"`
	Addon     string `json:"addon,omitempty"`
	Version   string `json:"version"`
	// Why says why there has to be one.
	Why string `json:"why"`
	// StateKey is where the organisation's approvals are.
	StateKey string `json:"stateKey"`
}

// Title says what is approved.
func (a Approval) Title() string {
	what := "cluster " + a.Cluster
	if a.Addon != "" {
		what += ", add-on " + a.Addon
	}
	return fmt.Sprintf("upgrade of %s to %s, when its schedule allows", what, a.Version)
}

var _ reconcile.Approver[Item] = (*Scheduler)(nil)

// Approval implements reconcile.Approver.
func (r *Scheduler) Approval(c plan.Change[Item]) string {
	if c.Desired == nil || c.Desired.Approval == nil {
		return ""
	}
	return c.Desired.Approval.Why
}

// careful notes which clusters wait for approvals because a flag says so.
func (s *Survey) careful(scope reconcile.Scope) {
	organization := slices.Contains(scope.Args.Strings(ApproveOrgID), s.ID)
	for i := range s.Clusters {
		c := &s.Clusters[i]
		switch {
		case c.Approval != "":
		case slices.Contains(scope.Args.Strings(ApproveCluster), c.Name):
			c.Approval = "--" + ApproveCluster + " asks for an approval of each upgrade of cluster " + c.Name
		case organization:
			c.Approval = "--" + ApproveOrgID + " asks for an approval of each upgrade in organisation " + s.ID
		}
	}
}

func asked(count *Count, verdict upgrades.Verdict) *Approval {
	return &Approval{
		Cluster: verdict.Spec.Cluster.Name, ClusterID: verdict.Spec.Cluster.ID, Addon: count.Addon, Version: verdict.Ask,
		Why: verdict.Spec.Approval, StateKey: approvalsKey(count.StateKey),
	}
}

// approvalsKey is where the approvals are that belong to version data.
func approvalsKey(versionData string) string { return "approvals/" + versionData }

// approvals are the versions that were approved last, by the clusters' IDs.
type approvals map[string]string

// approve writes an approval down. It takes the place of the one before.
func (r *Scheduler) approve(ctx context.Context, a Approval) error {
	return r.State.Update(ctx, a.StateKey, func(old state.Entry) (state.Entry, error) {
		all := approvals{}
		if err := old.Decode(&all); err != nil {
			return state.Entry{}, err
		}
		all[a.ClusterID] = a.Version
		return old.With(all)
	})
}

// approved are the approvals that there are. Where none is needed none is read.
func (r *Scheduler) approved(ctx context.Context, of upgrades.Organization, fleet Fleet) (map[string]string, error) {
	if !slices.ContainsFunc(fleet.Specs, func(s upgrades.Spec) bool { return s.Approval != "" }) {
		return nil, nil
	}
	key := approvalsKey(upgrades.StateKey(of.Environment, of.ID, fleet.Addon))
	all := approvals{}
	entry, err := r.State.Get(ctx, key)
	if apierr.Is(err, apierr.Missing) {
		return all, nil
	}
	if err == nil {
		err = entry.Decode(&all)
	}
	if err != nil {
		return nil, fmt.Errorf("approvals %s: %w", key, err)
	}
	return all, nil
}
