package jinja

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strings"
	"unicode"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// none is None. Gonja takes a nil for something undefined, and prints it as nothing; an empty array is false in
// conditions, as None is.
type none [0]struct{}

func (none) String() string { return "None" }

// list, tuple and dict are the collections of a template. A list that a template can append to is a pointer, which
// all who hold the list share.
type (
	list  []any
	tuple []any
	dict  map[string]any
	// span is what range() makes: a list, but for its text.
	span []any
)

// GetAttribute implements exec.AttributeGetter: a dict's attributes are its items.
func (dict) GetAttribute(string) (*exec.Value, bool) { return exec.AsValue(nil), false }

// namespace is what namespace() makes, the one thing whose attributes a template sets.
type namespace map[string]any

// GetAttribute implements exec.AttributeGetter.
func (namespace) GetAttribute(string) (*exec.Value, bool) { return exec.AsValue(nil), false }

// convert copies plain data into the values of a template, so that a template cannot change its caller's data.
func convert(value any) (any, error) {
	switch value := value.(type) {
	case nil:
		return none{}, nil
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return int(whole), nil
		}
		return value.Float64()
	}
	if object, ok := value.(Object); ok {
		return object.convert()
	}
	data := reflect.ValueOf(value)
	switch data.Kind() {
	case reflect.String:
		return data.String(), nil
	case reflect.Bool:
		return data.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return int(data.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if data.Uint() > math.MaxInt {
			return nil, fmt.Errorf("the number %d is too large for a template", data.Uint())
		}
		return int(data.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return data.Float(), nil
	case reflect.Pointer, reflect.Interface:
		if data.IsNil() {
			return none{}, nil
		}
		return convert(data.Elem().Interface())
	case reflect.Slice, reflect.Array:
		out := make(list, data.Len())
		for i := range out {
			element, err := convert(data.Index(i).Interface())
			if err != nil {
				return nil, err
			}
			out[i] = element
		}
		return &out, nil
	case reflect.Map:
		if data.Type().Key().Kind() != reflect.String {
			return nil, fmt.Errorf("a template has no values of type %T: give its maps text as keys", value)
		}
		out := make(dict, data.Len())
		for iter := data.MapRange(); iter.Next(); {
			element, err := convert(iter.Value().Interface())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", iter.Key().String(), err)
			}
			out[iter.Key().String()] = element
		}
		return out, nil
	default:
		return nil, fmt.Errorf("a template has no values of type %T: give it maps, lists, text, numbers and booleans", value)
	}
}

// wrap is a value of gonja's for an item of a collection, which may be one already.
func wrap(item any) *exec.Value {
	if value := exec.ToValue(item); !value.IsNil() {
		return value
	}
	return exec.AsValue(none{})
}

func isNone(v *exec.Value) bool {
	if v.IsNil() {
		return true
	}
	_, is := v.Interface().(none)
	return is
}

// kind names a value's type as Python does, for errors.
func kind(v *exec.Value) string {
	switch {
	case isNone(v):
		return "None"
	case v.IsString():
		return "text"
	case v.IsBool():
		return "a boolean"
	case v.IsNumber():
		return "a number"
	case v.IsDict():
		return "a dict"
	case v.IsList():
		return "a list"
	}
	return "a function or object"
}

type pair struct{ key, value *exec.Value }

// pairs returns the items of a dict: of one that the template wrote in its order, of one in its variables by key.
func pairs(v *exec.Value) []pair {
	if written, ok := v.Interface().(*exec.Dict); ok {
		out := make([]pair, len(written.Pairs))
		for i, p := range written.Pairs {
			out[i] = pair{wrap(p.Key), wrap(p.Value)}
		}
		return out
	}
	data := reflect.Indirect(v.Val)
	keys := make([]string, 0, data.Len())
	for _, key := range data.MapKeys() {
		keys = append(keys, key.String())
	}
	sort.Strings(keys)
	out := make([]pair, len(keys))
	for i, key := range keys {
		out[i] = pair{exec.AsValue(key), wrap(data.MapIndex(reflect.ValueOf(key)).Interface())}
	}
	return out
}

// elements returns what a loop over v sees: a list's elements, a dict's keys, a text's characters.
func elements(v *exec.Value) ([]*exec.Value, error) {
	var out []*exec.Value
	switch {
	case v.IsError():
		return nil, v
	case isNone(v):
		return nil, faultf("None is no list to go through")
	case v.IsString():
		for _, char := range v.String() {
			out = append(out, exec.AsValue(string(char)))
		}
		return out, nil
	case v.IsDict():
		for _, p := range pairs(v) {
			out = append(out, p.key)
		}
		return out, nil
	case v.IsList():
		for i := range v.Len() {
			element := wrap(v.Index(i))
			if element.IsError() {
				return nil, element
			}
			out = append(out, element)
		}
		return out, nil
	}
	return nil, faultf("%s is no list to go through", kind(v))
}

// text is str(v).
func text(v *exec.Value) (string, error) {
	if v.IsString() {
		return v.String(), nil
	}
	return repr(v)
}

// repr is repr(v): the way in which Python writes a value in a list.
func repr(v *exec.Value) (string, error) {
	var parts []string
	open, closing := "[", "]"
	switch {
	case v.IsError():
		return "", v
	case isNone(v):
		return "None", nil
	case v.IsString():
		return quote(v.String()), nil
	case v.IsBool(), v.IsNumber():
		return v.String(), nil
	case v.IsDict():
		open, closing = "{", "}"
		for _, p := range pairs(v) {
			key, err := repr(p.key)
			if err != nil {
				return "", err
			}
			value, err := repr(p.value)
			if err != nil {
				return "", err
			}
			parts = append(parts, key+": "+value)
		}
	case v.IsList():
		if _, is := v.Interface().(span); is {
			return "", faultf("what range() makes has no text; make it a list with | list")
		}
		items, err := elements(v)
		if err != nil {
			return "", err
		}
		for _, item := range items {
			part, err := repr(item)
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		}
		if _, is := v.Interface().(tuple); is {
			open, closing = "(", ")"
			if len(parts) == 1 {
				closing = ",)"
			}
		}
	default:
		return "", faultf("%s has no text", kind(v))
	}
	return open + strings.Join(parts, ", ") + closing, nil
}

// quote is a text as Python writes it: in single quotes, unless only those are in it.
func quote(s string) string {
	mark := '\''
	if strings.ContainsRune(s, '\'') && !strings.ContainsRune(s, '"') {
		mark = '"'
	}
	var out strings.Builder
	out.WriteRune(mark)
	for _, char := range s {
		switch {
		case char == mark, char == '\\':
			out.WriteRune('\\')
			out.WriteRune(char)
		case char == '\n':
			out.WriteString(`\n`)
		case char == '\r':
			out.WriteString(`\r`)
		case char == '\t':
			out.WriteString(`\t`)
		case char == ' ' || unicode.IsPrint(char):
			out.WriteRune(char)
		case char < 0x100:
			fmt.Fprintf(&out, `\x%02x`, char)
		case char < 0x10000:
			fmt.Fprintf(&out, `\u%04x`, char)
		default:
			fmt.Fprintf(&out, `\U%08x`, char)
		}
	}
	out.WriteRune(mark)
	return out.String()
}
