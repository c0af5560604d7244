package config

import (
	"errors"

	"github.com/BurntSushi/toml"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// section is a top-level table whose keys we know. It remembers the first value of the wrong type.
type section struct {
	path, name string
	there      bool
	values     map[string]any
	failed     *error
}

func readSection(path string, tables map[string]any, name string) (section, error) {
	s := section{path: path, name: name, failed: new(error)}
	raw, there := tables[name]
	if !there {
		return s, nil
	}
	values, ok := raw.(map[string]any)
	if !ok {
		return s, apierr.Errorf(apierr.Invalid, "configuration file %s: %s is not a table: write [%s] on a line of its own, with its keys below", path, name, name)
	}
	s.there, s.values = true, values
	return s, nil
}

// text returns the value of a key; empty where the key is not there.
func (s section) text(key string) string {
	raw, there := s.values[key]
	if !there {
		return ""
	}
	text, ok := raw.(string)
	if !ok && *s.failed == nil {
		*s.failed = s.errorf(key, "is not text: put its value in quotes")
	}
	return text
}

func (s section) err() error { return *s.failed }

func (s section) errorf(key, problem string) error {
	return apierr.Errorf(apierr.Invalid, "configuration file %s: %s in the [%s] table %s", s.path, key, s.name, problem)
}

// syntaxError says where the file is not TOML. The parser's own message may quote what stands there, which may be a
// secret, and is left out.
func syntaxError(path string, err error) error {
	var at toml.ParseError
	if !errors.As(err, &at) {
		return apierr.Errorf(apierr.Invalid, "configuration file %s is not TOML", path)
	}
	where := ""
	if at.LastKey != "" {
		where = " (at or after the key " + at.LastKey + ")"
	}
	return apierr.Errorf(apierr.Invalid, "configuration file %s is not TOML: see line %d%s for a missing quote, bracket or equals sign, or a key given twice", path, at.Position.Line, where)
}
