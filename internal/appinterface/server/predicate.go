package server

import "slices"

// predicate says whether a value is selected. The value is an *object, a list of them, or nil.
type predicate func(value any) (bool, error)

// equals compares a field as it stands in the datafile. A field that is absent equals null, and a list or an object
// equals nothing.
func equals(field string, want any) predicate {
	want = numeric(want)
	return func(value any) (bool, error) {
		source, _ := value.(*object)
		have, _ := source.get(field)
		return same(have, want), nil
	}
}

func equalsList(field string, want []any) predicate {
	return func(value any) (bool, error) {
		source, _ := value.(*object)
		have, _ := source.get(field)
		list, ok := have.([]any)
		return ok && slices.EqualFunc(list, want, func(a, b any) bool { return same(a, numeric(b)) }), nil
	}
}

func in(field string, values []any) predicate {
	return func(value any) (bool, error) {
		source, _ := value.(*object)
		have, ok := source.get(field)
		return ok && slices.ContainsFunc(values, func(want any) bool { return same(have, numeric(want)) }), nil
	}
}

// eachElement applies a predicate to the elements where the value is a list: all of them must be selected.
func eachElement(p predicate) predicate {
	return func(value any) (bool, error) {
		list, ok := value.([]any)
		if !ok {
			return p(value)
		}
		for _, element := range list {
			if ok, err := p(element); err != nil || !ok {
				return false, err
			}
		}
		return true, nil
	}
}

func every(predicates []predicate) predicate {
	return func(value any) (bool, error) {
		for _, p := range predicates {
			if ok, err := p(value); err != nil || !ok {
				return false, err
			}
		}
		return true, nil
	}
}

// same compares two plain values; nil equals nil.
func same(a, b any) bool {
	switch a.(type) {
	case nil, string, bool, float64:
		switch b.(type) {
		case nil, string, bool, float64:
			return a == b
		}
	}
	return false
}

// numeric turns the integers of a query into the numbers that datafiles hold.
func numeric(value any) any {
	switch v := value.(type) {
	case int:
		return float64(v)
	case int64:
		return float64(v)
	default:
		return value
	}
}
