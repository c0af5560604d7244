package earlyexit

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// Integration is the name under which state keeps the entries.
const Integration = "early-exit-cache"

// DefaultTTL is how long an outcome counts where nothing else is said.
const DefaultTTL = time.Hour

// The metadata of an entry, as the reference names it.
const (
	metaExpireAt = "expire-at"
	metaDigest   = "cache-source-digest"
	metaLatest   = "latest-cache-source-digest"
)

// Status says whether an entry answers for a run.
type Status string

// The statuses.
const (
	// Miss is for no entry, and for an entry of a run that writes with other inputs.
	Miss Status = "MISS"
	Hit  Status = "HIT"
	// Expired is for an entry whose time is over.
	Expired Status = "EXPIRED"
	// Stale is for a dry run's entry since which a run that writes had other inputs.
	Stale Status = "STALE"
)

// Value is the outcome of a run.
type Value struct {
	Payload json.RawMessage `json:"payload"`
	// LogOutput is what the run logged.
	LogOutput string `json:"log_output"`
	// AppliedCount is the number of changes that it applied, or would apply.
	AppliedCount int `json:"applied_count"`
}

// Head is what is known of an entry without reading it.
type Head struct {
	Status Status `json:"status"`
	// Latest is the digest of the latest run that wrote, "" where there was none.
	Latest string `json:"latestDigest"`
}

// Cache keeps the outcomes. It is safe for concurrent use.
type Cache struct {
	store *state.Store
	now   func() time.Time
}

// New returns the cache in the state of Integration. Now is the clock.
func New(store *state.Store, now func() time.Time) *Cache { return &Cache{store: store, now: now} }

// Head says whether the entry of the key answers for a run.
//
// Differs from the reference: an entry of the early exit cache whose metadata cannot be read is a miss. There the run ends
// with an error.
func (c *Cache) Head(ctx context.Context, k Key) (Head, error) {
	path, err := k.wet().Path()
	if err != nil {
		return Head{}, err
	}
	metadata, exists, err := c.store.Head(ctx, path)
	if err != nil {
		return Head{}, err
	}
	head := Head{Latest: metadata[metaDigest]}
	if k.DryRun {
		if path, err = k.Path(); err != nil {
			return Head{}, err
		}
		if metadata, exists, err = c.store.Head(ctx, path); err != nil {
			return Head{}, err
		}
	}
	head.Status = c.status(k, exists, metadata, head.Latest)
	return head, nil
}

func (c *Cache) status(k Key, exists bool, metadata map[string]string, latest string) Status {
	seconds, err := strconv.ParseInt(metadata[metaExpireAt], 10, 64)
	switch {
	case !exists, err != nil, metadata[metaDigest] != k.Digest:
		return Miss
	case !c.now().Before(time.Unix(seconds, 0)):
		return Expired
	case k.DryRun && metadata[metaLatest] != latest:
		return Stale
	}
	return Hit
}

// Get returns the entry of the key; Missing where there is none.
func (c *Cache) Get(ctx context.Context, k Key) (Value, error) {
	path, err := k.Path()
	if err != nil {
		return Value{}, err
	}
	found, err := c.store.Get(ctx, path)
	if err != nil {
		return Value{}, err
	}
	var value Value
	if err := found.Decode(&value); err != nil {
		return Value{}, err
	}
	return value, nil
}

// Set stores the outcome of a run, in place of an earlier one. Latest is the digest of the latest run that wrote as it
// was before the run (Head). An outcome with changes expires at once, so that the next run is a real one again.
func (c *Cache) Set(ctx context.Context, k Key, value Value, ttl time.Duration, latest string) error {
	path, err := k.Path()
	if err != nil {
		return err
	}
	if value.Payload == nil {
		value.Payload = json.RawMessage("null")
	}
	metadata := map[string]string{
		metaExpireAt: strconv.FormatInt(c.now().Add(lifetime(value, ttl)).Unix(), 10),
		metaDigest:   k.Digest,
		metaLatest:   latest,
	}
	// An outcome is no part of the estate: dry runs store theirs too.
	return c.store.Set(readonly.Grant(ctx), path, value, metadata)
}

// lifetime is how long an outcome counts.
func lifetime(value Value, ttl time.Duration) time.Duration {
	if value.AppliedCount > 0 {
		return 0
	}
	return ttl
}

// Delete removes the entry of the key; Missing where there is none.
func (c *Cache) Delete(ctx context.Context, k Key) error {
	path, err := k.Path()
	if err != nil {
		return err
	}
	return c.store.Remove(readonly.Grant(ctx), path)
}

// Run returns the outcome that is stored where the entry of the key answers for the run, with the status Hit. Else it
// runs, stores the outcome and returns it, with the status that made it run. What fails is not stored, so that it is
// tried again. An outcome that cannot be stored is no failure of the run: it is returned with the error.
func (c *Cache) Run(ctx context.Context, k Key, ttl time.Duration, run func(context.Context) (Value, error)) (Value, Status, error) {
	head, err := c.Head(ctx, k)
	if err != nil {
		return Value{}, "", err
	}
	if head.Status == Hit {
		value, err := c.Get(ctx, k)
		if !apierr.Is(err, apierr.Missing) {
			return value, Hit, err
		}
		head.Status = Miss
	}
	value, err := run(ctx)
	if err != nil {
		return Value{}, head.Status, err
	}
	return value, head.Status, c.Set(ctx, k, value, ttl, head.Latest)
}
