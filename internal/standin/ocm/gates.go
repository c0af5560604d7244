package ocm

import (
	"net/http"
	"slices"
	"strings"
)

// missingGates are the labels of the gates between two versions that nobody agreed to for the cluster.
func (c *call) missingGates(to, from string) []string {
	var missing []string
	for _, id := range sorted(c.estate.Gates) {
		gate := c.estate.Gates[id]
		applies := c.server.has(gate) && minor(to) == gate.Version && minor(from) != gate.Version && (!gate.STSOnly || c.cluster.STS)
		if applies && !slices.Contains(c.cluster.GateAgreements, id) {
			missing = append(missing, gate.Label)
		}
	}
	return missing
}

func (s *Server) has(gate *Gate) bool { return gate.Appears == nil || !s.now().Before(*gate.Appears) }

// minor is 4.16 of 4.16.3.
func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

func listGates(c *call) response {
	var items []object
	for _, id := range sorted(c.estate.Gates) {
		gate := c.estate.Gates[id]
		if !c.server.has(gate) {
			continue
		}
		items = append(items, object{
			"kind": "VersionGate", "id": id, "href": clustersMgmt + "/version_gates/" + id, "version_raw_id_prefix": gate.Version,
			"label": gate.Label, "value": gate.Version, "sts_only": gate.STSOnly,
		})
	}
	return c.list("VersionGate", items)
}

func listAgreements(c *call) response {
	var items []object
	for _, gate := range c.cluster.GateAgreements {
		id := "agreement-" + gate
		items = append(items, object{
			"kind": "VersionGateAgreement", "id": id, "href": c.URL.Path + "/" + id,
			"version_gate": object{"kind": "VersionGateLink", "id": gate, "href": clustersMgmt + "/version_gates/" + gate},
		})
	}
	return c.list("VersionGateAgreement", items)
}

func agree(c *call) response {
	var asked struct {
		VersionGate struct{ ID string } `json:"version_gate"`
	}
	if refused, sound := c.decode(&asked); !sound {
		return refused
	}
	gate := c.estate.Gates[asked.VersionGate.ID]
	switch {
	case gate == nil || !c.server.has(gate):
		return notFound("Version gate", asked.VersionGate.ID)
	case compareVersions(gate.Version, minor(c.cluster.Version)) <= 0:
		return refusal(http.StatusBadRequest, "Version gate '"+asked.VersionGate.ID+"' is not applicable to cluster '"+c.id+"'")
	case slices.Contains(c.cluster.GateAgreements, asked.VersionGate.ID):
		return refusal(http.StatusConflict, "Version gate agreement for version gate '"+asked.VersionGate.ID+"' already exists")
	}
	c.cluster.GateAgreements = slices.Sorted(slices.Values(append(c.cluster.GateAgreements, asked.VersionGate.ID)))
	return created(object{
		"kind": "VersionGateAgreement", "id": "agreement-" + asked.VersionGate.ID, "href": c.URL.Path + "/agreement-" + asked.VersionGate.ID,
		"version_gate": object{"kind": "VersionGateLink", "id": asked.VersionGate.ID},
	})
}
