package kubeapi

import (
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// ManagedTypes are the fields of a namespace that say which kinds of objects app-interface manages in it.
type ManagedTypes struct {
	Types     []string       `json:"managedResourceTypes"`
	Names     []ManagedNames `json:"managedResourceNames"`
	Overrides []TypeOverride `json:"managedResourceTypeOverrides"`
}

// ManagedNames limits a kind to some names.
type ManagedNames struct {
	Resource      string   `json:"resource"`
	ResourceNames []string `json:"resourceNames"`
}

// TypeOverride gives a kind its qualified form, "Kind.group".
type TypeOverride struct {
	Resource string `json:"resource"`
	Override string `json:"override"`
}

// Managed is one kind that is managed. Nil names stand for all.
type Managed struct {
	Kind  string
	Names []string
}

// Kinds lists the managed kinds by name. Only, where it is not nil, takes the place of the namespace's own types;
// fields about other kinds are then passed over, and else they are an error (apierr.Invalid).
func (m ManagedTypes) Kinds(only []string) ([]Managed, error) {
	types := only
	if types == nil {
		types = m.Types
	}
	types = slices.Compact(slices.Sorted(slices.Values(types)))
	restricted := make(map[string][]string, len(m.Names))
	for _, entry := range m.Names {
		if slices.Contains(types, entry.Resource) {
			restricted[entry.Resource] = entry.ResourceNames
		} else if len(types) > 0 && len(only) == 0 {
			return nil, apierr.Errorf(apierr.Invalid, "managedResourceNames lists %s, which is not in managedResourceTypes", entry.Resource)
		}
	}
	qualified := make(map[string]string, len(m.Overrides))
	for _, entry := range m.Overrides {
		if slices.Contains(types, entry.Resource) {
			qualified[entry.Resource] = entry.Override
		} else if len(types) > 0 && len(only) == 0 {
			return nil, apierr.Errorf(apierr.Invalid, "managedResourceTypeOverrides lists %s, which is not in managedResourceTypes", entry.Resource)
		}
	}
	kinds := make([]Managed, 0, len(types))
	for _, kind := range types {
		managed := Managed{Kind: kind, Names: restricted[kind]}
		if override, ok := qualified[kind]; ok {
			managed.Kind = override
		}
		kinds = append(kinds, managed)
	}
	return kinds, nil
}
