// Package pyjson reads and writes JSON as Python's json module does, for texts that are hashed or compared with those of
// the reference: with its separators, its escapes, its numbers, and objects in the order in which they were written.
package pyjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Object is an object in the order of its text.
type Object []Member

// Member is one field of an Object.
type Member struct {
	Key   string
	Value any
}

// Get returns the value under a key, and whether there is one.
func (o Object) Get(key string) (any, bool) {
	for _, member := range o {
		if member.Key == key {
			return member.Value, true
		}
	}
	return nil, false
}

// Set returns the object with the value under the key: in its place where the key is there, else at the end.
func (o Object) Set(key string, value any) Object {
	for i := range o {
		if o[i].Key == key {
			o[i].Value = value
			return o
		}
	}
	return append(o, Member{Key: key, Value: value})
}

var errNotJSON = errors.New("not readable as JSON")

// Decode reads one JSON value into nil, bool, string, json.Number, []any and Object. Numbers get the text that Python gives
// them (see Number). A key that is there twice has its last value in its first place. Errors hold nothing of the text.
func Decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := decode(decoder)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return value, nil
}

func decode(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, errNotJSON
	}
	switch token := token.(type) {
	case json.Number:
		return Number(token)
	case json.Delim:
		if token == '{' {
			return decodeObject(decoder)
		}
		return decodeList(decoder)
	}
	return token, nil
}

func decodeObject(decoder *json.Decoder) (any, error) {
	made := Object{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, errNotJSON
		}
		value, err := decode(decoder)
		if err != nil {
			return nil, err
		}
		made = made.Set(key.(string), value)
	}
	return made, end(decoder)
}

func decodeList(decoder *json.Decoder) (any, error) {
	made := []any{}
	for decoder.More() {
		value, err := decode(decoder)
		if err != nil {
			return nil, err
		}
		made = append(made, value)
	}
	return made, end(decoder)
}

func end(decoder *json.Decoder) error {
	if _, err := decoder.Token(); err != nil {
		return errNotJSON
	}
	return nil
}

// Number gives a JSON number the text that Python gives it: an integer its digits, anything with a point or an exponent
// the shortest decimal that reads back as the same float.
func Number(number json.Number) (json.Number, error) {
	text := number.String()
	if strings.ContainsAny(text, ".eE") {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "", fmt.Errorf("%q is not a number that fits a float", text)
		}
		return Float(value)
	}
	if text == "-0" {
		return "0", nil
	}
	return number, nil
}

// Float is the shortest text of a float: always with a point or an exponent, the latter below 1e-4 and from 1e16 on.
func Float(value float64) (json.Number, error) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return "", fmt.Errorf("%v has no form in JSON", value)
	}
	if size := math.Abs(value); size != 0 && (size < 1e-4 || size >= 1e16) {
		return json.Number(strconv.FormatFloat(value, 'e', -1, 64)), nil
	}
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return json.Number(text), nil
}
