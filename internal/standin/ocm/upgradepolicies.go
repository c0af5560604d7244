package ocm

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// planned is where policies are, and what they upgrade.
type planned struct {
	kind string
	// of returns the policies; a response where there can be none.
	of func(*call) (map[string]*UpgradePolicy, *response)
	// from is the version that is upgraded, and may be the versions that it can go to.
	from func(*call) (version string, to []string)
}

var (
	classic = planned{
		"UpgradePolicy",
		func(c *call) (map[string]*UpgradePolicy, *response) {
			if c.cluster.Hypershift {
				return nil, refused("Cluster '%s' is a hosted control plane: use its control plane upgrade policies", c.id)
			}
			return policies(&c.cluster.UpgradePolicies), nil
		},
		clusterVersions,
	}
	controlPlane = planned{
		"ControlPlaneUpgradePolicy",
		func(c *call) (map[string]*UpgradePolicy, *response) {
			if !c.cluster.Hypershift {
				return nil, refused("Cluster '%s' has no hosted control plane", c.id)
			}
			return policies(&c.cluster.UpgradePolicies), nil
		},
		clusterVersions,
	}
)

func clusterVersions(c *call) (string, []string) {
	return c.cluster.Version, c.estate.upgrades(c.cluster.Version, c.cluster.channel())
}

func policies(at *map[string]*UpgradePolicy) map[string]*UpgradePolicy {
	if *at == nil {
		*at = map[string]*UpgradePolicy{}
	}
	return *at
}

func refused(format string, args ...any) *response {
	r := refusal(http.StatusBadRequest, fmt.Sprintf(format, args...))
	return &r
}

func (p planned) view(c *call, id string, policy *UpgradePolicy) object {
	view := object{
		"kind": p.kind, "id": id, "href": strings.TrimSuffix(c.URL.Path, "/"+id) + "/" + id, "cluster_id": c.id,
		"schedule_type": cmp.Or(policy.ScheduleType, "manual"), "version": policy.Version, "upgrade_type": "OSD", "enable_minor_version_upgrades": false,
	}
	if policy.NextRun != nil {
		view["next_run"] = policy.NextRun.UTC().Format(time.RFC3339)
	}
	if policy.Schedule != "" {
		view["schedule"] = policy.Schedule
	}
	return view
}

// listPolicies lists them, those of hosted clusters with their states.
func listPolicies(p planned, withState bool) func(*call) response {
	return func(c *call) response {
		found, refused := p.of(c)
		if refused != nil {
			return *refused
		}
		var items []object
		for _, id := range sorted(found) {
			view := p.view(c, id, found[id])
			if withState {
				view["state"] = object{"value": found[id].State, "description": ""}
			}
			items = append(items, view)
		}
		return c.list(p.kind, items)
	}
}

func policyState(p planned) func(*call) response {
	return func(c *call) response {
		found, refused := p.of(c)
		if refused != nil {
			return *refused
		}
		id := c.PathValue("policy")
		if found[id] == nil {
			return notFound("Upgrade policy", id)
		}
		return ok(object{"kind": p.kind + "State", "id": id, "href": c.URL.Path, "value": found[id].State, "description": ""})
	}
}

// soonest is how long OCM wants to know of an upgrade before it begins.
const soonest = 5 * time.Minute

func createPolicy(p planned) func(*call) response {
	return func(c *call) response {
		found, refused := p.of(c)
		if refused != nil {
			return *refused
		}
		var asked struct {
			ScheduleType string     `json:"schedule_type"`
			Schedule     string     `json:"schedule"`
			NextRun      *time.Time `json:"next_run"`
			Version      string     `json:"version"`
		}
		if refused, sound := c.decode(&asked); !sound {
			return refused
		}
		from, to := p.from(c)
		bad := func(format string, args ...any) response {
			return refusal(http.StatusBadRequest, fmt.Sprintf(format, args...))
		}
		switch {
		case len(found) > 0:
			return bad("There is already an upgrade policy for cluster '%s'", c.id)
		case asked.ScheduleType != "manual" && asked.ScheduleType != "automatic":
			return bad("Schedule type '%s' is not supported", asked.ScheduleType)
		case asked.ScheduleType == "automatic" && asked.Schedule == "":
			return bad("Automatic upgrade policies need a schedule")
		case asked.ScheduleType == "manual" && (asked.NextRun == nil || asked.NextRun.Before(c.server.now().Add(soonest))):
			return bad("'next_run' should be at least 5 minutes in the future")
		case asked.ScheduleType == "manual" && !slices.Contains(to, asked.Version):
			return bad("Version '%s' is not available for upgrade from '%s'", asked.Version, from)
		}
		if missing := c.missingGates(asked.Version, from); len(missing) > 0 {
			return bad("There are missing version gate agreements for cluster '%s': %s", c.id, strings.Join(missing, ", "))
		}
		id := c.newID("policy")
		found[id] = &UpgradePolicy{ScheduleType: asked.ScheduleType, Schedule: asked.Schedule, NextRun: asked.NextRun, Version: asked.Version, State: "pending"}
		return created(p.view(c, id, found[id]))
	}
}

func deletePolicy(p planned) func(*call) response {
	return func(c *call) response {
		found, refused := p.of(c)
		if refused != nil {
			return *refused
		}
		id := c.PathValue("policy")
		switch {
		case found[id] == nil:
			return notFound("Upgrade policy", id)
		case found[id].State == "started" || found[id].State == "delayed":
			return refusal(http.StatusBadRequest, "Upgrade policy '"+id+"' is in state '"+found[id].State+"' and can't be deleted")
		}
		delete(found, id)
		return gone
	}
}

// newID is one that nothing else in the cluster has.
func (c *call) newID(kind string) string {
	if c.estate.Made == nil {
		c.estate.Made = map[string]int{}
	}
	c.estate.Made[c.id]++
	return fmt.Sprintf("%s-%d", kind, c.estate.Made[c.id])
}
