package jinja

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/nikolalohinski/gonja/v2/exec"
	"go.yaml.in/yaml/v2"
)

// Object is a map whose order a template sees, as it does in Python.
type Object []Item

// Item is one item of an Object. Its key is text, but for what YAML has besides.
type Item struct{ Key, Value any }

// Get returns the value under a key, and nil where there is none.
func (o Object) Get(key string) any {
	for _, item := range o {
		if item.Key == key {
			return item.Value
		}
	}
	return nil
}

// convert returns what a dict is that a template wrote itself.
func (o Object) convert() (any, error) {
	made := exec.NewDict()
	for _, item := range o {
		key, err := convert(item.Key)
		if err != nil {
			return nil, err
		}
		value, err := convert(item.Value)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", key, err)
		}
		put(made, exec.AsValue(key), exec.AsValue(value))
	}
	return made, nil
}

// put sets an item. One that is there keeps its place.
func put(target *exec.Dict, key, value *exec.Value) {
	for _, p := range target.Pairs {
		if equal(wrap(p.Key), key) {
			p.Value = value
			return
		}
	}
	target.Pairs = append(target.Pairs, &exec.Pair{Key: key, Value: value})
}

// DecodeJSON reads JSON as Variables take it: its objects as Object, its numbers as they are written. An error
// holds nothing of the text.
func DecodeJSON(text string) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	value, err := decodeJSON(decoder, 0)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return value, nil
}

var errNotJSON = errors.New("not readable as JSON")

func decodeJSON(decoder *json.Decoder, depth int) (any, error) {
	if depth > maxBrackets {
		return nil, fmt.Errorf("JSON nests deeper than %d", maxBrackets)
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, errNotJSON
	}
	switch token {
	case json.Delim('{'):
		made := Object{}
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return nil, errNotJSON
			}
			value, err := decodeJSON(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			made = append(made, Item{Key: key, Value: value})
		}
		if _, err := decoder.Token(); err != nil {
			return nil, errNotJSON
		}
		return made, nil
	case json.Delim('['):
		made := []any{}
		for decoder.More() {
			value, err := decodeJSON(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			made = append(made, value)
		}
		if _, err := decoder.Token(); err != nil {
			return nil, errNotJSON
		}
		return made, nil
	}
	return token, nil
}

// DecodeYAML reads YAML 1.1, as the reference's parser has it, as Variables take it: its maps as Object. JSON is YAML. An
// error holds nothing of the text.
func DecodeYAML(text string) (value any, err error) {
	defer func() {
		// The parser panics on some texts.
		if recover() != nil {
			value, err = nil, errNotYAML
		}
	}()
	var document inOrder
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return nil, errNotYAML
	}
	return objects(document.value, 0)
}

var errNotYAML = errors.New("not readable as YAML")

// inOrder makes the parser keep the order of maps.
type inOrder struct{ value any }

// UnmarshalYAML implements yaml.Unmarshaler.
func (o *inOrder) UnmarshalYAML(unmarshal func(any) error) error {
	var items yaml.MapSlice
	if unmarshal(&items) == nil {
		o.value = items
		return nil
	}
	var elements []inOrder
	if unmarshal(&elements) == nil {
		all := make([]any, len(elements))
		for i, element := range elements {
			all[i] = element.value
		}
		o.value = all
		return nil
	}
	return unmarshal(&o.value)
}

// objects replaces the parser's maps.
func objects(value any, depth int) (any, error) {
	if depth > maxBrackets {
		return nil, fmt.Errorf("YAML nests deeper than %d", maxBrackets)
	}
	switch value := value.(type) {
	case yaml.MapSlice:
		made := make(Object, 0, len(value))
		for _, item := range value {
			converted, err := objects(item.Value, depth+1)
			if err != nil {
				return nil, err
			}
			made = append(made, Item{Key: item.Key, Value: converted})
		}
		return made, nil
	case []any:
		made := make([]any, len(value))
		for i, element := range value {
			converted, err := objects(element, depth+1)
			if err != nil {
				return nil, err
			}
			made[i] = converted
		}
		return made, nil
	}
	return value, nil
}
