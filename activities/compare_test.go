package activities_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/activities"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/deephash"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// estate is what app-interface answers to each bundle, and what its integration does with it.
type estate struct {
	*teams
	bundles map[string]string
	shards  map[string][]string
	failing map[string]error
	// outside is what Desired reads besides.
	outside string
}

func (e estate) read(ctx context.Context, s reconcile.Scope) error {
	if err := e.failing[s.Bundle.SHA]; err != nil {
		return err
	}
	inputs.Note(ctx, func() inputs.Answer {
		return inputs.Answer{
			Query: "Teams", Request: "Teams", Data: json.RawMessage(e.bundles[s.Bundle.SHA]),
			Shape: &deephash.Shape{Fields: map[string]*deephash.Shape{"teams": {Unordered: true}}},
		}
	})
	return nil
}

func (e estate) Shards(_ context.Context, s reconcile.Scope) ([]string, error) {
	return e.shards[s.Bundle.SHA], nil
}

func (e estate) Desired(ctx context.Context, s reconcile.Scope) ([]team, error) {
	if e.outside != "" {
		// The step takes the refusal for nothing found.
		_ = inputs.Outside(ctx, e.outside)
	}
	return nil, errors.Join(e.read(ctx, s), e.desiredErr)
}

// sourced is an estate whose integration names its inputs itself.
type sourced struct{ estate }

func (e sourced) Source(ctx context.Context, s reconcile.Scope) error { return e.read(ctx, s) }

func TestFailureMode14_ARunIsSkippedOrLimitedOnlyWhereTheDataSaysSo(t *testing.T) {
	const (
		both    = `{"teams": [{"org": "a", "n": 1}, {"org": "b", "n": 1}]}`
		turned  = `{"teams": [{"org": "b", "n": 1}, {"org": "a", "n": 1}]}`
		otherA  = `{"teams": [{"org": "a", "n": 2}, {"org": "b", "n": 1}]}`
		onlyA   = `{"teams": [{"org": "a", "n": 1}]}`
		lost    = `{"teams": [{"n": 1}, {"org": "a", "n": 1}, {"org": "b", "n": 1}]}`
		foreign = `{"teams": [{"org": "c"}, {"org": "a", "n": 1}, {"org": "b", "n": 1}]}`
	)
	shards := map[string][]string{"base": {"a", "b"}, "head": {"a", "b"}}
	partition := &reconcile.Partition{Roots: map[string]string{"teams": "org"}, Flag: "org", Most: 1}
	for _, tc := range []struct {
		name       string
		base, head string
		shards     map[string][]string
		all        bool
		args       plan.Args
		partition  *reconcile.Partition
		change     func(*estate)
		asked      bool
		verdict    workflows.Verdict
		scopes     []string
		reason     string
	}{
		{name: "the same data needs no run", base: both, head: turned, verdict: workflows.RunNone, reason: "the desired state is the same in bundle base"},
		{name: "other data needs a run", base: both, head: otherA, all: true, verdict: workflows.RunAll, reason: "the desired state differs from bundle base"},
		{name: "only the affected scope runs", base: both, head: otherA, verdict: workflows.RunSome, scopes: []string{"a"}, reason: "only these scopes differ from bundle base: a"},
		{
			name: "a scope that is gone needs no run", base: both, head: onlyA, shards: map[string][]string{"base": {"a", "b"}, "head": {"a"}},
			verdict: workflows.RunSome, reason: "the run no longer covers b",
		},
		{
			name: "a scope that is new runs", base: onlyA, head: both, shards: map[string][]string{"base": {"a"}, "head": {"a", "b"}},
			verdict: workflows.RunSome, scopes: []string{"b"}, reason: "only these scopes differ from bundle base: b",
		},
		{name: "what belongs to no scope concerns all", base: both, head: lost, verdict: workflows.RunAll, reason: "what differs belongs to no scope: teams of query Teams"},
		{
			name: "what belongs to something that is no scope concerns all", base: both, head: foreign,
			verdict: workflows.RunAll, reason: "what differs belongs to c, which is no scope of the run",
		},
		{name: "too many scopes are all", base: `{"teams": []}`, head: both, verdict: workflows.RunAll, reason: "2 scopes are affected, more than the 1 that are run by themselves"},
		{name: "a run that names its scopes is left as it is", base: both, head: otherA, args: plan.Args{"org": {"a"}}, verdict: workflows.RunAll, reason: "--org names the scopes"},
		{name: "without a partition all scopes run", base: both, head: otherA, partition: &reconcile.Partition{}, verdict: workflows.RunAll, reason: "what differs belongs to no scope: teams of query Teams"},
		{
			name: "data that cannot be read in the base needs a run", base: both, head: both, change: func(e *estate) {
				e.failing = map[string]error{"base": apierr.Errorf(apierr.Invalid, "bundle base is no longer served")}
			},
			verdict: workflows.RunAll, reason: "the data of bundle base cannot be compared: bundle base is no longer served",
		},
		{
			name: "data that cannot be read in the head needs a run", base: both, head: both, change: func(e *estate) {
				e.failing = map[string]error{"head": apierr.Errorf(apierr.Denied, "no")}
			},
			verdict: workflows.RunAll, reason: "the data of bundle head cannot be compared: no",
		},
		{
			name: "faults of single items are in the data", base: both, head: both,
			change: func(e *estate) { e.desiredErr = reconcile.Problems{errors.New("team x has no name")} }, verdict: workflows.RunNone, reason: "the desired state is the same in bundle base",
		},
		{
			name: "an integration that reads something else needs a run, also where it does not mind", base: both, head: both, change: func(e *estate) { e.outside = "cluster prod-1" },
			verdict: workflows.RunAll, reason: "the data of bundle base cannot be compared: reading it needs cluster prod-1, which is no data of app-interface",
		},
		{
			name: "an integration that names its inputs itself is asked for them alone", base: both, head: both, change: func(e *estate) { e.outside = "cluster prod-1" }, asked: true,
			verdict: workflows.RunNone, reason: "the desired state is the same in bundle base",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := estate{teams: &teams{}, bundles: map[string]string{"base": tc.base, "head": tc.head}, shards: shards}
			if tc.shards != nil {
				e.shards = tc.shards
			}
			if tc.change != nil {
				tc.change(&e)
			}
			steps := reconcile.Reconcile[team](e)
			if tc.asked {
				steps = reconcile.Reconcile[team](sourced{e})
			}
			divided := partition
			if tc.partition != nil {
				divided = tc.partition
			}
			got, err := compare(steps, divided, tc.args, !tc.all)
			require.NoError(t, err)
			require.Equal(t, tc.verdict, got.Verdict)
			require.Equal(t, tc.reason, got.Reason)
			require.Equal(t, tc.scopes, got.Scopes)
			require.Equal(t, "base", got.Base)
			if tc.verdict == workflows.RunNone {
				require.Equal(t, got.BaseHash, got.HeadHash)
				require.Len(t, got.HeadHash, 64)
			} else if got.BaseHash != "" {
				require.NotEqual(t, got.BaseHash, got.HeadHash)
			}
		})
	}
}

func TestACompareIsTriedAgainForWhatMayPass(t *testing.T) {
	for _, bundle := range []string{"base", "head"} {
		e := estate{teams: &teams{}, bundles: map[string]string{"base": `{}`, "head": `{}`}, failing: map[string]error{bundle: apierr.Errorf(apierr.Unavailable, "503")}}
		e.shards = map[string][]string{"base": {"a"}, "head": {"a"}}
		_, err := compare(reconcile.Reconcile[team](e), nil, nil, false)
		require.ErrorContains(t, err, "503")
	}
}

func TestAValidatorIsComparedByWhatItsCheckReads(t *testing.T) {
	e := estate{teams: &teams{}, bundles: map[string]string{"base": `{"teams": []}`, "head": `{"teams": [1]}`}}
	got, err := compare(reconcile.Validate(validator{e}), nil, nil, false)
	require.NoError(t, err)
	require.Equal(t, workflows.RunAll, got.Verdict)
	e.bundles["head"] = e.bundles["base"]
	got, err = compare(reconcile.Validate(validator{e}), nil, nil, false)
	require.NoError(t, err)
	require.Equal(t, workflows.RunNone, got.Verdict)
}

type validator struct{ estate estate }

func (v validator) Check(ctx context.Context, s reconcile.Scope) ([]reconcile.Finding, error) {
	return []reconcile.Finding{{Severity: plan.SeverityError}}, v.estate.read(ctx, s)
}

// compare runs the step.
func compare(steps reconcile.Steps, partition *reconcile.Partition, args plan.Args, onlyAffected bool) (got workflows.Comparison, err error) {
	env := environmentOf(steps, activities.Host{Bundles: bundles{}}, reconcile.Definition{Partition: partition})
	scope := plan.Scope{Integration: "teams", Bundle: plan.Bundle{SHA: "head"}, Args: args}
	value, err := env.ExecuteActivity("teams/compare", scope, workflows.CompareWith{Base: "base", OnlyAffected: onlyAffected})
	if err != nil {
		return got, err
	}
	return got, value.Get(&got)
}

func TestOpenReadsTheBundleThatIsNamed(t *testing.T) {
	env := environment(reconcile.Reconcile[team](&teams{}), activities.Host{Bundles: bundles{}})
	value, err := env.ExecuteActivity("teams/open", workflows.Input{DryRun: true, Bundle: "head"})
	require.NoError(t, err)
	var opened workflows.Opened
	require.NoError(t, value.Get(&opened))
	require.Equal(t, "head", opened.Bundle.SHA)
	with := &workflows.CompareWith{Base: "base"}
	for _, tc := range []struct {
		in  workflows.Input
		err string
	}{
		{workflows.Input{Bundle: "head"}, "only a dry run can read a bundle other than the current one"},
		{workflows.Input{CompareWith: with}, "only a dry run can be compared with another bundle"},
		{workflows.Input{DryRun: true, CompareWith: &workflows.CompareWith{}}, "there is no sha of a bundle to compare with"},
		{workflows.Input{DryRun: true, Unpinned: true, CompareWith: with}, "a run that is not pinned to a bundle"},
		{workflows.Input{DryRun: true, Unpinned: true, Bundle: "head"}, "a run that is not pinned to a bundle"},
	} {
		_, err := env.ExecuteActivity("teams/open", tc.in)
		require.ErrorContains(t, err, tc.err)
	}
}
