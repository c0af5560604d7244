package kubeapi

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
)

// ListNamespaceLabels returns the labels of each namespace that exists, by its name.
func (c *Client) ListNamespaceLabels(ctx context.Context) (map[string]map[string]string, error) {
	items, err := c.list(ctx, namespaceKind, "", "")
	if err != nil {
		return nil, err
	}
	all := make(map[string]map[string]string, len(items))
	for _, item := range items {
		labels := map[string]string{}
		for key := range child(metadata(item), "labels") {
			labels[key] = str(child(metadata(item), "labels"), key)
		}
		all[nameOf(item)] = labels
	}
	return all, nil
}

// LabelNamespace sets labels of a namespace that is there, and takes others away. Other labels stay.
func (c *Client) LabelNamespace(ctx context.Context, name string, set map[string]string, remove []string) error {
	labels := map[string]any{}
	for _, key := range remove {
		labels[key] = nil
	}
	for key, value := range set {
		labels[key] = value
	}
	_, err := c.patch(ctx, reference{Kind: namespaceKind, name: name}, types.MergePatchType, map[string]any{"metadata": map[string]any{"labels": labels}})
	return err
}
