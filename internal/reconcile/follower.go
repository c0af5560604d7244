package reconcile

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// Follower is a Reconciler some of whose changes are not done when they are made: a cluster's upgrade, a rollout. Each has a
// workflow of its own, <integration>/<scope>/<key>, which begins with the change and goes on when the run has ended. The
// definition says Follows.
//
// Advance and Skip are those of LongRunning. Advance is called for as long as the change goes on, when its bundle may be gone
// long since: the change has all that it needs, and it reads nothing from app-interface. A change that is Begun was made by an
// earlier call: what of it is gone by now was taken back, and is made again only where a person asks for another attempt.
type Follower[T plan.Item[T]] interface {
	Reconciler[T]
	// Follows says whether the change is such a one. It is pure.
	Follows(c plan.Change[T]) bool
	Advance(ctx context.Context, s Scope, c plan.Change[T], afresh bool) (plan.Stand, error)
	Skip(ctx context.Context, s Scope, c plan.Change[T]) error
}

// Approver is an integration some of whose changes a person has to approve, each by itself.
type Approver[T plan.Item[T]] interface {
	// Approval is why the change needs it, "" where it does not. It is pure.
	Approval(c plan.Change[T]) string
}

// mark notes which of the changes are followed, and which need approval.
func mark[T plan.Item[T]](r any, changes []plan.Change[T]) {
	follower, follows := r.(Follower[T])
	approver, approves := r.(Approver[T])
	for i, change := range changes {
		changes[i].Followed = follows && follower.Follows(change)
		if approves {
			changes[i].Approval = approver.Approval(change)
		}
	}
}
