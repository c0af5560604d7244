package ocm

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// addonService is one of the two APIs for add-ons: how it calls things.
type addonService struct {
	base, policies, policyKind string
	// plans says that upgrades are plans: with a type in place of a schedule_type, the time given by the client, and the
	// state in them.
	plans bool
}

var (
	addonsV1 = addonService{base: clustersMgmt, policies: "addon_upgrade_policies", policyKind: "AddonUpgradePolicy"}
	addonsV2 = addonService{base: addonsMgmt, policies: "upgrade_plans", policyKind: "AddonUpgradePlan", plans: true}
)

func (s *Server) routeAddons(service addonService) {
	cluster := service.base + "/clusters/{cluster}"
	s.handle("GET "+service.base+"/addons", service.list)
	s.handle("GET "+cluster+"/addons", service.listInstalled)
	s.handle("GET "+cluster+"/"+service.policies, service.listPolicies)
	s.handle("POST "+cluster+"/"+service.policies, service.createPolicy)
	s.handle("DELETE "+cluster+"/"+service.policies+"/{policy}", service.deletePolicy)
	if !service.plans {
		s.handle("GET "+cluster+"/"+service.policies+"/{policy}/state", service.policyState)
	}
}

func (v addonService) list(c *call) response {
	var items []object
	for _, id := range sorted(c.estate.Addons) {
		items = append(items, object{
			"kind": "AddOn", "id": id, "href": v.base + "/addons/" + id, "name": id, "enabled": true,
			"version": v.version(id, c.estate.Addons[id]),
		})
	}
	return c.list("AddOn", items)
}

func (v addonService) version(addon, version string) object {
	return object{"kind": "AddOnVersionLink", "id": version, "href": v.base + "/addons/" + addon + "/versions/" + version}
}

func (v addonService) listInstalled(c *call) response {
	var items []object
	for _, id := range sorted(c.cluster.Addons) {
		installed := c.cluster.Addons[id]
		items = append(items, object{
			"kind": "AddOnInstallation", "id": id, "href": c.URL.Path + "/" + id, "state": cmp.Or(installed.State, "ready"),
			"addon":         object{"kind": "AddOnLink", "id": id, "href": v.base + "/addons/" + id},
			"addon_version": v.version(id, installed.Version),
		})
	}
	return c.list("AddOnInstallation", items)
}

func (v addonService) view(c *call, id string, policy *UpgradePolicy) object {
	scheduleType := "schedule_type"
	if v.plans {
		scheduleType = "type"
	}
	view := object{
		"kind": v.policyKind, "id": id, "href": v.base + "/clusters/" + c.id + "/" + v.policies + "/" + id, "cluster_id": c.id,
		"addon_id": policy.Addon, scheduleType: cmp.Or(policy.ScheduleType, "manual"), "version": policy.Version,
	}
	if policy.NextRun != nil {
		view["next_run"] = policy.NextRun.UTC().Format(time.RFC3339)
	}
	if policy.Schedule != "" {
		view["schedule"] = policy.Schedule
	}
	if v.plans {
		view["state"] = policy.State
	} else {
		view["upgrade_type"] = "ADDON"
	}
	return view
}

func (v addonService) listPolicies(c *call) response {
	var items []object
	for _, id := range sorted(c.cluster.AddonPolicies) {
		items = append(items, v.view(c, id, c.cluster.AddonPolicies[id]))
	}
	return c.list(v.policyKind, items)
}

func (v addonService) policyState(c *call) response {
	id := c.PathValue("policy")
	policy := c.cluster.AddonPolicies[id]
	if policy == nil {
		return notFound("Upgrade policy", id)
	}
	return ok(object{"kind": v.policyKind + "State", "id": id, "href": c.URL.Path, "value": policy.State, "description": ""})
}

func (v addonService) createPolicy(c *call) response {
	var asked struct {
		ScheduleType string     `json:"schedule_type"`
		Type         string     `json:"type"`
		Addon        string     `json:"addon_id"`
		NextRun      *time.Time `json:"next_run"`
		Version      string     `json:"version"`
	}
	if refused, sound := c.decode(&asked); !sound {
		return refused
	}
	now := c.server.now()
	scheduleType, at := asked.ScheduleType, &now
	if v.plans {
		scheduleType, at = asked.Type, asked.NextRun
	}
	installed, latest := c.cluster.Addons[asked.Addon], c.estate.Addons[asked.Addon]
	switch {
	case installed == nil:
		return notFound("Add-on installation", asked.Addon)
	case slices.ContainsFunc(sorted(c.cluster.AddonPolicies), func(id string) bool { return c.cluster.AddonPolicies[id].Addon == asked.Addon }):
		return *refused("There is already an upgrade of add-on '%s' for cluster '%s'", asked.Addon, c.id)
	case scheduleType != "manual":
		return *refused("Schedule type '%s' is not supported", scheduleType)
	case at == nil || v.plans && at.Before(now.Add(soonest)):
		return *refused("'next_run' should be at least 5 minutes in the future")
	case asked.Version != latest || asked.Version == installed.Version:
		return *refused("Version '%s' is not available for upgrade from '%s'", asked.Version, installed.Version)
	}
	id := c.newID("addon-policy")
	policies(&c.cluster.AddonPolicies)[id] = &UpgradePolicy{Addon: asked.Addon, ScheduleType: scheduleType, NextRun: at, Version: asked.Version, State: "pending"}
	return created(v.view(c, id, c.cluster.AddonPolicies[id]))
}

func (v addonService) deletePolicy(c *call) response {
	id := c.PathValue("policy")
	policy := c.cluster.AddonPolicies[id]
	switch {
	case policy == nil:
		return notFound("Upgrade policy", id)
	case policy.State == "started" || policy.State == "delayed":
		return refusal(http.StatusBadRequest, "Upgrade policy '"+id+"' is in state '"+policy.State+"' and can't be deleted")
	}
	delete(c.cluster.AddonPolicies, id)
	return gone
}
