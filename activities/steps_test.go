package activities_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/app-sre/qontract-temporal/activities"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

type bundles struct{ unknown bool }

func (b bundles) Pin(_ context.Context, sha string) (plan.Bundle, error) {
	return plan.Bundle{SHA: cmp.Or(sha, "abc")}, nil
}

func (b bundles) Admit(_ context.Context, integration string, _ plan.Bundle) error {
	if b.unknown {
		return apierr.New(apierr.Invalid, &appinterface.UnknownIntegrationError{Integration: integration})
	}
	return nil
}

// toggles are the names of those that are off.
type toggles []string

func (off toggles) Enabled(_ context.Context, toggle string, fallback bool) bool {
	return fallback && !slices.Contains(off, toggle)
}

// team is the item of the integration under test.
type team struct {
	Name string
	Size int
}

func (t team) Key() string          { return t.Name }
func (t team) Equal(live team) bool { return t == live }

// teams is an integration whose every answer a test sets.
type teams struct {
	desired    []team
	desiredErr error
	current    []team
	shards     []string
	apply      func(ctx context.Context, key string) error

	mu    sync.Mutex
	tried []string
}

func (r *teams) Desired(ctx context.Context, _ reconcile.Scope) ([]team, error) {
	if err := readonly.Check(ctx, "a write while reading"); err == nil {
		return nil, errors.New("reading may write")
	}
	return r.desired, r.desiredErr
}

func (r *teams) Current(_ context.Context, _ reconcile.Scope, desired []team) ([]team, error) {
	if len(desired) != len(r.desired) {
		return nil, fmt.Errorf("got %d desired items, not %d", len(desired), len(r.desired))
	}
	return r.current, nil
}

func (r *teams) Apply(ctx context.Context, _ reconcile.Scope, c plan.Change[team]) error {
	r.mu.Lock()
	r.tried = append(r.tried, c.Key)
	r.mu.Unlock()
	if err := readonly.Check(ctx, "PUT "+c.Key); err != nil {
		return err
	}
	if r.apply == nil {
		return nil
	}
	return r.apply(ctx, c.Key)
}

type shardedTeams struct{ *teams }

func (r shardedTeams) Shards(context.Context, reconcile.Scope) ([]string, error) {
	return r.shards, nil
}

// dueTeams knows that all scopes but one have nothing to do.
type dueTeams struct{ shardedTeams }

func (r dueTeams) Due(_ context.Context, _ reconcile.Scope, scopes []string) ([]string, error) {
	return scopes[1:], nil
}

func environment(steps reconcile.Steps, host activities.Host, params ...reconcile.Param) *testsuite.TestActivityEnvironment {
	return environmentOf(steps, host, reconcile.Definition{Params: params})
}

// environmentOf fills in what all definitions of these tests have.
func environmentOf(steps reconcile.Steps, host activities.Host, d reconcile.Definition) *testsuite.TestActivityEnvironment {
	suite := testsuite.WorkflowTestSuite{}
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&activities.Interceptor{}}})
	d.Name, d.Guard = "teams", plan.MaxDeletes{AtLeast: 1}
	d.Reads, d.Writes = []reconcile.System{reconcile.Quay}, []reconcile.System{reconcile.Quay}
	host.Register(env, d, steps)
	return env
}

func scope() plan.Scope {
	return plan.Scope{Integration: "teams", Args: plan.Args{"thread-pool-size": {"4"}}}
}

func batchOf(n int) (changes []plan.Raw) {
	for i := range n {
		body := json.RawMessage(fmt.Sprintf(`{"Name":"team-%d"}`, i))
		changes = append(changes, plan.Raw{Head: plan.Head{Action: plan.Create, Key: fmt.Sprintf("team-%d", i)}, Desired: &body})
	}
	return changes
}

func TestStatesPassThroughToThePlan(t *testing.T) {
	r := &teams{desired: []team{{"a", 1}, {"b", 2}}, desiredErr: reconcile.Problems{errors.New("team c has no name")}, current: []team{{"b", 3}, {"d", 1}, {"e", 1}}}
	env := environment(reconcile.Reconcile[team](r), activities.Host{Bundles: bundles{}})

	var desired, current json.RawMessage
	value, err := env.ExecuteActivity("teams/desired", scope())
	require.NoError(t, err)
	require.NoError(t, value.Get(&desired))
	value, err = env.ExecuteActivity("teams/current", scope(), desired)
	require.NoError(t, err)
	require.NoError(t, value.Get(&current))
	value, err = env.ExecuteActivity("teams/diff", scope(), desired, current)
	require.NoError(t, err)
	var p plan.Plan
	require.NoError(t, value.Get(&p))

	require.Equal(t, 2, p.Desired)
	require.Equal(t, 3, p.Current)
	require.Len(t, p.Changes, 2, "deletes are left out, since the desired state has a fault")
	require.Equal(t, "create a", p.Changes[0].Summary)
	require.JSONEq(t, `{"Name":"b","Size":2}`, string(*p.Changes[1].Desired))
	require.JSONEq(t, `{"Name":"b","Size":3}`, string(*p.Changes[1].Current))
	require.Equal(t, "team c has no name", p.Problems[0])
}

func TestOpen(t *testing.T) {
	flag := reconcile.Param{Name: "take-over", Type: reconcile.Bool, Default: "true", Help: "h"}
	for _, tc := range []struct {
		name   string
		host   activities.Host
		steps  reconcile.Steps
		in     workflows.Input
		opened workflows.Opened
		err    string
		kind   string
	}{
		{
			name: "an integration that is not split gets the bundle and the defaults", host: activities.Host{Bundles: bundles{}, Searchable: true},
			steps:  reconcile.Reconcile[team](&teams{}),
			opened: workflows.Opened{Bundle: plan.Bundle{SHA: "abc"}, Args: plan.Args{"take-over": {"true"}}, Searchable: true},
		},
		{
			name: "an integration that is split gets its scopes", host: activities.Host{Bundles: bundles{}},
			steps: reconcile.Reconcile[team](shardedTeams{&teams{shards: []string{"a", "b"}}}),
			in:    workflows.Input{Args: plan.Args{"take-over": {"false"}}, AnySchema: true},
			opened: workflows.Opened{
				Bundle: plan.Bundle{SHA: "abc", AnySchema: true}, Args: plan.Args{"take-over": {"false"}}, Sharded: true, Shards: []string{"a", "b"},
			},
		},
		{
			name: "scopes with nothing to do are left out where that is known", host: activities.Host{Bundles: bundles{}},
			steps:  reconcile.Reconcile[team](dueTeams{shardedTeams{&teams{shards: []string{"a", "b"}}}}),
			opened: workflows.Opened{Bundle: plan.Bundle{SHA: "abc"}, Args: plan.Args{"take-over": {"true"}}, Sharded: true, Shards: []string{"b"}},
		},
		{
			name: "a run may go unpinned", host: activities.Host{Bundles: bundles{}}, steps: reconcile.Reconcile[team](&teams{}),
			in: workflows.Input{Unpinned: true}, opened: workflows.Opened{Args: plan.Args{"take-over": {"true"}}},
		},
		{
			name: "one scope twice is refused", host: activities.Host{Bundles: bundles{}},
			steps: reconcile.Reconcile[team](shardedTeams{&teams{shards: []string{"a", "a"}}}), err: "the scope a is listed twice", kind: "Invalid",
		},
		{
			name: "an unknown flag is refused", host: activities.Host{Bundles: bundles{}}, steps: reconcile.Reconcile[team](&teams{}),
			in: workflows.Input{Args: plan.Args{"takeover": {"true"}}}, err: "teams has no flag --takeover; did you mean --take-over?", kind: "Invalid",
		},
		{
			name: "an integration whose toggle is off is skipped before app-interface is asked",
			host: activities.Host{Bundles: bundles{unknown: true}, Toggles: toggles{"teams"}, Searchable: true}, steps: reconcile.Reconcile[team](&teams{}),
			opened: workflows.Opened{
				Args: plan.Args{"take-over": {"true"}}, Searchable: true,
				Skipped: "the toggle teams is off in Unleash; switch it on to run the integration",
			},
		},
		{
			name: "toggles of others do not count", host: activities.Host{Bundles: bundles{}, Toggles: toggles{"team"}}, steps: reconcile.Reconcile[team](&teams{}),
			opened: workflows.Opened{Bundle: plan.Bundle{SHA: "abc"}, Args: plan.Args{"take-over": {"true"}}},
		},
		{
			name: "an integration that app-interface does not know is refused", host: activities.Host{Bundles: bundles{unknown: true}},
			steps: reconcile.Reconcile[team](&teams{}), err: "does not know the integration teams", kind: "UnknownIntegration",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			value, err := environment(tc.steps, tc.host, flag).ExecuteActivity("teams/open", tc.in)
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				var application *temporal.ApplicationError
				require.ErrorAs(t, err, &application)
				require.Equal(t, tc.kind, application.Type())
				require.True(t, application.NonRetryable())
				return
			}
			require.NoError(t, err)
			var opened workflows.Opened
			require.NoError(t, value.Get(&opened))
			require.Equal(t, tc.opened, opened)
		})
	}
}

func TestErrorsBecomeTemporals(t *testing.T) {
	for _, tc := range []struct {
		name      string
		err       error
		kind      string
		retried   bool
		nextDelay time.Duration
	}{
		{"invalid data is final", apierr.Errorf(apierr.Invalid, "bad"), "Invalid", false, 0},
		{"a denied call is final", apierr.Errorf(apierr.Denied, "no"), "Denied", false, 0},
		{"a guard is final", apierr.Errorf(apierr.Guard, "held"), "Guard", false, 0},
		{"an unavailable server is tried again", apierr.Errorf(apierr.Unavailable, "503"), "Unavailable", true, 0},
		{"throttling waits as long as the server asks", apierr.Throttled(7*time.Second, errors.New("429")), "Limited", true, 7 * time.Second},
		{"an unknown error is tried again", errors.New("boom"), "", true, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &teams{apply: func(context.Context, string) error { return tc.err }}
			env := environment(reconcile.Reconcile[team](r), activities.Host{Bundles: bundles{}})
			_, err := env.ExecuteActivity("teams/apply", scope(), batchOf(1))
			var application *temporal.ApplicationError
			require.ErrorAs(t, err, &application)
			require.Equal(t, tc.err.Error(), application.Message())
			require.Equal(t, tc.kind, application.Type())
			require.Equal(t, tc.retried, !application.NonRetryable())
			require.Equal(t, tc.nextDelay, application.NextRetryDelay())
		})
	}
}

func TestAPanicIsFinal(t *testing.T) {
	r := &teams{apply: func(context.Context, string) error { panic("no such field") }}
	env := environment(reconcile.Reconcile[team](r), activities.Host{Bundles: bundles{}})
	_, err := env.ExecuteActivity("teams/apply", scope(), batchOf(1))
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	require.True(t, application.NonRetryable())
	require.Contains(t, application.Message(), "panicked, which is a defect of the integration: no such field")
}

func TestABatchReportsWhatFailsForGood(t *testing.T) {
	r := &teams{apply: func(_ context.Context, key string) error {
		if key == "team-3" {
			return apierr.Errorf(apierr.Invalid, "team-3 is archived")
		}
		return nil
	}}
	env := environment(reconcile.Reconcile[team](r), activities.Host{Bundles: bundles{}})
	value, err := env.ExecuteActivity("teams/apply", scope(), batchOf(10))
	require.NoError(t, err)
	var applied workflows.Applied
	require.NoError(t, value.Get(&applied))
	require.Len(t, r.tried, 10)
	require.Equal(t, []workflows.ChangeFailure{{Key: "team-3", Kind: "Invalid", Message: "team-3 is archived"}}, applied.Failures)
}

func TestABatchIsTriedAgainForWhatMayPass(t *testing.T) {
	r := &teams{apply: func(_ context.Context, key string) error {
		switch key {
		case "team-2":
			return apierr.Errorf(apierr.Unavailable, "503")
		case "team-5":
			return apierr.Throttled(9*time.Second, errors.New("429"))
		}
		return nil
	}}
	env := environment(reconcile.Reconcile[team](r), activities.Host{Bundles: bundles{}})
	_, err := env.ExecuteActivity("teams/apply", scope(), batchOf(10))
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	require.Equal(t, 9*time.Second, application.NextRetryDelay(), "the longest delay that was asked for")
	require.Len(t, r.tried, 10, "one failure stops none of the others")
}

func TestABatchResumesAfterWhatIsDone(t *testing.T) {
	r := &teams{}
	env := environment(reconcile.Reconcile[team](r), activities.Host{Bundles: bundles{}})
	env.SetHeartbeatDetails(map[string]any{"progress": map[string]any{
		"applied":  []string{"team-0", "team-1"},
		"failures": []workflows.ChangeFailure{{Key: "team-2", Kind: "Invalid", Message: "archived"}},
	}})
	value, err := env.ExecuteActivity("teams/apply", scope(), batchOf(4))
	require.NoError(t, err)
	var applied workflows.Applied
	require.NoError(t, value.Get(&applied))
	require.Equal(t, []string{"team-3"}, r.tried)
	require.Equal(t, "team-2", applied.Failures[0].Key)
}

func TestOnlyFailedTriesCount(t *testing.T) {
	unavailable, invalid := apierr.Errorf(apierr.Unavailable, "503"), apierr.Errorf(apierr.Invalid, "bad")
	for _, tc := range []struct {
		name    string
		failed  int
		stopped bool
		err     error
		// counted is how many tries have failed as the next one is told; zero where there is none.
		counted int
	}{
		{name: "a step that failed four times is not tried after the fifth", failed: 4, err: unavailable},
		{name: "a step that failed three times is", failed: 3, err: unavailable, counted: 4},
		{name: "a step whose worker stops is tried elsewhere, however often it failed", failed: 4, stopped: true, err: unavailable, counted: 4},
		{name: "invalid data is final on a stopping worker too", failed: 1, stopped: true, err: invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &teams{apply: func(context.Context, string) error { return tc.err }}
			env := environment(reconcile.Reconcile[team](r), activities.Host{Bundles: bundles{}})
			env.SetHeartbeatDetails(map[string]any{"failures": tc.failed})
			stop := make(chan struct{})
			if tc.stopped {
				close(stop)
			}
			env.SetWorkerStopChannel(stop)
			beats := heartbeats(env)
			_, err := env.ExecuteActivity("teams/apply", scope(), batchOf(1))
			var application *temporal.ApplicationError
			require.ErrorAs(t, err, &application)
			require.Equal(t, tc.counted == 0, application.NonRetryable())
			if tc.counted > 0 {
				require.JSONEq(t, fmt.Sprintf(`{"failures": %d}`, tc.counted), beats.last(t))
			}
		})
	}
}

func TestABatchIsHandedOverWhenItsWorkerStops(t *testing.T) {
	stop := make(chan struct{})
	var stopping sync.Once
	r := &teams{apply: func(context.Context, string) error {
		stopping.Do(func() { close(stop) })
		return nil
	}}
	env := environment(reconcile.Reconcile[team](r), activities.Host{Bundles: bundles{}})
	env.SetWorkerStopChannel(stop)
	beats := heartbeats(env)
	_, err := env.ExecuteActivity("teams/apply", scope(), batchOf(50))
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	require.Equal(t, "the worker stops; another one applies the rest", application.Message())
	require.False(t, application.NonRetryable())
	require.Equal(t, time.Second, application.NextRetryDelay())
	require.Equal(t, temporal.ApplicationErrorCategoryBenign, application.Category())
	require.LessOrEqual(t, len(r.tried), 4, "no more than those that had begun")

	var noted struct {
		Progress struct{ Applied []string }
	}
	require.NoError(t, json.Unmarshal([]byte(beats.last(t)), &noted))
	require.ElementsMatch(t, r.tried, noted.Progress.Applied, "the next worker knows what is done")
}

// sentBeats are the heartbeats of an activity, as JSON.
type sentBeats struct{ sent []string }

func heartbeats(env *testsuite.TestActivityEnvironment) *sentBeats {
	b := &sentBeats{}
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var beat json.RawMessage
		if details.Get(&beat) == nil {
			b.sent = append(b.sent, string(beat))
		}
	})
	return b
}

func (b *sentBeats) last(t *testing.T) string {
	t.Helper()
	require.NotEmpty(t, b.sent)
	return b.sent[len(b.sent)-1]
}
