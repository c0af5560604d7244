package clusterdeploymentmapper

import (
	"fmt"
	"slices"
	"strings"
)

// Map is the secret: for each cluster that was made the one whose Hive made it.
type Map struct {
	Path    string  `json:"path"`
	Entries []Entry `json:"entries"`
}

// Entry is one line of the map.
type Entry struct {
	// ID is that of the cluster that was made.
	ID string `json:"id"`
	// Cluster is the name of the one with its ClusterDeployment.
	Cluster string `json:"cluster"`
}

// Key implements plan.Item.
func (m Map) Key() string { return m.Path }

// Title implements plan.Titled.
func (m Map) Title() string { return "secret " + m.Path + " in Vault" }

// Equal implements plan.Item. The order of the lines is no matter.
func (m Map) Equal(current Map) bool {
	return len(m.without(current)) == 0 && len(current.without(m)) == 0
}

// Explain implements plan.Explained.
func (m Map) Explain(current Map) string {
	return fmt.Sprintf("%d more, %d gone", len(m.without(current)), len(current.without(m)))
}

// without returns the entries that the other map lacks.
func (m Map) without(other Map) []Entry {
	return slices.DeleteFunc(slices.Clone(m.Entries), func(e Entry) bool { return slices.Contains(other.Entries, e) })
}

// text is the map as the reference writes it.
func (m Map) text() string {
	lines := make([]string, len(m.Entries))
	for i, e := range m.Entries {
		lines[i] = e.ID + ": " + e.Cluster
	}
	return strings.Join(lines, "\n")
}

// parse reads the entries of a map. A line that is none is left out, so that the map is written anew.
func parse(text string) []Entry {
	var entries []Entry
	for line := range strings.Lines(text) {
		if id, name, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			entries = append(entries, Entry{ID: id, Cluster: name})
		}
	}
	return entries
}
