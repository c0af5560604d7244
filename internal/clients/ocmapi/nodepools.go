package ocmapi

import "context"

// NodePool is a group of nodes of a cluster with a hosted control plane.
type NodePool struct {
	ID      string `json:"id"`
	Version struct {
		RawID string `json:"raw_id"`
	} `json:"version"`
}

// ListNodePools returns the node pools of a cluster with a hosted control plane.
func (c *Client) ListNodePools(ctx context.Context, cluster string) ([]NodePool, error) {
	return list(ctx, c, request{
		what: in(cluster, "list node pools"), path: clustersMgmt, segments: of(cluster, "node_pools"),
	}, order{}, func(p NodePool) string { return p.ID })
}

// ListNodePoolUpgradePolicies returns the policies of a node pool.
func (c *Client) ListNodePoolUpgradePolicies(ctx context.Context, cluster, pool string) ([]UpgradePolicy, error) {
	return c.listStated(ctx, cluster, "node_pools", pool, "upgrade_policies")
}

// CreateNodePoolUpgradePolicy plans an upgrade of a node pool. It is not safe to repeat: look first for what is planned.
func (c *Client) CreateNodePoolUpgradePolicy(ctx context.Context, cluster, pool string, policy UpgradePolicy) error {
	return c.createPolicy(ctx, cluster, policy, "node_pools", pool, "upgrade_policies")
}
