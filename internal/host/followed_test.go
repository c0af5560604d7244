package host_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// release is a version that a service is to have.
type release struct {
	Service string `json:"service"`
	Version string `json:"version"`
	// Careful asks for an approval, and Quick is there as soon as it is written down.
	Careful, Quick bool
}

func (r release) Key() string              { return r.Service }
func (r release) Equal(other release) bool { return r == other }
func (r release) Title() string            { return r.Service + " " + r.Version }

// releases rolls services out. The rollouts of a service are what the test says.
type releases struct {
	mu      sync.Mutex
	wanted  []release
	written map[string]release
	stands  map[string]func() (plan.Stand, error)
	// begun counts the calls that are to make a change.
	begun int
}

func newReleases(wanted ...release) *releases {
	return &releases{wanted: wanted, written: map[string]release{}, stands: map[string]func() (plan.Stand, error){}}
}

func (r *releases) say(service string, stand plan.Stand, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stands[service] = func() (plan.Stand, error) { return stand, err }
}

func (r *releases) want(wanted ...release) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wanted = wanted
}

func (r *releases) has(service string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.written[service].Version
}

func (r *releases) Desired(context.Context, reconcile.Scope) ([]release, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wanted, nil
}

func (r *releases) Current(context.Context, reconcile.Scope, []release) ([]release, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var current []release
	for _, written := range r.written {
		current = append(current, written)
	}
	return current, nil
}

func (r *releases) Apply(_ context.Context, _ reconcile.Scope, c plan.Change[release]) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.written[c.Key] = *c.Desired
	return nil
}

func (r *releases) Follows(c plan.Change[release]) bool { return c.Desired != nil && !c.Desired.Quick }

func (r *releases) Approval(c plan.Change[release]) string {
	if c.Desired != nil && c.Desired.Careful {
		return "the service asks for approval"
	}
	return ""
}

func (r *releases) Advance(_ context.Context, _ reconcile.Scope, c plan.Change[release], _ bool) (plan.Stand, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !c.Begun {
		r.begun++
	}
	r.written[c.Key] = *c.Desired
	if says := r.stands[c.Key]; says != nil {
		return says()
	}
	return plan.Done(), nil
}

func (r *releases) Skip(context.Context, reconcile.Scope, plan.Change[release]) error { return nil }

func (r *releases) definition() reconcile.Definition {
	return reconcile.Definition{
		Name: name, Summary: "Rolls services out.", Every: time.Hour, Follows: true,
		Reads: []reconcile.System{reconcile.Quay}, Writes: []reconcile.System{reconcile.Quay},
		Build: func(*clients.Set) (reconcile.Steps, error) { return reconcile.Reconcile(r), nil },
	}
}

// followed is the result of the workflow that follows a service, and its error.
func (i installation) followed(t *testing.T, service string) (*workflows.Result, error) {
	t.Helper()
	result := &workflows.Result{}
	err := i.GetWorkflow(t.Context(), workflows.FollowedID(name, "", service), "").Get(t.Context(), result)
	if failed := workflows.ResultOf(err); failed != nil {
		return failed, err
	}
	return result, err
}

func (i installation) decide(t *testing.T, service, message string) {
	t.Helper()
	handle, err := i.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflows.ApprovalID(name, "", service), UpdateName: message, WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{workflows.Decision{By: "dana", Comment: "see the plan"}},
	})
	require.NoError(t, err)
	require.NoError(t, handle.Get(t.Context(), nil))
}

func TestAChangeThatTakesItsTimeIsFollowedByAWorkflowThatOutlivesTheRun(t *testing.T) {
	r := newReleases(release{Service: "docs", Version: "v2", Quick: true}, release{Service: "shop", Version: "v2"})
	r.say("shop", plan.Waiting("2 of 5 pods are new"), nil)
	i := install(t, r, "")
	result, err := i.run(t)
	require.NoError(t, err)
	require.Equal(t, workflows.Waiting, result.Outcome)
	require.Equal(t, []string{"docs applied", "shop waiting: 2 of 5 pods are new"}, told(result))

	r.want(release{Service: "docs", Version: "v2", Quick: true}, release{Service: "shop", Version: "v3"})
	result, err = i.run(t)
	require.NoError(t, err)
	require.Equal(t, []string{"shop waiting: workflow " + name + "/shop follows it already"}, told(result), "one rollout at a time")

	r.say("shop", plan.Done(), nil)
	whole, err := i.followed(t, "shop")
	require.NoError(t, err)
	require.Equal(t, []string{"shop applied"}, told(whole))
	require.Equal(t, "v2", r.has("shop"))
	require.Equal(t, 1, r.begun, "it is made once, and looked at from then on")
	result, err = i.run(t)
	require.NoError(t, err)
	require.Equal(t, []string{"shop applied"}, told(result))
	require.Equal(t, "v3", r.has("shop"))
}

func TestWhatIsUnderWayIsFollowedThroughAnOutage(t *testing.T) {
	r := newReleases(release{Service: "shop", Version: "v2"})
	r.say("shop", plan.Waiting("2 of 5 pods are new"), nil)
	i := install(t, r, "")
	_, err := i.run(t)
	require.NoError(t, err)
	down := make(chan struct{})
	once := sync.OnceFunc(func() { close(down) })
	r.mu.Lock()
	r.stands["shop"] = func() (plan.Stand, error) {
		select {
		case <-down:
			return plan.Done(), nil
		default:
			once()
			return plan.Stand{}, apierr.Errorf(apierr.Unavailable, "the cluster does not answer")
		}
	}
	r.mu.Unlock()
	whole, err := i.followed(t, "shop")
	require.NoError(t, err)
	require.Equal(t, []string{"shop applied"}, told(whole))
}

func TestAChangeThatCannotBeBegunFailsTheRun(t *testing.T) {
	r := newReleases(release{Service: "docs", Version: "v2"}, release{Service: "shop", Version: "v2"})
	r.say("shop", plan.Stand{}, apierr.Errorf(apierr.Denied, "the token may not deploy"))
	i := install(t, r, "")
	result, err := i.run(t)
	require.ErrorContains(t, err, "create shop v2: the token may not deploy")
	require.Equal(t, []string{"docs applied", "shop failed: the token may not deploy"}, told(result))
	_, err = i.followed(t, "shop")
	require.ErrorContains(t, err, "the token may not deploy")
}

func TestACarefulChangeWaitsForAnApprovalOfItsOwn(t *testing.T) {
	r := newReleases(release{Service: "docs", Version: "v2"}, release{Service: "shop", Version: "v2", Careful: true}, release{Service: "bank", Version: "v2", Careful: true})
	i := install(t, r, "")
	result, err := i.run(t)
	require.NoError(t, err)
	require.Equal(t, workflows.Held, result.Outcome)
	require.Equal(t, []string{"docs applied"}, told(result))
	require.Len(t, result.Held, 2)
	require.Equal(t, "the service asks for approval", result.Held[0].Guard)
	require.Equal(t, workflows.ApprovalID(name, "", "shop"), result.Held[0].Approval)

	i.decide(t, "shop", workflows.ApproveMessage)
	var approved workflows.Approval
	require.NoError(t, i.GetWorkflow(t.Context(), workflows.ApprovalID(name, "", "shop"), "").Get(t.Context(), &approved))
	require.Equal(t, workflows.ApprovalApplied, approved.State)
	require.Equal(t, "dana", approved.Decision.By)
	_, err = i.followed(t, "shop")
	require.NoError(t, err)
	require.Equal(t, "v2", r.has("shop"))
	require.Empty(t, r.has("bank"), "an approval is of one change")

	i.decide(t, "bank", workflows.RejectMessage)
	require.NoError(t, i.GetWorkflow(t.Context(), workflows.ApprovalID(name, "", "bank"), "").Get(t.Context(), nil))
	rejected := i.GetWorkflow(t.Context(), workflows.ApprovalID(name, "", "bank"), "").GetRunID()
	result, err = i.run(t)
	require.NoError(t, err)
	require.Equal(t, workflows.Held, result.Outcome)
	require.Equal(t, rejected, i.GetWorkflow(t.Context(), workflows.ApprovalID(name, "", "bank"), "").GetRunID(), "nobody is asked again for what is rejected")
	require.Empty(t, r.has("bank"))

	r.want(release{Service: "docs", Version: "v2"}, release{Service: "shop", Version: "v2", Careful: true}, release{Service: "bank", Version: "v3", Careful: true})
	_, err = i.run(t)
	require.NoError(t, err)
	i.decide(t, "bank", workflows.ApproveMessage)
	require.NoError(t, i.GetWorkflow(t.Context(), workflows.ApprovalID(name, "", "bank"), "").Get(t.Context(), nil))
	require.Equal(t, "v3", r.has("bank"))
}

func TestAnApprovedChangeThatIsNoLongerDueIsNotMade(t *testing.T) {
	r := newReleases(release{Service: "shop", Version: "v2", Careful: true})
	i := install(t, r, "")
	_, err := i.run(t)
	require.NoError(t, err)
	r.want()
	i.decide(t, "shop", workflows.ApproveMessage)
	var approved workflows.Approval
	require.NoError(t, i.GetWorkflow(t.Context(), workflows.ApprovalID(name, "", "shop"), "").Get(t.Context(), &approved))
	require.Equal(t, workflows.ApprovalRefused, approved.State)
	require.Contains(t, approved.Reason, "the approved changes are no longer due")
	require.Empty(t, r.has("shop"))
}
