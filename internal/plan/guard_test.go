package plan_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

func TestGuards(t *testing.T) {
	for _, tc := range []struct {
		name             string
		guard            plan.Guard
		deletes, current int
		held             string
	}{
		{"a few deletes always pass", plan.MaxDeletes{Fraction: 0.1, AtLeast: 3}, 3, 3, ""},
		{"many deletes of very many pass", plan.MaxDeletes{Fraction: 0.1, AtLeast: 3}, 10, 100, ""},
		{"many deletes of few are held", plan.MaxDeletes{Fraction: 0.1, AtLeast: 3}, 11, 100, "11 of 100 would be deleted; more than 3 and more than 10% need approval"},
		{"every delete is held where none is allowed", plan.NeverDelete{}, 1, 100, "every delete needs approval"},
		{"no delete is not held", plan.NeverDelete{}, 0, 100, ""},
		{"deletes that leave enough pass", plan.KeepAtLeast(2), 8, 10, ""},
		{"deletes that leave too few are held", plan.KeepAtLeast(2), 9, 10, "1 would be left; fewer than 2 need approval"},
		{"the default lets ten pass", plan.DefaultGuard(), 10, 10, ""},
		{"the default holds eleven of eleven", plan.DefaultGuard(), 11, 11, "11 of 11 would be deleted; more than 10 and more than 25% need approval"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.held, tc.guard.Hold(tc.deletes, tc.current, 0))
			require.NotEmpty(t, tc.guard.Describe())
		})
	}
}

func raws(creates, deletes int) (changes []plan.Raw) {
	for i := range creates {
		changes = append(changes, plan.Raw{Head: plan.Head{Action: plan.Create, Key: fmt.Sprint("new", i)}})
	}
	for i := range deletes {
		changes = append(changes, plan.Raw{Head: plan.Head{Action: plan.Delete, Key: fmt.Sprint("old", i)}})
	}
	return changes
}

func TestEnforceHoldsOnlyTheDeletes(t *testing.T) {
	p, err := plan.Enforce(plan.MaxDeletes{AtLeast: 1}, plan.Plan{Changes: raws(2, 2), Current: 2, Desired: 2})
	require.NoError(t, err)
	require.Len(t, p.Changes, 2)
	require.Len(t, p.Held, 2)
	require.Equal(t, "old0", p.Held[0].Key)
	require.Contains(t, p.Held[0].Guard, "2 of 2 would be deleted")
	require.Equal(t, "2 to create, 0 to update, 0 to delete, 2 held for approval", p.Headline())
}

func TestFailureMode04_AnotherWayToCompareIsNotCarriedOutEverywhere(t *testing.T) {
	updates := func(n int) (changes []plan.Raw) {
		for i := range n {
			changes = append(changes, plan.Raw{Head: plan.Head{Action: plan.Update, Key: fmt.Sprint("item", i)}})
		}
		return changes
	}
	for _, tc := range []struct {
		name             string
		updates, current int
		held             bool
	}{
		{"all of a few items are updated", 100, 100, false},
		{"some of many items are updated", 500, 1000, false},
		{"most of many items wait for a person", 501, 1000, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := plan.Enforce(plan.NeverDelete{}, plan.Plan{Changes: append(raws(3, 0), updates(tc.updates)...), Current: tc.current})
			require.NoError(t, err)
			require.Equal(t, tc.held, len(p.Held) == tc.updates)
			require.Equal(t, tc.held, p.Digest != "")
			if tc.held {
				require.Len(t, p.Changes, 3, "what is missing is created all the same")
				require.Equal(t, "501 of 1000 would be updated; more than 100 and more than 50% need approval", p.Held[0].Guard)
			}
		})
	}
}

func TestEnforceDropsTheDeletesOfAFaultyState(t *testing.T) {
	p, err := plan.Enforce(plan.MaxDeletes{AtLeast: 10}, plan.Plan{Changes: raws(1, 2), Current: 2, Problems: []string{"quota x: no name"}})
	require.NoError(t, err)
	require.Empty(t, p.Digest)
	require.Len(t, p.Changes, 1)
	require.Empty(t, p.Held)
	require.Equal(t, []string{"quota x: no name", "2 deletes were left out, because the desired state has faults"}, p.Problems)
}

func TestEnforceLeavesAPlanWithoutDeletesAlone(t *testing.T) {
	p := plan.Plan{Changes: raws(3, 0), Problems: []string{"a fault"}}
	enforced, err := plan.Enforce(plan.NeverDelete{}, p)
	require.NoError(t, err)
	require.Equal(t, p, enforced)
}

func TestTheDigestIsThatOfTheHeldChanges(t *testing.T) {
	digest := func(changes []plan.Raw, current int) string {
		p, err := plan.Enforce(plan.NeverDelete{}, plan.Plan{Changes: changes, Current: current})
		require.NoError(t, err)
		return p.Digest
	}
	require.Len(t, digest(raws(0, 2), 2), 64)
	require.Equal(t, digest(raws(0, 2), 2), digest(raws(5, 2), 9), "what else is due does not matter")
	require.NotEqual(t, digest(raws(0, 2), 2), digest(raws(0, 3), 3))
	body := json.RawMessage(`{"role":"admin"}`)
	changed := raws(0, 2)
	changed[0].Current = &body
	require.NotEqual(t, digest(raws(0, 2), 2), digest(changed, 2), "the same items in another state are something else")
	require.Empty(t, digest(raws(3, 0), 2))
}

func TestMarkdown(t *testing.T) {
	p := plan.Plan{
		Changes:  []plan.Raw{{Head: plan.Head{Action: plan.Update, Summary: "update a|b", Reason: "cpu is 1,\nnot 2"}}},
		Held:     []plan.Held{{Raw: plan.Raw{Head: plan.Head{Action: plan.Delete, Summary: "delete c"}}, Guard: "too many"}},
		Problems: []string{"d has no name"},
		Desired:  3, Current: 4,
	}
	require.Equal(t, `**0 to create, 1 to update, 0 to delete, 1 held for approval** (3 desired, 4 current)

| change | reason |
|---|---|
| update a\|b | cpu is 1, not 2 |

Held for approval:
- delete c: too many

Problems:
- d has no name
`, p.Markdown())
	require.Equal(t, "**nothing to change** (0 desired, 0 current)\n", plan.Plan{}.Markdown())
	require.Contains(t, plan.Plan{Changes: raws(250, 0)}.Markdown(), "| … 50 more | |")
}

func TestArgs(t *testing.T) {
	args := plan.Args{"take-over": {"true"}, "cluster-name": {"a", "b"}, "internal": {"false"}, "thread-pool-size": {"7"}}
	require.True(t, args.Bool("take-over"))
	require.False(t, args.Bool("dry"))
	require.Equal(t, 7, args.Int("thread-pool-size"))
	require.Zero(t, args.Int("cluster-name"))
	require.False(t, *args.Tristate("internal"))
	require.Nil(t, args.Tristate("use-jump-host"))
	require.True(t, args.Allows("cluster-name", "b"))
	require.False(t, args.Allows("cluster-name", "c"))
	require.True(t, args.Allows("namespace-name", "anything"), "a filter that was not given lets everything pass")
	require.Equal(t, []string{"a", "b"}, args.Strings("cluster-name"))
}
