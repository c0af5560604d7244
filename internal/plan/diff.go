package plan

import (
	"fmt"
	"slices"
)

// Diff returns the changes that turn current into desired, and the problems that it found on the way.
//
//	desired  current  equal  change
//	yes      no              create
//	yes      yes      no     update
//	yes      yes      yes    none
//	no       yes             delete
//
// Creates and updates keep the order of desired within ascending waves; deletes come last, in the order of
// current within descending waves. An item that is desired twice is a problem: the first one counts.
func Diff[T Item[T]](desired, current []T) (changes []Change[T], problems []string) {
	live := make(map[string]*T, len(current))
	for i := range current {
		live[current[i].Key()] = &current[i]
	}
	wanted := make(map[string]bool, len(desired))
	var upserts, deletes []Change[T]
	for i := range desired {
		item := &desired[i]
		key := (*item).Key()
		if wanted[key] {
			problems = append(problems, fmt.Sprintf("%s is desired more than once; the first definition counts", title(*item)))
			continue
		}
		wanted[key] = true
		switch found := live[key]; {
		case found == nil:
			upserts = append(upserts, Change[T]{Head: head(Create, *item), Desired: item})
		case !(*item).Equal(*found):
			change := Change[T]{Head: head(Update, *item), Desired: item, Current: found}
			if explained, ok := any(*item).(Explained[T]); ok {
				change.Reason = explained.Explain(*found)
			}
			upserts = append(upserts, change)
		}
	}
	for i := range current {
		key := current[i].Key()
		if wanted[key] || live[key] != &current[i] {
			continue
		}
		deletes = append(deletes, Change[T]{Head: head(Delete, current[i]), Current: &current[i]})
	}
	slices.SortStableFunc(upserts, func(a, b Change[T]) int { return a.Wave - b.Wave })
	slices.SortStableFunc(deletes, func(a, b Change[T]) int { return b.Wave - a.Wave })
	return append(upserts, deletes...), problems
}

func head[T Item[T]](action Action, item T) Head {
	h := Head{Action: action, Key: item.Key(), Summary: string(action) + " " + title(item)}
	if ordered, ok := any(item).(Ordered); ok {
		h.Wave = ordered.Wave()
	}
	return h
}

func title[T Item[T]](item T) string {
	if titled, ok := any(item).(Titled); ok {
		return titled.Title()
	}
	return item.Key()
}
