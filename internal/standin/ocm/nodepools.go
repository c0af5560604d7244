package ocm

// nodePool are the policies of one pool. It is upgraded to what its control plane runs at the most.
var nodePool = planned{
	"NodePoolUpgradePolicy",
	func(c *call) (map[string]*UpgradePolicy, *response) {
		pool := c.cluster.NodePools[c.PathValue("pool")]
		if pool == nil {
			r := notFound("Node pool", c.PathValue("pool"))
			return nil, &r
		}
		return policies(&pool.UpgradePolicies), nil
	},
	func(c *call) (string, []string) {
		version := c.cluster.NodePools[c.PathValue("pool")].Version
		var to []string
		for raw := range c.estate.Versions {
			if compareVersions(raw, version) > 0 && compareVersions(raw, c.cluster.Version) <= 0 {
				to = append(to, raw)
			}
		}
		return version, to
	},
}

func listNodePools(c *call) response {
	var items []object
	for _, id := range sorted(c.cluster.NodePools) {
		pool := c.cluster.NodePools[id]
		items = append(items, object{
			"kind": "NodePool", "id": id, "href": c.URL.Path + "/" + id, "replicas": pool.Replicas,
			"aws_node_pool": object{"instance_type": pool.InstanceType},
			"version":       object{"kind": "VersionLink", "id": versionID(pool.Version, c.cluster.channel()), "raw_id": pool.Version},
		})
	}
	return c.list("NodePool", items)
}
