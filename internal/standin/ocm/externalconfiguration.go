package ocm

// listExternalLabels lists the labels of a cluster's external configuration.
func listExternalLabels(c *call) response {
	if c.cluster.Hypershift {
		return *refused("External configuration of hosted cluster '%s' is not supported", c.id)
	}
	var items []object
	for _, key := range sorted(c.cluster.ExternalLabels) {
		id := "label-" + key
		items = append(items, object{"kind": "Label", "id": id, "href": c.URL.Path + "/" + id, "key": key, "value": c.cluster.ExternalLabels[key]})
	}
	return c.list("Label", items)
}
