package ocmapi

import (
	"context"
	"net/http"
)

// VersionGate is something that OCM wants agreed to before a cluster goes to a minor version.
type VersionGate struct {
	ID string `json:"id"`
	// VersionRawIDPrefix is the minor version, such as 4.17.
	VersionRawIDPrefix string `json:"version_raw_id_prefix"`
	// Label is the gate's kind, such as api.openshift.com/gate-ocp.
	Label   string `json:"label"`
	STSOnly bool   `json:"sts_only"`
}

// ListVersionGates returns all gates that OCM has, of any version.
func (c *Client) ListVersionGates(ctx context.Context) ([]VersionGate, error) {
	return list(ctx, c, request{
		what: "list version gates", path: clustersMgmt, segments: []string{"version_gates"},
	}, order{}, func(g VersionGate) string { return g.ID })
}

// ListGateAgreements returns the IDs of the gates that were agreed to for a cluster.
func (c *Client) ListGateAgreements(ctx context.Context, cluster string) ([]string, error) {
	type agreement struct {
		ID          string `json:"id"`
		VersionGate Link   `json:"version_gate"`
	}
	agreements, err := list(ctx, c, request{
		what: in(cluster, "list gate agreements"), path: clustersMgmt, segments: of(cluster, "gate_agreements"),
	}, order{}, func(a agreement) string { return a.ID })
	gates := make([]string, len(agreements))
	for i, a := range agreements {
		gates[i] = a.VersionGate.ID
	}
	return gates, err
}

// AgreeToGate notes that a gate is agreed to for a cluster, which has OCM plan upgrades behind it. It is not safe to repeat:
// look first for the agreements that there are.
func (c *Client) AgreeToGate(ctx context.Context, cluster, gate string) error {
	agreement := struct {
		VersionGate Link `json:"version_gate"`
	}{Link{ID: gate}}
	return c.do(ctx, request{
		what: in(cluster, "agree to version gate %s", gate), method: http.MethodPost, path: clustersMgmt, segments: of(cluster, "gate_agreements"), body: agreement,
	}, nil)
}
