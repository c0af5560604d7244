package resources

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// Namespace is a namespace as queries select it for this package: with its cluster's ClusterConnection, what it manages,
// and its resources, its own and the shared ones.
type Namespace struct {
	kubeapi.ManagedTypes

	Name         string               `json:"name"`
	Delete       *bool                `json:"delete"`
	ClusterAdmin *bool                `json:"clusterAdmin"`
	Cluster      appinterface.Cluster `json:"cluster"`
	Resources    []Item               `json:"openshiftResources"`
	Shared       []Shared             `json:"sharedResources"`

	// seen is the namespace as templates see it: all that the query selects, under its names.
	seen map[string]any
}

// Shared is a file of resources that several namespaces share.
type Shared struct {
	Resources []Item `json:"openshiftResources"`
}

// UnmarshalJSON reads a namespace as a query answers it.
//
// Differs from the reference: templates do not see the lists of the namespace's resources. There they see them with the
// content of all files.
func (n *Namespace) UnmarshalJSON(data []byte) error {
	type fields Namespace
	if err := json.Unmarshal(data, (*fields)(n)); err != nil {
		return err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	n.seen = make(map[string]any, len(raw))
	for name, value := range raw {
		if name == "openshiftResources" || name == "sharedResources" {
			continue
		}
		decoded, err := decode(value)
		if err != nil {
			return err
		}
		n.seen[name] = decoded
	}
	return nil
}

// items are the resources of some providers, the namespace's own ones first.
func (n Namespace) items(providers []string) []Item {
	var items []Item
	take := func(all []Item) {
		for _, item := range all {
			if slices.Contains(providers, item.Provider) {
				items = append(items, item)
			}
		}
	}
	take(n.Resources)
	for _, shared := range n.Shared {
		take(shared.Resources)
	}
	return items
}

// decode reads JSON with numbers as they are written.
func decode(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
}
