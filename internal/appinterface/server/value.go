package server

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// A datafile's value is nil, bool, float64, string, []any or *object. Objects keep the order of their keys, since
// fields of type JSON are answered as text and must read as qontract-server writes them.
type object struct {
	keys   []string
	values map[string]any
}

func newObject() *object { return &object{values: map[string]any{}} }

// get returns the value of a key; a nil object has none.
func (o *object) get(key string) (any, bool) {
	if o == nil {
		return nil, false
	}
	value, ok := o.values[key]
	return value, ok
}

// text returns the value of a key where it is a string, else "".
func (o *object) text(key string) string {
	value, _ := o.get(key)
	s, _ := value.(string)
	return s
}

// set adds or replaces a key. A replaced key keeps its place.
func (o *object) set(key string, value any) {
	if _, known := o.values[key]; !known {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

// reference returns the path that the object refers to. An object is a reference when $ref is its only key.
func (o *object) reference() (string, bool) {
	if o == nil || len(o.keys) != 1 {
		return "", false
	}
	path, ok := o.values["$ref"].(string)
	return path, ok
}

// String names the object in graphql-go's messages: by its path where it is a file.
func (o *object) String() string {
	if path := o.text("path"); path != "" {
		return path
	}
	return shown(o)
}

// MarshalJSON writes the keys in their order, as JavaScript does: those that are array indices first, ascending.
func (o *object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	if err := writeJSON(&out, o); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// encodeJSON returns the compact JSON of a value, as JSON.stringify writes it.
func encodeJSON(value any) (string, error) {
	var out bytes.Buffer
	if err := writeJSON(&out, value); err != nil {
		return "", err
	}
	return out.String(), nil
}

func writeJSON(out *bytes.Buffer, value any) error {
	switch v := value.(type) {
	case *object:
		if v == nil {
			out.WriteString("null")
			return nil
		}
		out.WriteByte('{')
		for i, key := range indicesFirst(v.keys) {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(out, key); err != nil {
				return err
			}
			out.WriteByte(':')
			if err := writeJSON(out, v.values[key]); err != nil {
				return err
			}
		}
		out.WriteByte('}')
		return nil
	case []any:
		out.WriteByte('[')
		for i, element := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(out, element); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	default:
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(v); err != nil {
			return err
		}
		out.Truncate(out.Len() - 1)
		return nil
	}
}

// indicesFirst returns keys in the order in which JavaScript enumerates them. Without an array index among them,
// which is nearly always, it returns keys itself.
func indicesFirst(keys []string) []string {
	var indices []uint32
	for _, key := range keys {
		if n, ok := arrayIndex(key); ok {
			indices = append(indices, n)
		}
	}
	if len(indices) == 0 {
		return keys
	}
	slices.Sort(indices)
	ordered := make([]string, 0, len(keys))
	for _, n := range indices {
		ordered = append(ordered, strconv.FormatUint(uint64(n), 10))
	}
	for _, key := range keys {
		if _, ok := arrayIndex(key); !ok {
			ordered = append(ordered, key)
		}
	}
	return ordered
}

// arrayIndex recognises the canonical decimal numbers that JavaScript treats as array indices.
func arrayIndex(key string) (uint32, bool) {
	if key == "" || key[0] < '0' || key[0] > '9' || (len(key) > 1 && key[0] == '0') {
		return 0, false
	}
	n, err := strconv.ParseUint(key, 10, 32)
	return uint32(n), err == nil && n < 1<<32-1
}
