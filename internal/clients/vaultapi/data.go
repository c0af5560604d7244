package vaultapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Data is the content of a secret: fields with values, mostly text, of which nothing but the names can be printed or
// marshalled. The fields are behind a pointer, because fmt looks into structs without calling methods where a verb does
// not fit.
type Data struct{ fields *map[string]any }

// Text makes the content of a secret from its fields.
func Text(fields map[string]secret.Value) Data {
	content := make(map[string]any, len(fields))
	for name, value := range fields {
		content[name] = value.Reveal()
	}
	return Data{&content}
}

// FromBase64 makes the content of a secret from fields in base64, as a Kubernetes Secret has them in data. A field that
// does not decode to text is Invalid.
func FromBase64(fields map[string]string) (Data, error) {
	content := make(map[string]any, len(fields))
	for name, encoded := range fields {
		text, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || !utf8.Valid(text) {
			return Data{}, apierr.Errorf(apierr.Invalid, "field %s is not text in base64: encode it once", name)
		}
		content[name] = string(text)
	}
	return Data{&content}, nil
}

// Equal says whether both have the same fields with the same values.
func (d Data) Equal(other Data) bool { return reflect.DeepEqual(d.content(), other.content()) }

// Fields are the values by name. What is not text is its JSON.
func (d Data) Fields() map[string]secret.Value {
	fields := make(map[string]secret.Value, len(d.content()))
	for name := range d.content() {
		fields[name], _ = d.Field(name)
	}
	return fields
}

// Field returns one value; ok is false where there is no such field.
func (d Data) Field(name string) (value secret.Value, ok bool) {
	raw, ok := d.content()[name]
	switch raw := raw.(type) {
	case nil:
		return secret.New(""), ok
	case string:
		return secret.New(raw), ok
	default:
		// It came as JSON and becomes JSON again.
		text, _ := json.Marshal(raw)
		return secret.New(string(text)), ok
	}
}

func (d Data) content() map[string]any {
	if d.fields == nil {
		return map[string]any{}
	}
	return *d.fields
}

// Format never writes a value, whatever the verb.
func (d Data) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret data]")) }

var errSerialised = errors.New("vaultapi: the content of a secret cannot be serialised")

// MarshalJSON fails: secrets have no serialised form.
func (d Data) MarshalJSON() ([]byte, error) { return nil, errSerialised }

// MarshalText fails: secrets have no serialised form.
func (d Data) MarshalText() ([]byte, error) { return nil, errSerialised }
