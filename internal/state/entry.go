package state

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Entry is what stands under a key. The zero Entry is a key that is not there.
type Entry struct {
	// Value is the body, as JSON; nil where the key is not there. A stored null is a value: Exists tells them apart.
	Value json.RawMessage
	// Metadata is kept beside the body and can be read without it (Store.Head). Its keys are lower case.
	Metadata map[string]string
}

// Exists says whether the key is there.
//
// Differs from the reference: a stored null exists, as it does for the reference's exists and head; within its
// transactions alone null counts as nothing.
func (e Entry) Exists() bool { return e.Value != nil }

// Decode stores the value in the variable that into points to, as json.Unmarshal does. An entry that is not there
// leaves it as it is, so that it keeps its default.
func (e Entry) Decode(into any) error {
	if !e.Exists() {
		return nil
	}
	if err := json.Unmarshal(e.Value, into); err != nil {
		return apierr.Errorf(apierr.Invalid, "the value does not fit: %w", err)
	}
	return nil
}

// With returns an entry with another value, and the metadata of this one.
func (e Entry) With(value any) (Entry, error) {
	body, err := encode(value)
	if err != nil {
		return Entry{}, err
	}
	return Entry{Value: body, Metadata: maps.Clone(e.Metadata)}, nil
}

// same says whether both entries have the same metadata and values that are the same JSON, however it is written.
func (e Entry) same(other Entry) bool {
	if e.Exists() != other.Exists() || !maps.Equal(e.Metadata, other.Metadata) {
		return false
	}
	if bytes.Equal(e.Value, other.Value) {
		return true
	}
	one, err := decode(e.Value)
	if err != nil {
		return false
	}
	two, err := decode(other.Value)
	return err == nil && reflect.DeepEqual(one, two)
}

// encode writes a value as JSON without escaping what only HTML needs escaped.
func encode(value any) (json.RawMessage, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the value cannot be written as JSON: %w", err)
	}
	return bytes.TrimSpace(text.Bytes()), nil
}

// decode reads JSON with numbers as they are written, so that large ones keep their digits.
func decode(body json.RawMessage) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
}

// checkMetadata refuses keys that cannot travel as the name of an HTTP header, which S3 stores them as.
func checkMetadata(metadata map[string]string) error {
	for key := range metadata {
		if key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
			return apierr.Errorf(apierr.Invalid, "metadata key %q: use lower case letters, digits, dashes, underscores and dots", key)
		}
	}
	return nil
}
