package ocm

import "cmp"

// labelViews are the labels of an organisation or a subscription; by names its field, such as organization_id.
func labelViews(labels map[string]string, kind, by, of, href string) []object {
	views := []object{}
	for _, key := range sorted(labels) {
		views = append(views, object{
			"kind": "Label", "id": "label-" + of + "-" + key, "href": href + "/labels/" + key, "type": kind, by: of, "key": key, "value": labels[key],
			"internal": false, "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z",
		})
	}
	return views
}

func organizationLabels(id string, o *Organization) []object {
	return labelViews(o.Labels, "Organization", "organization_id", id, accountsMgmt+"/organizations/"+id)
}

func subscriptionLabels(id string, c *Cluster) []object {
	return labelViews(c.Labels, "Subscription", "subscription_id", subscriptionID(id), accountsMgmt+"/subscriptions/"+subscriptionID(id))
}

func listLabels(c *call) response {
	var items []object
	for id, o := range c.estate.Organizations {
		if c.account.sees(id) {
			items = append(items, organizationLabels(id, o)...)
		}
	}
	for id, cluster := range c.estate.Clusters {
		if c.account.sees(cluster.Organization) {
			items = append(items, subscriptionLabels(id, cluster)...)
		}
	}
	return c.list("Label", items)
}

// detailed puts into a view what the request asks for besides.
func (c *call) detailed(view object, labels []object, capabilities map[string]string) object {
	if c.URL.Query().Get("fetchLabels") == "true" {
		view["labels"] = labels
	}
	if c.URL.Query().Get("fetchCapabilities") == "true" {
		views := []object{}
		for _, name := range sorted(capabilities) {
			views = append(views, object{"kind": "Capability", "name": name, "value": capabilities[name], "inherited": false})
		}
		view["capabilities"] = views
	}
	return view
}

func listOrganizations(c *call) response {
	var items []object
	for id, o := range c.estate.Organizations {
		if c.account.sees(id) {
			items = append(items, c.detailed(object{
				"kind": "Organization", "id": id, "href": accountsMgmt + "/organizations/" + id, "name": o.Name,
			}, organizationLabels(id, o), o.Capabilities))
		}
	}
	return c.list("Organization", items)
}

func listSubscriptions(c *call) response {
	var items []object
	for id, cluster := range c.estate.Clusters {
		if c.account.sees(cluster.Organization) {
			items = append(items, c.detailed(object{
				"kind": "Subscription", "id": subscriptionID(id), "href": accountsMgmt + "/subscriptions/" + subscriptionID(id),
				"cluster_id": id, "external_cluster_id": cluster.uuid(id), "organization_id": cluster.Organization, "display_name": cluster.Name,
				"managed": !cluster.Unmanaged, "status": cmp.Or(cluster.SubscriptionStatus, "Active"), "created_at": "2024-01-01T00:00:00Z",
			}, subscriptionLabels(id, cluster), cluster.Capabilities))
		}
	}
	return c.list("Subscription", items)
}
