package sqlquery

import (
	"context"
	"encoding/json"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// done is what state has of a query whose objects are gone.
const done = "DONE"

// jobKey is metadata of a query's state, which the reference does not know, and jobEnded what it says of one whose Job was
// seen to end well.
const (
	jobKey   = "job"
	jobEnded = "ended"
)

// note is what state has of a query, in the reference's form: the time at which its objects were made, in seconds since
// 1970, and "DONE" when they are gone. The zero note is that of a query that was never made.
type note struct {
	since time.Time
	done  bool
	ended bool
}

func (n note) made() bool { return !n.since.IsZero() || n.done }

func readNote(name string, entry state.Entry) (note, error) {
	if !entry.Exists() {
		return note{}, nil
	}
	var text string
	if json.Unmarshal(entry.Value, &text) == nil && text == done {
		return note{done: true}, nil
	}
	var seconds float64
	if err := json.Unmarshal(entry.Value, &seconds); err != nil || seconds <= 0 && string(entry.Value) == "null" {
		return note{}, apierr.Errorf(apierr.Invalid, "state of %s, %s: it is neither a time in seconds nor %q; remove it with `starter state rm` to have the query run", Name, name, done)
	}
	return note{since: time.UnixMicro(int64(seconds * 1e6)), ended: entry.Metadata[jobKey] == jobEnded}, nil
}

// noted is what state has of a query.
func (r *reconciler) noted(ctx context.Context, name string) (note, error) {
	entry, err := r.state.Get(ctx, name)
	if apierr.Is(err, apierr.Missing) {
		return note{}, nil
	}
	if err != nil {
		return note{}, err
	}
	return readNote(name, entry)
}

// write notes a query in state.
func (r *reconciler) write(ctx context.Context, name string, n note) error {
	if n.done {
		return r.state.Set(ctx, name, done, nil)
	}
	var metadata map[string]string
	if n.ended {
		metadata = map[string]string{jobKey: jobEnded}
	}
	return r.state.Set(ctx, name, float64(n.since.UnixMicro())/1e6, metadata)
}
