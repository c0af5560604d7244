// Package configfile reads secrets from the nested tables of config.toml. It stands in for Vault on installations
// whose app-interface settings say vault: false: the secret path a/b is the table [a.b], the field is its key.
package configfile

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Reader implements secret.Reader. A ref's version is ignored: the file holds one.
//
// Differs from the reference: the [graphql] and [vault] tables are no secrets that a datafile can name, or else
// anybody who may edit app-interface could have the credentials of Vault copied elsewhere.
type Reader struct{ tables config.Tables }

var _ secret.Reader = (*Reader)(nil)

// New reads from the given tables.
func New(tables config.Tables) *Reader { return &Reader{tables: tables} }

// Read returns the one field that ref names. Numbers and booleans are returned as text.
//
// Differs from the reference: the format base64 is honoured, as it is with Vault.
func (r *Reader) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	value, err := r.tables.Field(ref.Path, ref.Field)
	if err != nil {
		return secret.Value{}, err
	}
	return secret.Decode(ref, value)
}

// ReadAll returns all fields at the ref's path as they are, without decoding. Tables below the path are left out.
func (r *Reader) ReadAll(_ context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	return r.tables.Fields(ref.Path)
}
