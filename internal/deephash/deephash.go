// Package deephash gives JSON values a hash by what they say: the order of an object's keys and of lists that have no
// order does not count, every other difference does. Two values have one hash only if they are the same.
package deephash

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// Sum is a hash.
type Sum [sha256.Size]byte

// String is the hash in hex.
func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// Shape says which of a value's lists have no order. The nil Shape stands for a value whose lists are all ordered.
type Shape struct {
	// Unordered says that the value, where it is a list, counts as a multiset.
	Unordered bool
	// Fields are the shapes of the object's fields; for a list, of those of its elements.
	Fields map[string]*Shape
}

// Field is the shape of a field.
func (s *Shape) Field(name string) *Shape {
	if s == nil {
		return nil
	}
	return s.Fields[name]
}

// Decode reads JSON with numbers as they are written, so that 1 and 1.0 stay apart and large ones keep their digits.
func Decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one JSON value")
	}
	return value, nil
}

// Of is the hash of anything that can be written as JSON, with all its lists in order.
func Of(value any) (Sum, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return Sum{}, err
	}
	decoded, err := Decode(text)
	if err != nil {
		return Sum{}, err
	}
	return Value(decoded, nil), nil
}

// Value is the hash of a value that Decode returned.
//
// Differs from the reference: where two states are compared by hash, the order of a list within a datafile counts, and
// so does how often an element stands in it. The reference takes [1, 2, 2] for [2, 1], though an integration may not.
func Value(value any, shape *Shape) Sum {
	switch value := value.(type) {
	case map[string]any:
		return object(value, shape)
	case []any:
		return List(value, shape)
	case string:
		return tagged('s', []byte(value))
	case json.Number:
		return tagged('n', []byte(value))
	case bool:
		if value {
			return tagged('t')
		}
		return tagged('f')
	}
	return tagged('0')
}

// List is the hash of a list.
func List(list []any, shape *Shape) Sum {
	elements := make([]Sum, len(list))
	for i, element := range list {
		elements[i] = Element(element, shape)
	}
	if shape != nil && shape.Unordered {
		return Multiset(elements)
	}
	return Sequence(elements)
}

// Sequence is the hash of a list in order, by the hashes of its elements.
func Sequence(elements []Sum) Sum { return sums('l', elements) }

// Strings is the hash of a list of texts in order.
func Strings(texts ...string) Sum {
	elements := make([]Sum, len(texts))
	for i, text := range texts {
		elements[i] = tagged('s', []byte(text))
	}
	return Sequence(elements)
}

// Element is the hash of one element of a list with the shape.
func Element(element any, of *Shape) Sum {
	if of == nil {
		return Value(element, nil)
	}
	// A list in a list has the order that its elements are written in.
	return Value(element, &Shape{Fields: of.Fields})
}

// Multiset is the hash of a list without order, by the hashes of its elements.
func Multiset(elements []Sum) Sum {
	sorted := slices.Clone(elements)
	slices.SortFunc(sorted, func(a, b Sum) int { return bytes.Compare(a[:], b[:]) })
	return sums('u', sorted)
}

func object(fields map[string]any, shape *Shape) Sum {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	parts := make([]Sum, 0, 2*len(names))
	for _, name := range names {
		parts = append(parts, tagged('s', []byte(name)), Value(fields[name], shape.Field(name)))
	}
	return sums('o', parts)
}

func sums(tag byte, parts []Sum) Sum {
	text := make([][]byte, len(parts))
	for i := range parts {
		text[i] = parts[i][:]
	}
	return tagged(tag, text...)
}

// tagged keeps values of different types apart. Only one text follows a tag, or hashes, which are all of one length.
func tagged(tag byte, parts ...[]byte) Sum {
	hash := sha256.New()
	hash.Write([]byte{tag})
	for _, part := range parts {
		hash.Write(part)
	}
	return Sum(hash.Sum(nil))
}
