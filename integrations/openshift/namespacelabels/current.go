package namespacelabels

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Current returns of each desired namespace the labels that it has, as far as they are desired or were set earlier, with
// the keys that the state has. A label that is desired and there, and not in the state, is somebody else's: a conflict.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []Labels) ([]Labels, error) {
	namespaces, err := r.namespaces(ctx, s)
	if err != nil {
		return nil, err
	}
	client, err := r.client(ctx, s, namespaces)
	if err != nil {
		return nil, err
	}
	existing, err := client.ListNamespaceLabels(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := r.store.GetAll(ctx, s.Name)
	if err != nil {
		return nil, err
	}
	all := make([]Labels, len(desired))
	for i, d := range desired {
		live, exists := existing[d.Namespace]
		if !exists {
			// It went since it was desired: there is nothing to label.
			all[i] = d
			continue
		}
		all[i] = current(d, live, entries[d.Namespace+suffix])
	}
	return all, nil
}

// suffix ends the keys of the state.
const suffix = "-managed-labels"

// current is what there is of the desired labels of a namespace.
func current(desired Labels, live map[string]string, entry state.Entry) Labels {
	found := Labels{Cluster: desired.Cluster, Namespace: desired.Namespace, Labels: map[string]string{}}
	managed, err := keys(entry)
	if err != nil {
		found.Conflict = fmt.Sprintf("its state is no list of keys: %v", err)
		return found
	}
	found.Managed = managed
	var conflicts []string
	for _, key := range slices.Sorted(maps.Keys(live)) {
		_, wanted := desired.Labels[key]
		ours := slices.Contains(managed, key)
		switch {
		case ours:
			found.Labels[key] = live[key]
		case wanted:
			found.Labels[key] = live[key]
			conflicts = append(conflicts, fmt.Sprintf("%s is %q there, wanted %q", key, live[key], desired.Labels[key]))
		}
	}
	if len(conflicts) > 0 {
		found.Conflict = "somebody else has set a label of the datafile: " + strings.Join(conflicts, ", ") + "; remove it there, or from the datafile"
	}
	return found
}

// keys are those of an entry of the state, sorted and each once.
func keys(entry state.Entry) ([]string, error) {
	var keys []string
	err := entry.Decode(&keys)
	slices.Sort(keys)
	return slices.Compact(keys), err
}
