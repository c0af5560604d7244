package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Tables are nested tables that hold secrets. Like a secret.Value they refuse to be printed or marshalled.
type Tables struct {
	path string
	root map[string]any
}

// Format never writes a value, whatever the verb.
func (t Tables) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret tables]")) }

// MarshalJSON fails: secrets have no serialised form.
func (t Tables) MarshalJSON() ([]byte, error) {
	return nil, errors.New("config: the secret tables of a configuration file cannot be serialised")
}

var _ json.Marshaler = Tables{}

// Field returns one value of the table that the path walks to, a/b for [a.b]. It is Missing, with the key or table to
// add, when it is not there.
func (t Tables) Field(path, field string) (secret.Value, error) {
	table, err := t.table(path)
	if err != nil {
		return secret.Value{}, err
	}
	raw, there := table[field]
	if !there {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "secret %s has no field %s: add the key %s to the table %s of %s", path, field, quoted(field), header(path), t.path)
	}
	text, ok := textOf(raw)
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Invalid, "field %s of secret %s is a table or a list: make %s in the table %s of %s a single value", field, path, quoted(field), header(path), t.path)
	}
	return secret.New(text), nil
}

// Fields returns all values of the table that the path walks to. Tables below it are secrets of their own and left out.
func (t Tables) Fields(path string) (map[string]secret.Value, error) {
	table, err := t.table(path)
	if err != nil {
		return nil, err
	}
	values := map[string]secret.Value{}
	for key, raw := range table {
		if _, nested := raw.(map[string]any); nested {
			continue
		}
		value, err := t.Field(path, key)
		if err != nil {
			return nil, err
		}
		values[key] = value
	}
	return values, nil
}

func (t Tables) table(path string) (map[string]any, error) {
	table := t.root
	for _, name := range strings.Split(path, "/") {
		next, ok := table[name].(map[string]any)
		if !ok {
			return nil, apierr.Errorf(apierr.Missing, "secret %s is not in the configuration file: add a table %s to %s", path, header(path), t.path)
		}
		table = next
	}
	return table, nil
}

// textOf is a single value as text. Numbers, booleans and times are written as TOML writes them.
func textOf(raw any) (string, bool) {
	switch value := raw.(type) {
	case string:
		return value, true
	case int64:
		return strconv.FormatInt(value, 10), true
	case float64:
		return strconv.FormatFloat(value, 'g', -1, 64), true
	case bool:
		return strconv.FormatBool(value), true
	case time.Time:
		return value.Format(time.RFC3339Nano), true
	default:
		return "", false
	}
}

// header is the line that opens the table of a secret path, for messages.
func header(path string) string {
	names := strings.Split(path, "/")
	for i, name := range names {
		names[i] = quoted(name)
	}
	return "[" + strings.Join(names, ".") + "]"
}

// quoted is a key as TOML wants it.
func quoted(key string) string {
	for _, r := range key {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' {
			return strconv.Quote(key)
		}
	}
	if key == "" {
		return `""`
	}
	return key
}
