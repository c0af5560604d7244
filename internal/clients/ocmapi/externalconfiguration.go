package ocmapi

import "context"

// ListExternalLabels returns the labels that a cluster's nodes and objects get from outside of it: its external
// configuration. They are none of its subscription's labels. Hosted control planes have none.
func (c *Client) ListExternalLabels(ctx context.Context, cluster string) (map[string]string, error) {
	type label struct {
		ID    string `json:"id"`
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	found, err := list(ctx, c, request{
		what: in(cluster, "list external configuration labels"), path: clustersMgmt, segments: of(cluster, "external_configuration", "labels"),
	}, order{}, func(l label) string { return l.ID })
	labels := make(map[string]string, len(found))
	for _, l := range found {
		labels[l.Key] = l.Value
	}
	return labels, err
}
