package state

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	// updateAttempts bounds how often Update starts over before it leaves that to its caller.
	updateAttempts = 20
	firstPause     = 5 * time.Millisecond
	longestPause   = 500 * time.Millisecond
)

// Update replaces the entry of a key by what change makes of it, unless another writer changed it meanwhile: then
// change is called again with what that one wrote, so that no change is lost. Old is the zero Entry where the key is not
// there. Returning old unchanged leaves the key as it is; an error of change ends the update and is returned as it is.
// Change must therefore do nothing but compute. After many lost races the error is Conflict.
//
// Update is at-least-once like every step: where the answer to a write is lost the error is Unavailable, and the
// caller's next Update finds either entry.
//
// In S3 the write is conditional on the ETag that was read (If-Match, If-None-Match), which takes part in body and not
// in metadata: a concurrent change of metadata alone is not seen. AWS honours the conditions, and so must other servers
// that speak its protocol. In a folder the comparison is of body and metadata, under a lock that all processes of one
// machine share; a folder on a network share is not safe.
//
// Differs from the reference: its transactions compare nothing, so that the last of two writers wins.
func (s *Store) Update(ctx context.Context, key string, change func(old Entry) (Entry, error)) error {
	b, err := s.openToWrite(ctx, "update", key)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		lost, err := s.tryUpdate(ctx, b, key, change)
		if !lost || attempt == updateAttempts {
			return err
		}
		if err := pause(ctx, attempt); err != nil {
			return s.failed("update", key, err)
		}
	}
}

// tryUpdate reads, changes and writes once. Lost says that another writer came in between.
func (s *Store) tryUpdate(ctx context.Context, b bucket, key string, change func(Entry) (Entry, error)) (lost bool, err error) {
	found, err := s.read(ctx, b, key)
	missing := apierr.Is(err, apierr.Missing)
	if err != nil && !missing {
		return false, err
	}
	old := found.entry()
	updated, err := change(old)
	if err != nil {
		return false, err
	}
	if old.same(updated) {
		return false, nil
	}
	if !updated.Exists() {
		err = apierr.Errorf(apierr.Invalid, "an update cannot take the value away: use Remove")
	} else if err = checkMetadata(updated.Metadata); err == nil {
		when := condition{absent: missing, version: found.version}
		err = b.write(ctx, s.path(key), object{body: updated.Value, metadata: updated.Metadata}, when)
	}
	err = s.failed("update", key, err)
	return apierr.Is(err, apierr.Conflict), err
}

// pause waits for a random time that grows with the attempts, so that writers that met do not meet again.
func pause(ctx context.Context, attempt int) error {
	timer := time.NewTimer(rand.N(min(longestPause, firstPause<<attempt)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
