package upgrades_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// recorded is the input of a vector.
type recorded struct {
	Kind, Now          string
	Org                recordedOrganization
	Clusters           []recordedCluster
	Cluster            recordedCluster
	ExistingPolicies   []recordedPolicy                `json:"existing_policies"`
	ExistingPolicy     *recordedPolicy                 `json:"existing_policy"`
	VersionData        upgrades.VersionData            `json:"version_data"`
	State              map[string]upgrades.VersionData `json:"state"`
	DryRun             bool                            `json:"dry_run"`
	InheritVersionData bool                            `json:"inherit_version_data"`
	Soaked             map[string]float64
	AddonID            string `json:"addon_id"`
	Agreements         map[string][]string
	Gates              []struct {
		ID, Label string
		Minor     string `json:"version_raw_id_prefix"`
	}
}

type recordedOrganization struct {
	BlockedVersions []string
	Sectors         []struct {
		Name                string
		Dependencies        []struct{ Name string }
		MaxParallelUpgrades string
	}
	InheritVersionData []struct {
		OrgID              string
		PublishVersionData []struct{ OrgID string }
	}
}

type recordedCluster struct {
	Cluster struct {
		ID, Name, Version, Product string
		AvailableUpgrades          []string `json:"available_upgrades"`
		Hypershift, STS            bool
	}
	Policy struct {
		Workloads  []string
		Schedule   string
		Conditions upgrades.Conditions
	}
	Health map[string][]struct {
		Error   string
		Enforce bool
	}
	NodePools []upgrades.NodePool `json:"node_pools"`
	Addon     *struct {
		ID, Version       string
		AvailableUpgrades []string `json:"available_upgrades"`
	}
}

type recordedPolicy struct {
	Type, Cluster, ID, Version, State string
	NextRun                           string `json:"next_run"`
	ScheduleType                      string `json:"schedule_type"`
	NodePool                          string `json:"node_pool"`
	AddonID                           string `json:"addon_id"`
}

func (r recorded) organization() upgrades.Organization {
	o := upgrades.Organization{Environment: "ocm-prod", ID: "o1", Name: "org-a", BlockedVersions: r.Org.BlockedVersions}
	for _, sector := range r.Org.Sectors {
		s := upgrades.Sector{Name: sector.Name, MaxParallelUpgrades: sector.MaxParallelUpgrades}
		for _, before := range sector.Dependencies {
			s.Dependencies = append(s.Dependencies, before.Name)
		}
		o.Sectors = append(o.Sectors, s)
	}
	for _, from := range r.Org.InheritVersionData {
		p := upgrades.Publisher{Environment: "ocm-prod", ID: from.OrgID}
		for _, to := range from.PublishVersionData {
			p.PublishesTo = append(p.PublishesTo, to.OrgID)
		}
		o.Inherits = append(o.Inherits, p)
	}
	return o
}

func (r recordedCluster) spec() upgrades.Spec {
	c := r.Cluster
	s := upgrades.Spec{
		Cluster: upgrades.Cluster{ID: c.ID, Name: c.Name, Version: c.Version, Upgrades: c.AvailableUpgrades,
			HostedControlPlane: c.Hypershift && c.Product == "rosa", STS: c.STS, NodePools: r.NodePools},
		Workloads: r.Policy.Workloads, Schedule: r.Policy.Schedule, Conditions: r.Policy.Conditions,
	}
	for source, errors := range r.Health {
		for _, e := range errors {
			s.Ailments = append(s.Ailments, upgrades.Ailment{Source: source, Error: e.Error, Enforced: e.Enforce})
		}
	}
	if r.Addon != nil {
		s.Addon = &upgrades.Addon{ID: r.Addon.ID, Version: r.Addon.Version, Upgrades: r.Addon.AvailableUpgrades}
	}
	return s
}

func (r recorded) specs() []upgrades.Spec {
	var specs []upgrades.Spec
	for _, c := range r.Clusters {
		specs = append(specs, c.spec())
	}
	return specs
}

func (r recordedPolicy) policy(t require.TestingT, clusters []upgrades.Spec) upgrades.Policy {
	p := upgrades.Policy{Kind: upgrades.Kind(r.Type), ID: r.ID, NodePool: r.NodePool, Addon: r.AddonID, Version: r.Version, State: r.State, ScheduleType: r.ScheduleType}
	for _, s := range clusters {
		if s.Cluster.Name == r.Cluster {
			p.ClusterID = s.Cluster.ID
		}
	}
	if r.NextRun != "" {
		at, err := time.Parse(time.RFC3339, r.NextRun)
		require.NoError(t, err)
		p.NextRun = at
	}
	return p
}

func (r recorded) now(t require.TestingT) time.Time {
	now, err := time.Parse("2006-01-02T15:04:05", r.Now)
	require.NoError(t, err)
	return now
}

func TestVectors(t *testing.T) {
	deliberate := map[string]string{
		"aus-hist-check-in-with-zone": "the reference crashes on a time with a zone; it says clearly which time is meant",
	}
	vectors.Each(t, "aus-decisions", deliberate, func(t require.TestingT, v vectors.Vector) {
		var in recorded
		require.NoError(t, json.Unmarshal(v.Input, &in))
		switch in.Kind {
		case "decide":
			checkDecision(t, v, in)
		case "history":
			checkHistory(t, v, in)
		case "remaining-soak-metric":
			checkRemaining(t, v, in)
		default:
			require.Fail(t, "unknown kind "+in.Kind)
		}
	})
}

func checkDecision(t require.TestingT, v vectors.Vector, in recorded) {
	specs := in.specs()
	fleet, faults := upgrades.NewFleet(in.organization(), specs)
	err := faults.Err()
	situation := upgrades.Situation{Now: in.now(t), Data: in.VersionData, Agreed: map[string][]string{}}
	for _, gate := range in.Gates {
		situation.Gates = append(situation.Gates, upgrades.Gate{ID: gate.ID, Label: gate.Label, Minor: gate.Minor})
	}
	for _, policy := range in.ExistingPolicies {
		situation.Policies = append(situation.Policies, policy.policy(t, specs))
	}
	var order, acts []string
	decisions := []map[string]any{}
	for _, verdict := range decide(t, fleet, situation, in.Agreements) {
		name := verdict.Spec.Cluster.Name
		order = append(order, name)
		if verdict.Fault != nil {
			err = verdict.Fault
		}
		for _, policy := range verdict.Delete {
			decisions = append(decisions, described("delete", name, policy))
			acts = append(acts, "delete "+name+" "+policy.Version)
		}
		if verdict.Create != nil {
			decisions = append(decisions, described("create", name, *verdict.Create))
			acts = append(acts, "create "+name+" "+verdict.Create.Version)
		}
	}
	if v.Fails() {
		require.Error(t, err)
		return
	}
	require.NoError(t, err)
	// Deletes go first.
	slices.SortStableFunc(acts, func(a, b string) int { return int(b[0]) - int(a[0]) })
	if acts == nil {
		acts = []string{}
	}
	requireJSON(t, v.Output, map[string]any{"processing_order": order, "decisions": decisions, "act_order": acts})
}

// decide decides until all agreements that matter are read.
func decide(t require.TestingT, fleet *upgrades.Fleet, in upgrades.Situation, agreements map[string][]string) []upgrades.Verdict {
	if in.Agreed == nil {
		in.Agreed = map[string][]string{}
	}
	for {
		decision := fleet.Decide(in)
		if len(decision.Unread) == 0 {
			return decision.Verdicts
		}
		for _, id := range decision.Unread {
			require.NotContains(t, in.Agreed, id, "it has been read")
			in.Agreed[id] = agreements[id]
		}
	}
}

func described(action, cluster string, p upgrades.Policy) map[string]any {
	out := map[string]any{"action": action, "type": p.Kind, "cluster": cluster, "version": p.Version, "next_run": nil, "schedule_type": upgrades.Manual}
	if !p.NextRun.IsZero() {
		out["next_run"] = p.NextRun.Format("2006-01-02T15:04:05Z")
	}
	if p.NodePool != "" {
		out["node_pool"] = p.NodePool
	}
	if p.Addon != "" {
		out["addon_id"] = p.Addon
	}
	return out
}

func checkHistory(t require.TestingT, v vectors.Vector, in recorded) {
	organization := in.organization()
	key := upgrades.StateKey(organization.Environment, organization.ID, in.AddonID)
	data := in.State[key]
	data.Count(upgrades.Reports(in.specs()), in.now(t))
	stored := data.Clone()
	if in.InheritVersionData {
		err := organization.CheckInheritance()
		if v.Fails() {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		for _, from := range organization.Inherits {
			data.Inherit(in.State[upgrades.StateKey(from.Environment, from.ID, in.AddonID)], from.Environment+"/"+from.ID)
		}
	}
	require.False(t, v.Fails())
	writes := [][]any{}
	if !in.DryRun {
		writes = append(writes, []any{key, stored})
	}
	requireJSON(t, v.Output, map[string]any{"version_data": map[string]any{"ocm-prod/o1": data}, "state_writes": writes})
}

func checkRemaining(t require.TestingT, v vectors.Vector, in recorded) {
	spec := in.Cluster.spec()
	fleet, faults := upgrades.NewFleet(in.organization(), []upgrades.Spec{spec})
	require.NoError(t, faults.Err())
	var upgrade *upgrades.Policy
	if in.ExistingPolicy != nil {
		policy := in.ExistingPolicy.policy(t, []upgrades.Spec{spec})
		upgrade = &policy
	}
	requireJSON(t, v.Output, map[string]any{"values": fleet.Remaining(spec, in.Soaked, upgrade, in.now(t))})
}

func requireJSON(t require.TestingT, want []byte, got any) {
	text, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(text))
}
