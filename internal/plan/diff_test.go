package plan_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// quota is an item as an integration has it.
type quota struct {
	Name string
	CPU  string
	Rank int
}

func (q quota) Key() string              { return q.Name }
func (q quota) Title() string            { return "ResourceQuota " + q.Name }
func (q quota) Wave() int                { return q.Rank }
func (q quota) Equal(current quota) bool { return q.CPU == current.CPU }
func (q quota) Explain(current quota) string {
	return fmt.Sprintf("cpu is %s, not %s", current.CPU, q.CPU)
}
func summaries[T any](c []plan.Change[T]) (s []string) {
	for _, change := range c {
		s = append(s, change.Summary)
	}
	return s
}

func TestDiff(t *testing.T) {
	for _, tc := range []struct {
		name             string
		desired, current []quota
		changes          []string
		problems         []string
	}{
		{name: "nothing wanted and nothing there"},
		{name: "what is as wanted is left alone", desired: []quota{{Name: "a", CPU: "1"}}, current: []quota{{Name: "a", CPU: "1"}}},
		{name: "what is missing is created", desired: []quota{{Name: "a"}}, changes: []string{"create ResourceQuota a"}},
		{name: "what differs is updated", desired: []quota{{Name: "a", CPU: "2"}}, current: []quota{{Name: "a", CPU: "1"}}, changes: []string{"update ResourceQuota a"}},
		{name: "what is not wanted is deleted", current: []quota{{Name: "a"}}, changes: []string{"delete ResourceQuota a"}},
		{
			name:    "deletes come last, whatever the order of the states",
			desired: []quota{{Name: "new"}, {Name: "kept", CPU: "2"}}, current: []quota{{Name: "old"}, {Name: "kept", CPU: "1"}},
			changes: []string{"create ResourceQuota new", "update ResourceQuota kept", "delete ResourceQuota old"},
		},
		{
			name:    "creates climb the waves and deletes descend them",
			desired: []quota{{Name: "child", Rank: 1}, {Name: "parent"}}, current: []quota{{Name: "oldParent"}, {Name: "oldChild", Rank: 1}},
			changes: []string{"create ResourceQuota parent", "create ResourceQuota child", "delete ResourceQuota oldChild", "delete ResourceQuota oldParent"},
		},
		{
			name:    "of two definitions of one item the first counts, and the second is a problem",
			desired: []quota{{Name: "a", CPU: "1"}, {Name: "a", CPU: "2"}}, current: []quota{{Name: "a", CPU: "1"}},
			problems: []string{"ResourceQuota a is desired more than once; the first definition counts"},
		},
		{
			name:    "an item that is listed twice is deleted once",
			current: []quota{{Name: "a"}, {Name: "a"}}, changes: []string{"delete ResourceQuota a"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			changes, problems := plan.Diff(tc.desired, tc.current)
			require.Equal(t, tc.changes, summaries(changes))
			require.Equal(t, tc.problems, problems)
		})
	}
}

func TestAChangeCarriesBothSidesAndItsReason(t *testing.T) {
	changes, _ := plan.Diff([]quota{{Name: "a", CPU: "2"}}, []quota{{Name: "a", CPU: "1"}})
	require.Len(t, changes, 1)
	require.Equal(t, plan.Head{Action: plan.Update, Key: "a", Summary: "update ResourceQuota a", Reason: "cpu is 1, not 2"}, changes[0].Head)
	require.Equal(t, "2", changes[0].Desired.CPU)
	require.Equal(t, "1", changes[0].Current.CPU)
}

func BenchmarkDiff(b *testing.B) {
	desired, current := make([]quota, 20_000), make([]quota, 20_000)
	for i := range desired {
		desired[i] = quota{Name: fmt.Sprintf("ns-%d/quota", i), CPU: "1"}
		current[i] = desired[i]
	}
	for b.Loop() {
		if changes, _ := plan.Diff(desired, current); len(changes) > 0 {
			b.Fatal("equal states differ")
		}
	}
}
