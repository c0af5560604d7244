package jinja

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/ohler55/ojg/jp"

	"github.com/app-sre/qontract-temporal/internal/jsonpath"
)

// document is an Object as the JSONPath library looks into it.
type document struct {
	keys   []string
	values map[string]any
}

var _ jp.Keyed = (*document)(nil)

// ValueForKey implements jp.Keyed.
func (d *document) ValueForKey(key string) (any, bool) {
	value, ok := d.values[key]
	return value, ok
}

// SetValueForKey implements jp.Keyed. Nothing sets any.
func (d *document) SetValueForKey(string, any) {}

// RemoveValueForKey implements jp.Keyed. Nothing removes any.
func (d *document) RemoveValueForKey(string) {}

// Keys implements jp.Keyed.
func (d *document) Keys() []string { return slices.Clone(d.keys) }

// searchable is plain data with Objects as documents, and original the other way round.
func searchable(value any) any {
	switch value := value.(type) {
	case Object:
		made := &document{values: make(map[string]any, len(value))}
		for _, item := range value {
			key, isText := item.Key.(string)
			if !isText {
				continue
			}
			made.keys = append(made.keys, key)
			made.values[key] = searchable(item.Value)
		}
		return made
	case []any:
		made := make([]any, len(value))
		for i, element := range value {
			made[i] = searchable(element)
		}
		return made
	}
	return value
}

func original(value any) any {
	switch value := value.(type) {
	case *document:
		made := make(Object, len(value.keys))
		for i, key := range value.keys {
			made[i] = Item{Key: key, Value: original(value.values[key])}
		}
		return made
	case []any:
		made := make([]any, len(value))
		for i, element := range value {
			made[i] = original(element)
		}
		return made
	}
	return value
}

// search is what a JSONPath and the data are that a filter is given.
func search(given []*exec.Value) (jp.Expr, any, error) {
	if !given[1].IsString() || given[1].String() == "" {
		return nil, nil, faultf("a JSONPath is a text that is not empty")
	}
	path, err := jsonpath.Parse(given[1].String())
	if err != nil {
		return nil, nil, faultf("the JSONPath cannot be read: mend it, by RFC 9535")
	}
	data, err := plainData(given[0], 0)
	return path, searchable(data), err
}

// extract returns what a JSONPath finds, and nothing where it finds nothing.
//
// Differs from the reference: an index of a text finds nothing; there it finds a character.
func extract(given []*exec.Value) (any, error) {
	path, data, err := search(given)
	if err != nil {
		return nil, err
	}
	return convert(original(append([]any{}, path.Get(data)...)))
}

func matches(given []*exec.Value) (any, error) {
	path, data, err := search(given)
	if err != nil {
		return nil, err
	}
	return len(path.Get(data)) > 0, nil
}

// pointers returns where a JSONPath finds something, as JSON pointers (RFC 6901).
//
// Differs from the reference: these are pointers for every path. There the whole document is /$, an index of two digits
// stays in brackets, and a key with a dot becomes two.
func pointers(given []*exec.Value) (any, error) {
	path, data, err := search(given)
	if err != nil {
		return nil, err
	}
	found := list{}
	if len(path) == 1 {
		if _, root := path[0].(jp.Root); root {
			return &list{""}, nil
		}
	}
	places := path.Locate(data, 0)
	// The library finds what a filter lets pass from the end.
	slices.SortStableFunc(places, func(a, b jp.Expr) int { return slices.Compare(positions(data, a), positions(data, b)) })
	for _, place := range places {
		pointer := ""
		for _, step := range place {
			switch step := step.(type) {
			case jp.Child:
				pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(string(step))
			case jp.Nth:
				pointer += "/" + strconv.Itoa(int(step))
			}
		}
		found = append(found, pointer)
	}
	return &found, nil
}

// positions are where the steps of a place stand in the document.
func positions(data any, place jp.Expr) []int {
	var all []int
	for _, step := range place {
		switch step := step.(type) {
		case jp.Child:
			object, ok := data.(*document)
			if !ok {
				return all
			}
			all = append(all, slices.Index(object.keys, string(step)))
			data = object.values[string(step)]
		case jp.Nth:
			elements, ok := data.([]any)
			if !ok || int(step) >= len(elements) {
				return all
			}
			all = append(all, int(step))
			data = elements[step]
		}
	}
	return all
}
