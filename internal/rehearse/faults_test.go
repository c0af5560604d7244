package rehearse

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// callsOf makes calls in the order of the texts, one a second. A capital letter is a write.
func callsOf(at time.Time, names string) []fault.Call {
	var calls []fault.Call
	for i, name := range names {
		call := fault.Call{Method: "GET", Path: "/" + string(name), At: at.Add(time.Duration(i) * time.Second)}
		if name < 'a' {
			call.Method, call.Write = "PATCH", true
		}
		calls = append(calls, call)
	}
	return calls
}

func TestEveryCallFailsOnceInSomeRun(t *testing.T) {
	began := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for name, calls := range map[string][][]fault.Call{
		"no call":                              {nil},
		"one call":                             {callsOf(began, "a")},
		"a few different calls":                {callsOf(began, "abcdefgh")},
		"a call that is repeated":              {callsOf(began, "abcabcabcabc")},
		"writes, which also lose their answer": {callsOf(began, "abABCDEFG")},
		"several places that use equal paths":  {callsOf(began, "abcdab"), callsOf(began, "abAB"), callsOf(began.Add(time.Minute), "aaA")},
	} {
		t.Run(name, func(t *testing.T) {
			wanted := map[string]int{}
			for place, calls := range calls {
				for n, call := range calls {
					wanted[fmt.Sprintf("%d/%d failing", place, n+1)]++
					if call.Write {
						wanted[fmt.Sprintf("%d/%d losing its answer", place, n+1)]++
					}
				}
			}
			found := map[string]int{}
			for _, group := range grouped(allFaults(calls)) {
				require.LessOrEqual(t, len(group), faultsAtOnce)
				require.True(t, slices.IsSortedFunc(group, func(a, b oneFault) int { return a.call.At.Compare(b.call.At) }))
				for i, f := range group {
					require.Equal(t, calls[f.place][f.number-1], f.call)
					require.True(t, i == 0 || f.first, "a repeated call is found by its number, which nothing may have changed")
					for _, other := range group[:i] {
						require.False(t, other.place == f.place && other.call.Same(f.call), "one call fails twice in one run")
					}
					how := "failing"
					if f.failure.AfterEffect {
						how = "losing its answer"
					}
					found[fmt.Sprintf("%d/%d %s", f.place, f.number, how)]++
				}
			}
			require.Equal(t, wanted, found)
		})
	}
}

func TestFailuresOfOneRunLieApart(t *testing.T) {
	groups := grouped(allFaults([][]fault.Call{callsOf(time.Now(), "abcdefghijkl")}))
	require.Len(t, groups, 3)
	for _, group := range groups {
		require.Len(t, group, 4)
		for i := 1; i < len(group); i++ {
			require.GreaterOrEqual(t, group[i].number-group[i-1].number, 2)
		}
	}
}

func TestFewRunsMeetAllFailures(t *testing.T) {
	for calls, runs := range map[string]int{
		"abcdefghijklmnop": 4,
		"aaaabcdefghijklm": 4,
		"abcdefghijklmaaa": 7,
		"aAbBcCdDeEfFgGhH": 6,
	} {
		t.Run(calls, func(t *testing.T) {
			require.Len(t, grouped(allFaults([][]fault.Call{callsOf(time.Now(), calls)})), runs)
		})
	}
}
