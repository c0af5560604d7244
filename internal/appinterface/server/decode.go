package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// decodeJSON reads one JSON document. A key that stands twice in one object keeps its last value, as in JavaScript, or
// is an error where uniqueKeys is set. Errors name the line.
func decodeJSON(data []byte, uniqueKeys bool) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	value, err := decodeValue(decoder, uniqueKeys)
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return value, nil
		}
		if err == nil {
			err = errors.New("text after the document's end")
		}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("line %d: %w", 1+bytes.Count(data[:decoder.InputOffset()], []byte("\n")), err)
}

func decodeValue(decoder *json.Decoder, uniqueKeys bool) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := newObject()
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			name, _ := key.(string)
			if _, twice := o.values[name]; twice && uniqueKeys {
				return nil, fmt.Errorf("key %q stands twice in one object", name)
			}
			value, err := decodeValue(decoder, uniqueKeys)
			if err != nil {
				return nil, err
			}
			o.set(name, value)
		}
		_, err = decoder.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := decodeValue(decoder, uniqueKeys)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = decoder.Token()
		return list, err
	default:
		return token, nil
	}
}
