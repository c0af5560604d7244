package plan_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

func update(key, desired, current string) plan.Raw {
	want, have := json.RawMessage(desired), json.RawMessage(current)
	return plan.Raw{Head: plan.Head{Action: plan.Update, Key: key, Summary: "update " + key}, Desired: &want, Current: &have}
}

func TestAMarkIsThatOfWhatAChangeDoes(t *testing.T) {
	mark := plan.Mark(update("a", `{"cpu":"1"}`, `{"cpu":"2"}`))
	require.Equal(t, mark, plan.Mark(update("a", `{"cpu":"1"}`, `{"cpu":"3"}`)), "whoever undoes it may leave another value each time")
	require.NotEqual(t, mark, plan.Mark(update("a", `{"cpu":"4"}`, `{"cpu":"2"}`)), "another value is wanted now")
	require.NotEqual(t, mark, plan.Mark(update("b", `{"cpu":"1"}`, `{"cpu":"2"}`)))
	require.NotEqual(t, plan.Mark(plan.Raw{Head: plan.Head{Action: plan.Create, Key: "a"}}), plan.Mark(plan.Raw{Head: plan.Head{Action: plan.Delete, Key: "a"}}))
}

func TestRecurringChanges(t *testing.T) {
	fought, once := update("fought", `1`, `2`), update("once", `1`, `2`)
	both := []string{plan.Mark(once), plan.Mark(fought)}
	for _, tc := range []struct {
		name           string
		earlier        [][]string
		reported, held bool
	}{
		{name: "a change that no run made before is made"},
		{name: "one that the last run made is made again", earlier: [][]string{both}},
		{name: "one that two runs made is reported", earlier: [][]string{both, {plan.Mark(fought)}}, reported: true},
		{name: "a run that had nothing to change ends the row", earlier: [][]string{{plan.Mark(fought)}, {}, both, both, both}},
		{
			name: "one that five runs made is held", held: true,
			earlier: [][]string{{plan.Mark(fought)}, {plan.Mark(fought)}, both, both, both},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := plan.HoldRecurring(plan.Plan{Changes: []plan.Raw{fought, once}}, tc.earlier)
			require.NoError(t, err)
			require.Equal(t, tc.held, p.Digest != "")
			require.Equal(t, map[string]string{"fought": plan.Mark(fought), "once": plan.Mark(once)}, p.Marks)
			if tc.held {
				require.Equal(t, []plan.Raw{once}, p.Changes)
				require.Equal(t, fought, p.Held[0].Raw)
				require.True(t, p.Held[0].Recurring)
				require.Contains(t, p.Held[0].Guard, "5 runs in a row made it")
				return
			}
			require.Equal(t, []plan.Raw{fought, once}, p.Changes)
			if !tc.reported {
				require.Empty(t, p.Recurring)
				return
			}
			require.Equal(t, "update fought", p.Recurring[0].Subject)
			require.Contains(t, p.Recurring[0].String(), "the last 2 runs made it too")
			require.Contains(t, p.Markdown(), "update fought: keeps coming back")
		})
	}
}
