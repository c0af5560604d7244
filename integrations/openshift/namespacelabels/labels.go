package namespacelabels

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Labels are the labels of one namespace: desired as its datafile has them, current as far as they are desired or managed.
type Labels struct {
	Cluster   string            `json:"cluster"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	// Managed are the keys that the state has, sorted; of what is desired the keys of the labels.
	Managed []string `json:"managed,omitempty"`
	// Conflict says why the namespace cannot be labelled. It is left as it is and reported.
	Conflict string `json:"conflict,omitempty"`
}

// Key implements plan.Item.
func (l Labels) Key() string { return l.Namespace }

// Title implements plan.Titled.
func (l Labels) Title() string {
	return "labels of namespace " + l.Namespace + " in cluster " + l.Cluster
}

// Equal implements plan.Item. A conflict equals nothing, so that Vet sees it.
func (l Labels) Equal(current Labels) bool {
	return current.Conflict == "" && maps.Equal(l.Labels, current.Labels) && slices.Equal(l.Managed, current.Managed)
}

// Explain implements plan.Explained.
func (l Labels) Explain(current Labels) string {
	d := l.differences(current)
	var words []string
	for _, key := range slices.Sorted(maps.Keys(d.set)) {
		if live, there := current.Labels[key]; there {
			words = append(words, fmt.Sprintf("%s becomes %q, it is %q", key, d.set[key], live))
		} else {
			words = append(words, fmt.Sprintf("%s becomes %q", key, d.set[key]))
		}
	}
	for _, key := range d.remove {
		words = append(words, key+" goes")
	}
	for _, key := range d.forget {
		if !slices.Contains(d.remove, key) {
			words = append(words, key+" is gone, and is forgotten")
		}
	}
	return strings.Join(words, "; ")
}

// differences are what turns labels into others.
type differences struct {
	set map[string]string
	// remove and forget are keys, sorted: of labels that go, and of those that are managed no more.
	remove, forget []string
}

func (l Labels) differences(current Labels) differences {
	d := differences{set: map[string]string{}}
	for key, value := range l.Labels {
		if live, there := current.Labels[key]; !there || live != value {
			d.set[key] = value
		}
	}
	for _, key := range slices.Sorted(maps.Keys(current.Labels)) {
		if _, wanted := l.Labels[key]; !wanted {
			d.remove = append(d.remove, key)
		}
	}
	for _, key := range current.Managed {
		if _, wanted := l.Labels[key]; !wanted {
			d.forget = append(d.forget, key)
		}
	}
	return d
}
