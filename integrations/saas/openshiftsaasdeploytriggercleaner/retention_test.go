package openshiftsaasdeploytriggercleaner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

var now = time.Date(2024, 4, 4, 0, 0, 0, 0, time.UTC)

// at is a run of this name that was made some hours ago.
func at(name string, hours int, ended bool) found {
	return found{Run: Run{Name: name}, created: now.Add(-time.Duration(hours) * time.Hour), ended: ended}
}

func TestWhatARetentionLetsGo(t *testing.T) {
	// Two runs for each of three days, not in their order.
	ended := []found{
		at("f-3rd", 60, true), at("a-1st", 12, true), at("b-1st", 15, true), at("d-2nd", 39, true), at("c-2nd", 36, true), at("e-3rd", 60, true),
	}
	going := []found{at("a", 12, false), at("b", 15, false), at("c", 36, true), at("d", 60, false)}
	for _, tc := range []struct {
		name string
		runs []found
		keep Retention
		gone []string
	}{
		{"one day", ended, Retention{Days: new(1)}, []string{"c-2nd", "d-2nd", "e-3rd", "f-3rd"}},
		{"two days", ended, Retention{Days: new(2)}, []string{"e-3rd", "f-3rd"}},
		{"many days", ended, Retention{Days: new(9)}, nil},
		{"a minimum that days exceed by one", ended, Retention{Days: new(1), Minimum: new(5)}, []string{"f-3rd"}},
		{"a minimum of three", ended, Retention{Days: new(1), Minimum: new(3)}, []string{"d-2nd", "e-3rd", "f-3rd"}},
		{"a minimum that days keep anyway", ended, Retention{Days: new(1), Minimum: new(1)}, []string{"c-2nd", "d-2nd", "e-3rd", "f-3rd"}},
		{"a minimum of more than there are", ended, Retention{Days: new(1), Minimum: new(9)}, nil},
		{"a minimum without days", ended, Retention{Minimum: new(4)}, []string{"e-3rd", "f-3rd"}},
		{"a maximum of one", ended, Retention{Days: new(1), Maximum: new(1)}, []string{"b-1st", "c-2nd", "d-2nd", "e-3rd", "f-3rd"}},
		{"a maximum that days undercut", ended, Retention{Days: new(1), Maximum: new(3)}, []string{"c-2nd", "d-2nd", "e-3rd", "f-3rd"}},
		{"a maximum that exceeds what days let go", ended, Retention{Days: new(2), Maximum: new(3)}, []string{"d-2nd", "e-3rd", "f-3rd"}},
		{"a maximum beside a minimum does not count", ended, Retention{Days: new(2), Minimum: new(1), Maximum: new(1)}, []string{"e-3rd", "f-3rd"}},
		{"a maximum without days keeps none", ended, Retention{Maximum: new(3)}, []string{"a-1st", "b-1st", "c-2nd", "d-2nd", "e-3rd", "f-3rd"}},
		{"zero is not set", ended, Retention{Days: new(2), Minimum: new(0), Maximum: new(0)}, []string{"e-3rd", "f-3rd"}},
		{"an age to the second", []found{at("a", 48, true)}, Retention{Days: new(2)}, []string{"a"}},
		{"those that go on exceed a maximum", going, Retention{Days: new(2), Maximum: new(1)}, []string{"c", "d"}},
		{"those that go on outlast a minimum without days", going, Retention{Minimum: new(1)}, []string{"c"}},
		{"no runs", nil, Retention{Maximum: new(1)}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.NoError(t, tc.keep.vet())
			var gone []string
			for _, run := range tc.keep.expired(tc.runs, now) {
				gone = append(gone, run.Name)
			}
			require.Equal(t, tc.gone, gone)
		})
	}
}

func TestARetentionThatMakesNoSenseIsRefused(t *testing.T) {
	for says, keep := range map[string]Retention{
		"set days, minimum or maximum":  {},
		"its retention would keep no":   {Days: new(0), Minimum: new(0)},
		"its retention has -1 for days": {Days: new(-1), Minimum: new(1)},
		"has -2 for minimum":            {Days: new(1), Minimum: new(-2)},
		"has -3 for maximum":            {Days: new(1), Maximum: new(-3)},
	} {
		err := keep.vet()
		require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		require.ErrorContains(t, err, says)
	}
}
