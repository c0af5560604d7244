package plan_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// entry is an item of a difference vector. Numbers and booleans compare by value, as the reference's do.
type entry struct {
	key   string
	value any
	rule  string
}

func (e entry) Key() string { return e.key }

func (e entry) Equal(current entry) bool {
	switch e.rule {
	case "ci":
		return strings.EqualFold(fmt.Sprint(e.value), fmt.Sprint(current.value))
	case "ignore-extra":
		have, _ := current.value.(map[string]any)
		for key, want := range e.value.(map[string]any) {
			if got, ok := have[key]; !ok || !sameValue(want, got) {
				return false
			}
		}
		return true
	}
	return sameValue(e.value, current.value)
}

func sameValue(a, b any) bool {
	left, right := byValue(a), byValue(b)
	return fmt.Sprint(left) == fmt.Sprint(right) && fmt.Sprintf("%T", left) == fmt.Sprintf("%T", right)
}

func byValue(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return 1.0
		}
		return 0.0
	case json.Number:
		f, _ := v.Float64()
		return f
	}
	return v
}

func TestDifferVectors(t *testing.T) {
	vectors.Each(t, "differ", map[string]string{
		"df-ag-run-unknown-on": "actions are not registered by name, so none can be unknown",
	}, func(t require.TestingT, v vectors.Vector) {
		var kind struct {
			Kind string `json:"kind"`
		}
		require.NoError(t, vectors.Decode(v.Input, &kind))
		switch kind.Kind {
		case "mappings":
			checkMappings(t, v)
		case "iterables":
			checkIterables(t, v)
		case "aggregated":
			checkAggregated(t, v)
		default:
			require.Fail(t, "unknown kind "+kind.Kind)
		}
	})
}

func checkMappings(t require.TestingT, v vectors.Vector) {
	var in struct {
		Equal            string
		Current, Desired map[string]any
	}
	require.NoError(t, vectors.Decode(v.Input, &in))
	entries := func(m map[string]any) (items []entry) {
		for key, value := range m {
			items = append(items, entry{key, value, in.Equal})
		}
		return items
	}
	checkDifference(t, v, entries(in.Desired), entries(in.Current))
}

func checkIterables(t require.TestingT, v vectors.Vector) {
	var in struct {
		Equal, Key       string
		Current, Desired []map[string]any
	}
	require.NoError(t, vectors.Decode(v.Input, &in))
	entries := func(list []map[string]any) (items []entry) {
		for _, value := range list {
			items = append(items, entry{fmt.Sprint(value[in.Key]), value, in.Equal})
		}
		return items
	}
	checkDifference(t, v, entries(in.Desired), entries(in.Current))
}

func checkDifference(t require.TestingT, v vectors.Vector, desired, current []entry) {
	type pair struct {
		Current any `json:"current"`
		Desired any `json:"desired"`
	}
	var want struct {
		Add, Delete map[string]any
		Change      map[string]pair
	}
	require.NoError(t, vectors.Decode(v.Output, &want))
	add, remove, change := map[string]any{}, map[string]any{}, map[string]pair{}
	changes, _ := plan.Diff(desired, current)
	for _, c := range changes {
		switch c.Action {
		case plan.Create:
			add[c.Key] = c.Desired.value
		case plan.Update:
			change[c.Key] = pair{c.Current.value, c.Desired.value}
		case plan.Delete:
			remove[c.Key] = c.Current.value
		}
	}
	require.Equal(t, want.Add, add)
	require.Equal(t, want.Delete, remove)
	require.Equal(t, want.Change, change)
}

// checkAggregated maps the reference's groups of items to ours: one item for a group and one for each member.
func checkAggregated(t require.TestingT, v vectors.Vector) {
	require.False(t, v.Fails())
	var in struct{ Current, Desired [][2]any }
	require.NoError(t, vectors.Decode(v.Input, &in))
	var want struct {
		Diff map[string][]struct {
			Params any   `json:"params"`
			Items  []any `json:"items"`
		}
	}
	require.NoError(t, vectors.Decode(v.Output, &want))
	desired, current := members(t, in.Desired), members(t, in.Current)
	has := func(items []entry, key string) bool {
		for _, item := range items {
			if item.key == key {
				return true
			}
		}
		return false
	}
	got := map[string][]string{}
	changes, problems := plan.Diff(desired, current)
	require.Empty(t, problems)
	for _, c := range changes {
		group, member, _ := strings.Cut(c.Key, "\x00")
		list := "update-insert"
		switch {
		case c.Action == plan.Create && !has(current, group):
			list = "insert"
		case c.Action == plan.Delete && !has(desired, group):
			list = "delete"
		case c.Action == plan.Delete:
			list = "update-delete"
		}
		got[list] = append(got[list], group+" "+member)
	}
	for list, groups := range want.Diff {
		var wanted []string
		for _, group := range groups {
			params := text(t, group.Params)
			if list == "insert" || list == "delete" {
				wanted = append(wanted, params+" ")
			}
			for _, item := range group.Items {
				wanted = append(wanted, params+" "+text(t, item))
			}
		}
		require.ElementsMatch(t, wanted, got[list], list)
	}
}

func members(t require.TestingT, groups [][2]any) (items []entry) {
	seen := map[string]bool{}
	add := func(key string) {
		if !seen[key] {
			seen[key] = true
			items = append(items, entry{key: key})
		}
	}
	for _, group := range groups {
		params := text(t, group[0])
		add(params)
		list, ok := group[1].([]any)
		if !ok {
			list = []any{group[1]}
		}
		for _, item := range list {
			add(params + "\x00" + text(t, item))
		}
	}
	return items
}

func text(t require.TestingT, v any) string {
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}
