package openshiftsaasdeploy

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs/jobstest"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/promotion"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

// world is a cluster with a Job that a rollout waits for.
type world struct {
	*reconciler
	*jobstest.Kubelet
	t     *testing.T
	clock time.Time
	scope reconcile.Scope
}

func newWorld(t *testing.T) *world {
	t.Helper()
	folder := t.TempDir()
	w := &world{t: t, Kubelet: jobstest.New(t), clock: time.Date(2031, 3, 14, 8, 0, 0, 0, time.UTC), scope: reconcile.Scope{Integration: Name, Name: "cart/prod"}}
	store := state.New(state.Options{Getenv: func(name string) string {
		if name == state.EnvURL {
			return "file://" + folder
		}
		return ""
	}})
	w.reconciler = &reconciler{
		connect: func(context.Context, reconcile.Scope, appinterface.Cluster, bool) (*kubeapi.Client, error) {
			return w.Client, nil
		},
		memory: store.Store(Name),
		now:    func() time.Time { return w.clock },
	}
	return w
}

func (w *world) ctx() context.Context { return readonly.Grant(w.t.Context()) }

// job is an object that waits until it has succeeded.
func (w *world) job(name string) *kubeapi.Object {
	return &kubeapi.Object{Cluster: "prod-1", Namespace: jobstest.Namespace, Kind: "Job.batch", Name: name, Body: map[string]any{
		"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": name},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
			"restartPolicy": "Never", "containers": []any{map[string]any{"name": "a", "image": "quay.io/acme/cart:1"}},
		}}},
	}}
}

// change rolls a commit out whose parts are objects.
func (w *world) change(commit string, objects ...*kubeapi.Object) plan.Change[Item] {
	rollout := &Rollout{
		SaasFile: "cart", Target: "api/prod-1/shop", Template: "api", Cluster: appinterface.Cluster{Name: "prod-1"}, Namespace: jobstest.Namespace,
		Commit: commit, ConfigHash: "0123456789abcdef", Publisher: "uid", Channels: []string{"prod"}, Seconds: 3600,
	}
	for _, object := range objects {
		hash, err := kubeapi.Hash(object.Body)
		require.NoError(w.t, err)
		rollout.Parts = append(rollout.Parts, part{Kind: object.Kind, Name: object.Name, Hash: hash})
	}
	rollout.Digest = rollout.digest()
	return plan.Change[Item]{Head: plan.Head{Key: rollout.key()}, Desired: &Item{Rollout: rollout}}
}

func (w *world) apply(object *kubeapi.Object) {
	w.t.Helper()
	require.NoError(w.t, w.Client.Apply(w.ctx(), (&Rollout{SaasFile: "cart"}).owner(), *object))
}

func (w *world) publication(publisher, commit string) *promotion.Data {
	w.t.Helper()
	data, err := w.published(w.t.Context(), promotion.Key("prod", publisher, commit))
	require.NoError(w.t, err)
	return data
}

func (w *world) advance(c plan.Change[Item]) (plan.Stand, error) {
	return w.Advance(w.ctx(), w.scope, c, false)
}

func TestARolloutIsPublishedWhenItsObjectsAreRealised(t *testing.T) {
	w := newWorld(t)
	job := w.job("migrate")
	c := w.change(commit, job)
	stand, err := w.advance(c)
	require.NoError(t, err)
	require.Equal(t, plan.PhaseWaiting, stand.Phase)
	require.Equal(t, "Job.batch migrate is not applied yet", stand.Words)
	require.Equal(t, pace, stand.Within)

	w.apply(job)
	require.NoError(t, w.note(w.ctx(), w.scope, membership{Target: c.Desired.Rollout.Target, Rollout: c.Desired.Rollout.key()}, job, "an earlier attempt"))
	c.Begun = true
	stand, err = w.advance(c)
	require.NoError(t, err)
	require.Equal(t, plan.PhaseWaiting, stand.Phase)
	require.Nil(t, w.publication("uid", commit))

	w.Ended("migrate", true)
	for range 2 {
		stand, err = w.advance(c)
		require.NoError(t, err)
		require.Equal(t, plan.PhaseDone, stand.Phase)
	}
	noted, err := w.memory.GetAll(t.Context(), "failures")
	require.NoError(t, err)
	require.Empty(t, noted)
	data := w.publication("uid", commit)
	require.True(t, data.Success)
	require.Equal(t, "0123456789abcdef", *data.TargetConfigHash)
	latest, err := w.recorded(t.Context(), w.scope, "api/prod-1/shop")
	require.NoError(t, err)
	require.Equal(t, succeeded, latest.Outcome)
	require.Equal(t, commit, latest.LastCommit)
}

func TestARolloutThatFailsIsPublishedAsFailure(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		happen     func(w *world, c *plan.Change[Item], job *kubeapi.Object)
	}{
		{"a Job that fails", "the job has failed", func(w *world, _ *plan.Change[Item], job *kubeapi.Object) {
			w.apply(job)
			w.Ended("migrate", false)
		}},
		{"its time is over", "it is not done after 1h0m0s: Job.batch migrate", func(w *world, _ *plan.Change[Item], job *kubeapi.Object) {
			w.apply(job)
			w.clock = w.clock.Add(time.Hour + time.Second)
		}},
		{"an object that the run could not apply", "Job.batch migrate: refused by the cluster", func(w *world, c *plan.Change[Item], _ *kubeapi.Object) {
			of := membership{Target: c.Desired.Rollout.Target, Rollout: c.Desired.Rollout.key()}
			require.NoError(w.t, w.note(w.ctx(), w.scope, of, w.job("migrate"), "refused by the cluster"))
		}},
		{"a fault that was found before", "uses Secret nowhere", func(_ *world, c *plan.Change[Item], _ *kubeapi.Object) {
			c.Desired.Rollout.Faults = []string{"Deployment api uses Secret nowhere"}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			job := w.job("migrate")
			c := w.change(commit, job)
			_, err := w.advance(c)
			require.NoError(t, err)
			c.Begun = true
			tc.happen(w, &c, job)
			_, err = w.advance(c)
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			require.ErrorContains(t, err, tc.want)
			require.False(t, w.publication("uid", commit).Success)
			_, err = w.advance(c)
			require.ErrorContains(t, err, tc.want, "an attempt that was cut off comes to the same end")
		})
	}
}

func TestARolloutEndsWhenAnotherOneFollowsIt(t *testing.T) {
	w := newWorld(t)
	const next = "89abcdef0123456789abcdef0123456789abcdef"
	older, newer := w.change(commit, w.job("migrate")), w.change(next, w.job("migrate"))
	for _, c := range []plan.Change[Item]{older, newer} {
		_, err := w.advance(c)
		require.NoError(t, err)
	}
	older.Begun, newer.Begun = true, true
	w.apply(w.job("migrate"))
	w.Ended("migrate", true)
	stand, err := w.advance(older)
	require.NoError(t, err)
	require.Equal(t, plan.Stand{Phase: plan.PhaseDone, Words: "superseded by the rollout of 89abcde"}, stand)
	require.Nil(t, w.publication("uid", commit))
	_, err = w.advance(newer)
	require.NoError(t, err)
	require.True(t, w.publication("uid", next).Success)
}

func TestARolloutCannotBeSkipped(t *testing.T) {
	w := newWorld(t)
	require.True(t, apierr.Is(w.Skip(t.Context(), w.scope, w.change(commit)), apierr.Invalid))
}
