// Package secret keeps the two halves of a secret apart: a Ref says where it is kept and may travel anywhere;
// a Value is the secret itself and refuses to be printed, formatted or marshalled.
package secret

import (
	"context"
	"errors"
	"fmt"
)

// Ref names one field of one secret, as app-interface's VaultSecret_v1 does. It holds nothing secret.
type Ref struct {
	Path    string `json:"path"`
	Field   string `json:"field"`
	Version *int   `json:"version,omitempty"`
	// Format is "base64" where the stored value is encoded, empty or "plain" where it is not.
	Format string `json:"format,omitempty"`
}

// String is the form used in messages: path#field, with the version where one is pinned.
func (r Ref) String() string {
	s := r.Path
	if r.Field != "" {
		s += "#" + r.Field
	}
	if r.Version != nil {
		s += fmt.Sprintf("@%d", *r.Version)
	}
	return s
}

// Reader reads secrets. Errors are apierr.Missing for a path or field that is not there and apierr.Denied for
// one that may not be read; they name the Ref and never a value.
type Reader interface {
	// Read returns the one field that ref names, decoded where its format says so.
	Read(ctx context.Context, ref Ref) (Value, error)
	// ReadAll returns all fields at the ref's path.
	ReadAll(ctx context.Context, ref Ref) (map[string]Value, error)
}

// redacted is what every attempt to show a Value gives.
const redacted = "[secret]"

var errSerialised = errors.New("secret: a value cannot be serialised; pass a secret.Ref instead")

// Value is a secret in clear. Only Reveal returns it. The text is behind a pointer, because fmt looks into structs
// without calling methods where a verb does not fit, and then shows the address alone.
type Value struct{ text *string }

// New wraps text as a secret.
func New(text string) Value { return Value{text: &text} }

// Reveal returns the secret, or "" for the zero Value. Call it where it is handed to the system it belongs to,
// nowhere else.
func (v Value) Reveal() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

// String never returns the secret.
func (v Value) String() string { return redacted }

// GoString never returns the secret.
func (v Value) GoString() string { return redacted }

// Format never writes the secret, whatever the verb.
func (v Value) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText fails: a secret has no serialised form.
func (v Value) MarshalText() ([]byte, error) { return nil, errSerialised }

// MarshalJSON fails: a secret has no serialised form.
func (v Value) MarshalJSON() ([]byte, error) { return nil, errSerialised }

// MarshalBinary fails: a secret has no serialised form.
func (v Value) MarshalBinary() ([]byte, error) { return nil, errSerialised }
