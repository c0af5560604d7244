// Package earlyexit remembers the outcome of runs whose inputs decide it (extended early exit): while the inputs of a
// run are those of an earlier one that changed nothing, it need not be repeated. Entries are kept in the state of
// early-exit-cache, in the reference's layout.
package earlyexit

import (
	"encoding/json"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/deephash"
)

// Key says whose outcome an entry is. Its fields are all that tells entries apart.
type Key struct {
	Integration string
	// Version is the integration's; a new one starts over.
	Version string
	DryRun  bool
	// Shard is the account, cluster or other part that the run covers; "" for all of it.
	Shard string
	// Digest is that of everything that decides the run, as Digest makes it.
	Digest string
}

// Digest is the digest of a value that can be written as JSON: the desired state, with whatever else decides a run.
//
// Differs from the reference: in digests of extended early exit the order of lists counts, and repeated elements do. An
// entry that the reference wrote is therefore a miss, which costs one run.
func Digest(source any) (string, error) {
	sum, err := deephash.Of(source)
	if err != nil {
		return "", apierr.Errorf(apierr.Invalid, "digest of what decides a run: %w", err)
	}
	return sum.String(), nil
}

// DigestJSON is the digest of a value that is JSON already.
func DigestJSON(source json.RawMessage) (string, error) {
	value, err := deephash.Decode(source)
	if err != nil {
		return "", apierr.Errorf(apierr.Invalid, "what decides a run is not JSON: %w", err)
	}
	return deephash.Value(value, nil).String(), nil
}

// Path is the state key of the entry. No other function makes one, and two keys that differ never share an entry,
// except that a run that writes has one entry whatever the digest: the latest.
//
// Invalid are keys without integration, version or digest, and parts that would run into each other.
func (k Key) Path() (string, error) {
	for _, part := range []struct{ name, text string }{{"integration", k.Integration}, {"version", k.Version}, {"digest", k.Digest}} {
		if part.text == "" || strings.Contains(part.text, "/") {
			return "", apierr.Errorf(apierr.Invalid, "key of the early exit cache: the %s is %q: it must not be empty or have a slash", part.name, part.text)
		}
	}
	if k.Shard != strings.Trim(k.Shard, "/") || strings.Contains(k.Shard, "//") {
		return "", apierr.Errorf(apierr.Invalid, "key of the early exit cache: the shard is %q: it must not begin or end with a slash, or have two in a row", k.Shard)
	}
	mode, last := "no-dry-run", "latest"
	if k.DryRun {
		mode, last = "dry-run", k.Digest
	}
	parts := []string{k.Integration, k.Version, mode}
	if k.Shard != "" {
		parts = append(parts, k.Shard)
	}
	return strings.Join(append(parts, last), "/"), nil
}

// wet is the key of the run that writes.
func (k Key) wet() Key {
	k.DryRun = false
	return k
}
