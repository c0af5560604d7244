package kubeapi

import (
	"maps"
	"slices"
	"strconv"
)

// edit is one step of turning the live object into the desired one that leaves something other than it was.
type edit struct {
	path []string
	// live and wanted are the values at the path; added says that there is none yet.
	live, wanted any
	added        bool
}

// difference collects the edits between two plain values in the way of the library that the reference compares
// with: maps by key, lists position by position. There an equal value that is removed in one place and added in
// another is a move, and neither removals nor moves count as drift; a list of scalars in another order and a
// renamed key with the same value are therefore no difference. A map's value that changes is never part of a move.
//
// Differs from the reference: 1, 1.0 and true differ inside lists too, as they do in maps everywhere. What the
// server makes of them is asked before anything is applied (see WouldChange).
type difference struct {
	replaced []edit
	added    []edit
	// removed counts the values that were removed, by their text.
	removed map[string]int
}

// compare walks both values, which must be plain.
func compare(live, wanted map[string]any) *difference {
	d := &difference{removed: map[string]int{}}
	d.maps(nil, live, wanted)
	return d
}

// drift returns the edits that remain when those that tolerated accepts and the moves are taken away, in the
// order of their paths.
func (d *difference) drift(tolerated func(edit) bool) []edit {
	left := maps.Clone(d.removed)
	var remaining []edit
	for _, e := range d.replaced {
		if !tolerated(e) {
			remaining = append(remaining, e)
		}
	}
	for _, e := range d.added {
		if tolerated(e) {
			continue
		}
		if value := text(e.wanted); left[value] > 0 {
			left[value]--
			continue
		}
		remaining = append(remaining, e)
	}
	slices.SortStableFunc(remaining, func(a, b edit) int { return slices.Compare(a.path, b.path) })
	return remaining
}

func (d *difference) maps(path []string, live, wanted map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(live)) {
		if _, kept := wanted[key]; !kept {
			d.removed[text(live[key])]++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		below := join(path, key)
		value, present := live[key]
		switch {
		case !present:
			d.added = append(d.added, edit{path: below, wanted: wanted[key], added: true})
		case d.descend(below, value, wanted[key]):
		case text(value) != text(wanted[key]):
			d.replaced = append(d.replaced, edit{path: below, live: value, wanted: wanted[key]})
		}
	}
}

func (d *difference) lists(path []string, live, wanted []any) {
	for i := range max(len(live), len(wanted)) {
		below := join(path, strconv.Itoa(i))
		switch {
		case i >= len(wanted):
			d.removed[text(live[i])]++
		case i >= len(live):
			d.added = append(d.added, edit{path: below, wanted: wanted[i], added: true})
		case d.descend(below, live[i], wanted[i]):
		case text(live[i]) != text(wanted[i]):
			d.removed[text(live[i])]++
			d.added = append(d.added, edit{path: below, live: live[i], wanted: wanted[i]})
		}
	}
}

// descend compares two maps or two lists, and answers false for any other pair.
func (d *difference) descend(path []string, live, wanted any) bool {
	switch l := live.(type) {
	case map[string]any:
		w, same := wanted.(map[string]any)
		if same {
			d.maps(path, l, w)
		}
		return same
	case []any:
		w, same := wanted.([]any)
		if same {
			d.lists(path, l, w)
		}
		return same
	}
	return false
}

// join returns a new path, because the elements of one map share their parent's.
func join(path []string, key string) []string {
	return append(slices.Clip(path), key)
}
