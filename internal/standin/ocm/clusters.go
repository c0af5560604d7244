package ocm

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"sigs.k8s.io/yaml"
)

func listClusters(c *call) response {
	var items []object
	for id, cluster := range c.estate.Clusters {
		if c.account.sees(cluster.Organization) {
			items = append(items, c.clusterView(id, cluster))
		}
	}
	return c.list("Cluster", items)
}

func getCluster(c *call) response { return ok(c.clusterView(c.id, c.cluster)) }

// clusterView has the organisation besides what OCM shows: one can search by it.
func (c *call) clusterView(id string, cluster *Cluster) object {
	href := clustersMgmt + "/clusters/" + id
	upgrades := c.estate.upgrades(cluster.Version, cluster.channel())
	view := object{
		"kind": "Cluster", "id": id, "href": href, "name": cluster.Name, "display_name": cluster.Name,
		"external_id": cluster.uuid(id), "managed": !cluster.Unmanaged, "state": cmp.Or(cluster.State, "ready"),
		"organization":       object{"id": cluster.Organization},
		"subscription":       object{"kind": "SubscriptionLink", "id": subscriptionID(id), "href": accountsMgmt + "/subscriptions/" + subscriptionID(id)},
		"product":            object{"kind": "ProductLink", "id": cluster.product()},
		"cloud_provider":     object{"kind": "CloudProviderLink", "id": "aws"},
		"region":             object{"kind": "CloudRegionLink", "id": cmp.Or(cluster.Region, "us-east-1")},
		"identity_providers": object{"kind": "IdentityProviderListLink", "href": href + "/identity_providers"},
		"hypershift":         object{"enabled": cluster.Hypershift},
		"version": object{
			"kind": "Version", "id": versionID(cluster.Version, cluster.channel()), "raw_id": cluster.Version,
			"channel_group": cluster.channel(), "available_upgrades": upgrades,
		},
		"creation_timestamp": "2024-01-01T00:00:00Z",
		"dns":                object{"base_domain": "example.org"},
	}
	if cluster.Kubeconfig != nil {
		view["console"] = object{"url": "https://console." + cluster.Name + ".example.org"}
	}
	if cluster.product() == "rosa" || cluster.STS {
		sts := object{"enabled": cluster.STS}
		if cluster.STS {
			sts["role_arn"] = "arn:aws:iam::123456789012:role/" + cluster.Name + "-Installer-Role"
			sts["support_role_arn"] = "arn:aws:iam::123456789012:role/" + cluster.Name + "-Support-Role"
			sts["operator_role_prefix"] = cluster.Name
			if cluster.Spec != nil && cluster.Spec.OIDCEndpoint != "" {
				sts["oidc_endpoint_url"] = cluster.Spec.OIDCEndpoint
			}
		}
		view["aws"] = object{"sts": sts}
		view["properties"] = object{"rosa_creator_arn": "arn:aws:iam::123456789012:user/" + cluster.Name}
	}
	cluster.show(view)
	return view
}

func (c *Cluster) product() string { return cmp.Or(c.Product, "osd") }

func (c *Cluster) channel() string { return cmp.Or(c.Channel, "stable") }

func (c *Cluster) uuid(id string) string { return cmp.Or(c.ExternalID, "uuid-of-"+id) }

func subscriptionID(cluster string) string { return "sub-" + cluster }

func versionID(raw, channel string) string {
	if channel == "stable" {
		return "openshift-v" + raw
	}
	return "openshift-v" + raw + "-" + channel
}

// upgrades are the versions that a cluster can go to, sorted as OCM does: oldest first.
func (e *Estate) upgrades(from, channel string) []string {
	to := []string{}
	version := e.Versions[from]
	if version == nil {
		return to
	}
	for _, raw := range version.UpgradesTo {
		if target := e.Versions[raw]; target == nil || !target.Disabled && target.in(channel) {
			to = append(to, raw)
		}
	}
	slices.SortFunc(to, compareVersions)
	return to
}

func (v *Version) in(channel string) bool {
	return len(v.Channels) == 0 && channel == "stable" || slices.Contains(v.Channels, channel)
}

// getCredentials writes the configuration as the installer does, with a token in place of a certificate.
func getCredentials(c *call) response {
	if c.cluster.Kubeconfig == nil {
		return notFound("Credentials of cluster", c.id)
	}
	const user = "admin"
	text, err := yaml.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": user,
		"clusters": []object{{"name": c.cluster.Name, "cluster": object{"server": c.cluster.Kubeconfig.Server}}},
		"contexts": []object{{"name": user, "context": object{"cluster": c.cluster.Name, "user": user}}},
		"users":    []object{{"name": user, "user": object{"token": c.cluster.Kubeconfig.Token}}},
	})
	if err != nil {
		return refusal(500, fmt.Sprint(err))
	}
	return ok(object{"kind": "ClusterCredentials", "id": c.id, "href": clustersMgmt + "/clusters/" + c.id + "/credentials", "kubeconfig": string(text)})
}

// sorted are the keys of a map in order.
func sorted[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }
