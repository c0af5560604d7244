package upgrades

import "slices"

// The kinds of version gates that concern clusters. Others are for OCM and its users alone.
const (
	GateOCP     = "api.openshift.com/gate-ocp"
	GateSTS     = "api.openshift.com/gate-sts"
	GateIngress = "api.openshift.com/gate-ingress"
)

// Gate is something that OCM wants agreed to before a cluster goes to a minor version.
type Gate struct {
	ID string
	// Label is its kind.
	Label string
	// Minor is the minor version, such as 4.16.
	Minor string
}

// Concerns says whether a cluster has to have the gate agreed to on its way: the minor version is above its own, OCM
// offers it, and the gate is of a kind that is about such clusters.
func (g Gate) Concerns(c Cluster) bool {
	offered := slices.ContainsFunc(c.Upgrades, func(version string) bool { return minorOf(version) == g.Minor })
	if !offered || !older(minorOf(c.Version)+".0", g.Minor+".0") {
		return false
	}
	switch g.Label {
	case GateOCP, GateIngress:
		return true
	case GateSTS:
		return c.STS
	}
	return false
}

// gatesOf are the IDs of the gates that a cluster has to have agreed to before it gets the version.
func gatesOf(gates []Gate, c Cluster, version string) []string {
	var ids []string
	for _, gate := range gates {
		if gate.Minor == minorOf(version) && gate.Concerns(c) {
			ids = append(ids, gate.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// missing are those of ids that are not agreed to.
func missing(ids, agreed []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(agreed, id) })
}
