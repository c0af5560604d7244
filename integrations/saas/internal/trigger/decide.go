package trigger

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
)

// Decision is what follows from a value.
type Decision int

// The decisions.
const (
	// Nothing leaves target and state as they are.
	Nothing Decision = iota
	// Store keeps the value in the state without deploying: the target is seen for the first time, and its configuration
	// deploys it.
	Store
	// Fire deploys the target. The value is kept once the deployment is certain to start.
	Fire
)

// Decide compares the value with what the state keeps; nothing or null where it keeps none. The error is Invalid where that is
// no JSON.
//
// Configurations fire at first sight too, and nulls in their maps do not count: a new field of app-interface's schema deploys
// nothing. A build counts once it ended, and deploys if it succeeded and its number is another one: a lower one follows a
// history that was cleared.
func (w Watch) Decide(stored []byte) (Decision, error) {
	var before any
	if len(stored) > 0 {
		value, err := pyjson.Decode(stored)
		if err != nil {
			return Nothing, apierr.Errorf(apierr.Invalid, "what the state keeps under %s is no JSON: delete it", w.Key)
		}
		before = value
	}
	switch w.Kind {
	case Configurations:
		if same(filled(before), filled(w.Value)) {
			return Nothing, nil
		}
		return Fire, nil
	case UpstreamJobs:
		return w.build(before), nil
	case MovingCommits, ContainerImages:
	}
	switch {
	case same(before, w.Value):
		return Nothing, nil
	case before == nil:
		return Store, nil
	}
	return Fire, nil
}

func (w Watch) build(before any) Decision {
	last, _ := w.Value.(pyjson.Object)
	result, _ := last.Get("result")
	switch {
	case result == nil || same(before, last):
		return Nothing
	case before == nil:
		return Store
	}
	known, _ := before.(pyjson.Object)
	old, _ := known.Get("number")
	number, _ := last.Get("number")
	if result == "SUCCESS" && !same(old, number) {
		return Fire
	}
	return Nothing
}

func same(one, other any) bool { return pyjson.Sorted().Text(one) == pyjson.Sorted().Text(other) }

// filled is a map without its nulls, and without those of the maps in it; lists keep theirs. Nothing is an empty map.
func filled(value any) any {
	fields, ok := value.(pyjson.Object)
	if !ok && value != nil {
		return value
	}
	kept := pyjson.Object{}
	for _, field := range fields {
		if field.Value == nil {
			continue
		}
		if _, deeper := field.Value.(pyjson.Object); deeper {
			field.Value = filled(field.Value)
		}
		kept = append(kept, field)
	}
	return kept
}

// ID identifies the deployment that a change of the value starts: a run that is killed between starting it and writing the
// state finds what it started. Previous is the value that the state keeps, empty where it keeps none, so that a value that comes
// back later is another change.
func (w Watch) ID(previous string) string {
	sum := sha256.Sum256([]byte(w.Key + "\n" + pyjson.Sorted().Text(w.Value) + "\n" + previous))
	return hex.EncodeToString(sum[:])[:20]
}
