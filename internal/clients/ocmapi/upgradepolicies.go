package ocmapi

import (
	"context"
	"net/http"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// The states of an upgrade policy.
// Source: UpgradePolicyState in clusters_mgmt's model.
const (
	UpgradePending   = "pending"
	UpgradeScheduled = "scheduled"
	UpgradeStarted   = "started"
	UpgradeDelayed   = "delayed"
	UpgradeCompleted = "completed"
	UpgradeFailed    = "failed"
	UpgradeCancelled = "cancelled"
)

// Schedules of an upgrade policy: once at NextRun, or again and again.
const (
	Manual    = "manual"
	Automatic = "automatic"
)

// UpgradePolicy is an upgrade that is planned or under way.
type UpgradePolicy struct {
	ID           string `json:"id,omitempty"`
	ScheduleType string `json:"schedule_type"`
	// Schedule is the cron expression of an automatic policy.
	Schedule string `json:"schedule,omitempty"`
	// NextRun is when the upgrade begins, as OCM writes it: RFC 3339 in UTC.
	NextRun     string `json:"next_run,omitempty"`
	Version     string `json:"version,omitempty"`
	UpgradeType string `json:"upgrade_type,omitempty"`
	// State is "" where OCM does not tell.
	State string `json:"-"`
}

// At is NextRun as a time; the zero time where there is none.
func (p UpgradePolicy) At() (time.Time, error) {
	if p.NextRun == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, p.NextRun)
	return at, apierr.New(apierr.Invalid, err)
}

// stated is a policy with its state in it, as those of control planes and node pools have.
type stated struct {
	UpgradePolicy
	Known struct {
		Value string `json:"value"`
	} `json:"state"`
}

func (s stated) policy() UpgradePolicy {
	s.State = s.Known.Value
	return s.UpgradePolicy
}

// ListUpgradePolicies returns the policies of a cluster that is no hosted control plane, each with its state.
//
// Differs from the reference: a state that cannot be read is an error; the reference takes it for none.
func (c *Client) ListUpgradePolicies(ctx context.Context, cluster string) ([]UpgradePolicy, error) {
	policies, err := list(ctx, c, request{
		what: in(cluster, "list upgrade policies"), path: clustersMgmt, segments: of(cluster, "upgrade_policies"),
	}, order{}, func(p UpgradePolicy) string { return p.ID })
	if err != nil {
		return nil, err
	}
	for i := range policies {
		if policies[i].State, err = c.upgradeState(ctx, cluster, "upgrade_policies", policies[i].ID); err != nil {
			return nil, err
		}
	}
	return policies, nil
}

// upgradeState is "" where the policy is gone, or has no state yet.
func (c *Client) upgradeState(ctx context.Context, cluster, kind, policy string) (string, error) {
	var state struct {
		Value string `json:"value"`
	}
	err := c.do(ctx, request{
		what: in(cluster, "get the state of upgrade policy %s", policy), method: http.MethodGet, path: clustersMgmt, segments: of(cluster, kind, policy, "state"),
	}, &state)
	if apierr.Is(err, apierr.Missing) {
		return "", nil
	}
	return state.Value, err
}

// CreateUpgradePolicy plans an upgrade of a cluster that is no hosted control plane. It is not safe to repeat: look first
// for what is planned, of which OCM permits one.
func (c *Client) CreateUpgradePolicy(ctx context.Context, cluster string, policy UpgradePolicy) error {
	return c.createPolicy(ctx, cluster, policy, "upgrade_policies")
}

// DeleteUpgradePolicy takes a plan back; one that is gone is success.
func (c *Client) DeleteUpgradePolicy(ctx context.Context, cluster, policy string) error {
	return c.deletePolicy(ctx, cluster, policy, "upgrade_policies")
}

// ListControlPlaneUpgradePolicies returns the policies of a hosted control plane.
func (c *Client) ListControlPlaneUpgradePolicies(ctx context.Context, cluster string) ([]UpgradePolicy, error) {
	return c.listStated(ctx, cluster, "control_plane", "upgrade_policies")
}

// CreateControlPlaneUpgradePolicy plans an upgrade of a hosted control plane. It is not safe to repeat.
func (c *Client) CreateControlPlaneUpgradePolicy(ctx context.Context, cluster string, policy UpgradePolicy) error {
	return c.createPolicy(ctx, cluster, policy, "control_plane", "upgrade_policies")
}

// DeleteControlPlaneUpgradePolicy takes a plan back; one that is gone is success.
func (c *Client) DeleteControlPlaneUpgradePolicy(ctx context.Context, cluster, policy string) error {
	return c.deletePolicy(ctx, cluster, policy, "control_plane", "upgrade_policies")
}

func (c *Client) listStated(ctx context.Context, cluster string, below ...string) ([]UpgradePolicy, error) {
	found, err := list(ctx, c, request{
		what: in(cluster, "list upgrade policies"), path: clustersMgmt, segments: of(cluster, below...),
	}, order{}, func(s stated) string { return s.ID })
	policies := make([]UpgradePolicy, len(found))
	for i, s := range found {
		policies[i] = s.policy()
	}
	return policies, err
}

func (c *Client) createPolicy(ctx context.Context, cluster string, policy UpgradePolicy, below ...string) error {
	return c.do(ctx, request{
		what: in(cluster, "plan an upgrade to %s", policy.Version), method: http.MethodPost, path: clustersMgmt, segments: of(cluster, below...), body: policy,
	}, nil)
}

func (c *Client) deletePolicy(ctx context.Context, cluster, policy string, below ...string) error {
	err := c.do(ctx, request{
		what: in(cluster, "delete upgrade policy %s", policy), method: http.MethodDelete, path: clustersMgmt, segments: of(cluster, append(below, policy)...),
	}, nil)
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}
