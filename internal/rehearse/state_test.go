package rehearse_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// visits notes in the state that it was there, and counts up to three, with the faults that a test gives it.
type visits struct {
	set *clients.Set
	// eager writes while it reads, brittle takes "it is there already" for a failure, and careless counts once more on each
	// attempt.
	eager, brittle, careless bool
}

func (r *visits) definition() reconcile.Definition {
	return reconcile.Definition{
		Name: "test-visits", Summary: "Counts its visits.", Every: time.Hour,
		Reads: []reconcile.System{"aws"}, Writes: []reconcile.System{"aws"},
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			r.set = set
			return reconcile.Reconcile(r), nil
		},
	}
}

func (r *visits) store() *state.Store { return r.set.State("test-visits") }

func (r *visits) Desired(context.Context, reconcile.Scope) ([]note, error) {
	return []note{{"count"}, {"mark"}}, nil
}

func (r *visits) Current(ctx context.Context, _ reconcile.Scope, _ []note) ([]note, error) {
	if r.eager {
		if err := r.store().Set(readonly.Grant(ctx), "team/seen", true, nil); err != nil {
			return nil, err
		}
	}
	all, err := r.store().GetAll(ctx, "team")
	var found []note
	if all["mark"].Exists() {
		found = append(found, note{"mark"})
	}
	if string(all["count"].Value) == `{"times":3}` {
		found = append(found, note{"count"})
	}
	return found, err
}

type count struct {
	Times int `json:"times"`
}

func (r *visits) Apply(ctx context.Context, _ reconcile.Scope, c plan.Change[note]) error {
	if c.Key == "mark" {
		err := r.store().Add(ctx, "team/mark", "here", nil)
		if apierr.Is(err, apierr.Conflict) && !r.brittle {
			return nil
		}
		return err
	}
	return r.store().Update(ctx, "team/count", func(old state.Entry) (state.Entry, error) {
		var now count
		if err := old.Decode(&now); err != nil {
			return old, err
		}
		if r.careless {
			now.Times++
		} else {
			now.Times = 3
		}
		return old.With(now)
	})
}

const visitsCase = `A visit is noted.
-- run --
test-visits
-- estate/state/bucket.yaml --
other/key: [1, 2.5, 9007199254740993]
other/nothing: null
other/text: "0123"
test-visits/team/count: {times: 2}
-- plan --
applied
create count
create mark
-- after/state/bucket.yaml --
other/key:
- 1
- 2.5
- 9007199254740993
other/nothing: null
other/text: "0123"
test-visits/team/count:
  times: 3
test-visits/team/mark: here
`

func TestEachCallToTheStateFailsOnce(t *testing.T) {
	checks, err := rehearsed(t, (&visits{}).definition(), visitsCase)
	require.NoError(t, err)
	names := make([]string, 0, len(checks))
	for _, check := range checks {
		require.Empty(t, check.Fault, check.Name)
		names = append(names, check.Name)
	}
	const below = " /estate/state/test-visits/team/"
	for _, call := range []string{
		"HEAD /estate failing", "GET /estate failing", "GET" + below + "count failing",
		"PUT" + below + "count failing", "PUT" + below + "count losing its answer", "PUT" + below + "mark failing", "PUT" + below + "mark losing its answer",
	} {
		require.Contains(t, names, "the same end with "+call)
	}
}

func TestTheChecksFindWhatAnIntegrationDoesWrongInTheState(t *testing.T) {
	const put = "PUT /estate/state/test-visits/team/"
	for name, tc := range map[string]struct {
		integration visits
		fault, says string
		// innocent is a check that must not fail with it.
		innocent string
	}{
		"it writes while it reads": {
			visits{eager: true}, "a dry run writes nothing", put + "seen", "a comparison reads nothing but app-interface",
		},
		"it takes what it wrote itself for another's": {
			visits{brittle: true}, "the same end with " + put + "mark losing its answer", "it is there already", "the same end with " + put + "mark failing",
		},
		"it counts twice after a lost answer": {
			visits{careless: true}, "the same end with " + put + "count losing its answer", `"4"`, "the same end with " + put + "count failing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			faults := faultsOf(t, tc.integration.definition(), visitsCase)
			require.Contains(t, faults[tc.fault], tc.says)
			require.NotContains(t, faults, tc.innocent)
		})
	}
}

func TestACaseHasOneStateOrNone(t *testing.T) {
	before, rest, _ := strings.Cut(visitsCase, "-- estate/state/bucket.yaml --\n")
	estate, _, _ := strings.Cut(rest, "-- plan --")
	require.Empty(t, faultsOf(t, (&visits{}).definition(), failing(before+"-- plan --", "the case has no state: add estate/state/NAME.yaml")))

	_, err := rehearsed(t, (&visits{}).definition(), visitsCase+"-- estate/state/more.yaml --\n"+estate)
	require.ErrorContains(t, err, "a case has one file in estate/state, and this one has bucket and more: put them together")
	_, err = rehearsed(t, (&visits{}).definition(), strings.Replace(visitsCase, "other/text:", "text:", 1))
	require.ErrorContains(t, err, `state/bucket: estate: key "text": write it as INTEGRATION/KEY`)
}

func TestAStateThatDoesNotAnswerIsNotCalledByItsAddress(t *testing.T) {
	hanging := strings.Replace(visitsCase, "-- plan --", "-- unreachable --\nstate/bucket\n-- plan --", 1)
	require.Empty(t, faultsOf(t, (&visits{}).definition(), failing(hanging, "open the state in bucket estate at https://s3.amazonaws.com, "+
		"as the program says: cannot reach S3 at https://s3.amazonaws.com/estate: dial tcp s3.amazonaws.com: connect: connection refused")))
}
