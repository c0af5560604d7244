package survey_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/openshift/internal/survey"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

func TestWhoseFaultAnErrorIs(t *testing.T) {
	for name, tc := range map[string]struct {
		fails []apierr.Kind
		// fault and err say where the last failure ends up; asked is how often the cluster was.
		fault, err bool
		asked      int
	}{
		"a cluster that answers is asked once":               {asked: 1},
		"one that fails now and then is asked again":         {fails: []apierr.Kind{apierr.Unavailable, apierr.Unavailable}, asked: 3},
		"one that is down has a fault":                       {fails: []apierr.Kind{apierr.Unavailable, apierr.Unavailable, apierr.Unavailable, apierr.Unavailable, apierr.Unavailable}, fault: true, asked: 5},
		"one that denies has a fault at once":                {fails: []apierr.Kind{apierr.Denied}, fault: true, asked: 1},
		"one that asks for a pause has the step taken again": {fails: []apierr.Kind{apierr.Limited}, err: true, asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			fault, err := survey.Cluster(t.Context(), func(context.Context) error {
				asked++
				if asked <= len(tc.fails) {
					return apierr.Errorf(tc.fails[asked-1], "no")
				}
				return nil
			})
			require.Equal(t, tc.fault, fault != nil)
			require.Equal(t, tc.err, err != nil)
			require.Equal(t, tc.asked, asked)
		})
	}
}

func TestACancelledStepIsNoFaultOfACluster(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fault, err := survey.Cluster(ctx, func(context.Context) error {
		cancel()
		return apierr.Errorf(apierr.Unavailable, "broken off")
	})
	require.NoError(t, fault)
	require.Error(t, err)
}

func TestOneClusterThatIsDownLeavesTheOthersAlone(t *testing.T) {
	var read atomic.Int32
	faults, err := survey.Clusters(t.Context(), []appinterface.Cluster{{Name: "prod-1"}, {Name: "edge-1"}, {Name: "stage-1"}}, func(_ context.Context, c appinterface.Cluster) error {
		if c.Name == "edge-1" {
			return apierr.Errorf(apierr.Denied, "no")
		}
		read.Add(1)
		return nil
	})
	require.NoError(t, err)
	require.Len(t, faults, 1)
	require.ErrorContains(t, faults["edge-1"], "no")
	require.EqualValues(t, 2, read.Load())
}

func TestClustersThatAreStillBeingMadeAreLeftOut(t *testing.T) {
	made := appinterface.Cluster{Name: "prod-1", ServerURL: "https://prod-1.example", AutomationToken: &secret.Ref{Path: "creds/prod-1"}}
	require.Equal(t, []appinterface.Cluster{made}, survey.Reachable([]appinterface.Cluster{
		{Name: "new-1"}, made, {Name: "new-2", ServerURL: "https://new-2.example"}, {Name: "new-3", AutomationToken: &secret.Ref{}},
	}))
}

func TestJumpHostsAreUsedWithoutAFlag(t *testing.T) {
	require.True(t, survey.ByJumpHosts(plan.Scope{}).Args.Bool("use-jump-host"))
	given := plan.Scope{Args: plan.Args{"vault-output-path": {"out"}}}
	require.Equal(t, "out", survey.ByJumpHosts(given).Args.String("vault-output-path"))
	require.False(t, given.Args.Bool("use-jump-host"), "the run's own arguments stay as they are")
}
