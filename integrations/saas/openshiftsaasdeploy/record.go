package openshiftsaasdeploy

import (
	"context"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/promotion"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// record is what the state has of the latest rollout of a target.
type record struct {
	Commit  string `json:"commit"`
	Outcome string `json:"outcome,omitempty"`
	Words   string `json:"words,omitempty"`
	// LastCommit is the one that was rolled out with success the last time.
	LastCommit string `json:"last_commit,omitempty"`
	// PreviousCommit is the one that was before that.
	PreviousCommit string `json:"previous_commit,omitempty"`

	// rollout is its key.
	rollout      string
	since, ended time.Time
}

// before is the commit that succeeded the last time beside one; empty for none.
func (r record) before(commit string) string {
	if r.LastCommit == commit {
		return r.PreviousCommit
	}
	return r.LastCommit
}

// The outcomes of rollouts.
const (
	succeeded = "success"
	failed    = "failure"
)

// The metadata of a record.
const (
	rolloutField = "rollout"
	sinceField   = "since"
	endedField   = "ended"
)

func recordKey(s reconcile.Scope, target string) string { return "rollouts/" + s.Name + "/" + target }

// recorded reads the record of a target; the zero record where there is none.
func (r *reconciler) recorded(ctx context.Context, s reconcile.Scope, target string) (record, error) {
	entry, err := r.memory.Get(ctx, recordKey(s, target))
	if apierr.Is(err, apierr.Missing) {
		return record{}, nil
	}
	if err != nil {
		return record{}, err
	}
	return decodeRecord(entry)
}

func decodeRecord(entry state.Entry) (record, error) {
	var made record
	if err := entry.Decode(&made); err != nil {
		return record{}, apierr.New(apierr.Invalid, err)
	}
	made.rollout = entry.Metadata[rolloutField]
	// A time that is not readable is long ago.
	made.since, _ = time.Parse(time.RFC3339Nano, entry.Metadata[sinceField])
	made.ended, _ = time.Parse(time.RFC3339Nano, entry.Metadata[endedField])
	return made, nil
}

// write replaces the record of a target by what change makes of it.
func (r *reconciler) write(ctx context.Context, s reconcile.Scope, target string, change func(old record) record) (record, error) {
	var made record
	err := r.memory.Update(ctx, recordKey(s, target), func(old state.Entry) (state.Entry, error) {
		before, err := decodeRecord(old)
		if err != nil {
			return old, err
		}
		made = change(before)
		entry, err := old.With(made)
		entry.Metadata = map[string]string{rolloutField: made.rollout, sinceField: made.since.UTC().Format(time.RFC3339Nano)}
		if !made.ended.IsZero() {
			entry.Metadata[endedField] = made.ended.UTC().Format(time.RFC3339Nano)
		}
		return entry, err
	})
	return made, err
}

// begin notes that a rollout is the latest one of its target.
func (r *reconciler) begin(ctx context.Context, s reconcile.Scope, rollout *Rollout) (record, error) {
	return r.write(ctx, s, rollout.Target, func(old record) record {
		return record{
			Commit: rollout.Commit, LastCommit: old.LastCommit, PreviousCommit: old.PreviousCommit, rollout: rollout.key(), since: r.now(),
		}
	})
}

// end publishes how a rollout ended and notes it.
func (r *reconciler) end(ctx context.Context, s reconcile.Scope, rollout *Rollout, outcome, words string) error {
	if err := r.publish(ctx, rollout, outcome == succeeded); err != nil {
		return err
	}
	// An attempt that is cut off finds the notes of a failure again.
	if outcome == succeeded {
		if err := r.forget(ctx, s, rollout.Target); err != nil {
			return err
		}
	}
	_, err := r.write(ctx, s, rollout.Target, func(old record) record {
		if old.rollout != rollout.key() {
			return old
		}
		old.Outcome, old.Words, old.ended = outcome, words, r.now()
		if outcome == succeeded && old.LastCommit != rollout.Commit {
			old.LastCommit, old.PreviousCommit = rollout.Commit, old.LastCommit
		}
		return old
	})
	return err
}

// failuresOf is where it is noted why objects of a target cannot be applied.
func failuresOf(s reconcile.Scope, target string) string { return "failures/" + s.Name + "/" + target }

// note notes for the rollout why an object cannot be applied.
func (r *reconciler) note(ctx context.Context, s reconcile.Scope, of membership, object *kubeapi.Object, why string) error {
	key := failuresOf(s, of.Target) + "/" + object.Kind + "/" + object.Name
	return r.memory.Set(ctx, key, why, map[string]string{rolloutField: of.Rollout})
}

// noted returns why objects of a rollout could not be applied, by kind and name.
func (r *reconciler) noted(ctx context.Context, s reconcile.Scope, rollout *Rollout) (map[string]string, error) {
	entries, err := r.memory.GetAll(ctx, failuresOf(s, rollout.Target))
	if err != nil {
		return nil, err
	}
	noted := map[string]string{}
	for key, entry := range entries {
		var why string
		if err := entry.Decode(&why); err != nil {
			return nil, apierr.New(apierr.Invalid, err)
		}
		if entry.Metadata[rolloutField] == rollout.key() {
			noted[key] = why
		}
	}
	return noted, nil
}

// forget removes the notes of what could not be applied to a target.
func (r *reconciler) forget(ctx context.Context, s reconcile.Scope, target string) error {
	entries, err := r.memory.GetAll(ctx, failuresOf(s, target))
	if err != nil {
		return err
	}
	for key := range entries {
		if err := r.memory.Remove(ctx, failuresOf(s, target)+"/"+key); err != nil && !apierr.Is(err, apierr.Missing) {
			return err
		}
	}
	return nil
}

// publish leaves the outcome of a rollout for those who promote by it.
func (r *reconciler) publish(ctx context.Context, rollout *Rollout, success bool) error {
	publication := promotion.Publication{
		Commit: rollout.Commit, SaasFile: rollout.SaasFile, TargetConfigHash: rollout.ConfigHash, Publisher: rollout.Publisher, Success: success,
	}
	for _, channel := range rollout.Channels {
		err := r.memory.Update(ctx, publication.Key(channel), func(old state.Entry) (state.Entry, error) {
			before, err := promotion.Decode(old.Value)
			if err != nil {
				return old, err
			}
			return old.With(publication.Next(before, r.now()))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
