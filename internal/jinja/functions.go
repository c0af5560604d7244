package jinja

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// Function is what a template calls by its name. What it is called with is plain data, as Variables are, with maps as
// Object and integers as int; what it returns too. The error ends the rendering, whatever the template makes of the
// result, and keeps its kind.
type Function func(call Call) (any, error)

// Call is what a function is called with.
type Call struct {
	Args  []any
	Named map[string]any
}

// define puts the functions into the variables, where those are that a template calls: given ones, the package's, and
// mocks before all.
func (r *run) define(variables dict, functions map[string]Function) {
	if r.plain {
		return
	}
	for name, function := range r.own() {
		variables[name] = function
	}
	for name, function := range functions {
		variables[name] = r.callable(function)
	}
	mocks, ok := variables[MocksVariable]
	if !ok {
		return
	}
	if value := exec.AsValue(mocks); value.IsDict() {
		for _, mock := range pairs(value) {
			variables[mock.key.String()] = func(*exec.VarArgs) *exec.Value { return mock.value }
		}
	}
}

func (r *run) callable(function Function) func(*exec.VarArgs) *exec.Value {
	return func(params *exec.VarArgs) *exec.Value {
		call := Call{Args: make([]any, len(params.Args)), Named: map[string]any{}}
		var err error
		for i, arg := range params.Args {
			if call.Args[i], err = plainData(arg, 0); err != nil {
				return exec.AsValue(err)
			}
		}
		for name, arg := range params.KwArgs {
			if call.Named[name], err = plainData(arg, 0); err != nil {
				return exec.AsValue(err)
			}
		}
		result, err := function(call)
		if err != nil {
			return exec.AsValue(r.fail(err))
		}
		converted, err := convert(result)
		if err != nil {
			return exec.AsValue(r.fail(err))
		}
		return exec.AsValue(converted)
	}
}

// own are the functions of the reference that need nothing outside.
func (r *run) own() map[string]func(*exec.VarArgs) *exec.Value {
	return map[string]func(*exec.VarArgs) *exec.Value{
		"hash_list":    function("hash_list", hashList, "input"),
		"flatten_dict": function("flatten_dict", flatten, "d", "parent_key?", "sep?"),
		"urlescape":    function("urlescape", urlescape, "u", "s?", "e?"),
		"urlunescape":  function("urlunescape", urlunescape, "u", "e?"),
	}
}

// function is one of Go's with the parameters that are named, of which those with a ? may be left out: nil.
func function(name string, call func([]*exec.Value) (any, error), names ...string) func(*exec.VarArgs) *exec.Value {
	return func(params *exec.VarArgs) *exec.Value {
		given, err := bind(name, params.Args, params.KwArgs, names)
		if err != nil {
			return exec.AsValue(err)
		}
		result, err := call(given)
		if err != nil {
			return exec.AsValue(err)
		}
		return exec.AsValue(result)
	}
}

// bind puts parameters into the order of their names.
func bind(name string, args []*exec.Value, named map[string]*exec.Value, names []string) ([]*exec.Value, error) {
	bound := make([]*exec.Value, len(names))
	if copy(bound, args) < len(args) {
		return nil, faultf("%s takes at most %d values", name, len(names))
	}
	left := maps.Clone(named)
	for i, parameter := range names {
		required := !strings.HasSuffix(parameter, "?")
		parameter = strings.TrimSuffix(parameter, "?")
		if value, ok := left[parameter]; ok && bound[i] == nil {
			bound[i] = value
			delete(left, parameter)
		}
		if bound[i] == nil && required {
			return nil, faultf("%s is called without %s", name, parameter)
		}
	}
	for parameter := range left {
		return nil, faultf("%s does not take %s", name, parameter)
	}
	for i, value := range bound {
		switch {
		case value == nil:
		case value.IsError():
			return nil, value
		case isNone(value) && strings.HasSuffix(names[i], "?"):
			bound[i] = nil
		}
	}
	return bound, nil
}

// hashList is a hash of the texts of a list's elements, in whatever order they are.
func hashList(given []*exec.Value) (any, error) {
	items, err := elements(given[0])
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(items))
	for i, item := range items {
		if _, isTuple := item.Interface().(tuple); !isTuple && !isNone(item) && (item.IsList() || item.IsDict()) {
			return nil, faultf("hash_list takes a list of texts, numbers, booleans and None, and there is %s in it", kind(item))
		}
		if texts[i], err = text(item); err != nil {
			return nil, err
		}
	}
	slices.Sort(texts)
	// The a makes something to hash of an empty list.
	sum := sha256.Sum256([]byte("a" + strings.Join(texts, "")))
	return hex.EncodeToString(sum[:]), nil
}

// flatten is a dict with the texts of another's values, dicts within it included, by their paths.
func flatten(given []*exec.Value) (any, error) {
	if isNone(given[0]) || !given[0].IsDict() {
		return nil, faultf("flatten_dict takes a dict, and got %s", kind(given[0]))
	}
	prefix, separator := "", "."
	for i, target := range []*string{&prefix, &separator} {
		if value := given[i+1]; value != nil {
			*target = value.String()
		}
	}
	out := exec.NewDict()
	return out, flattenInto(out, given[0], prefix, separator)
}

func flattenInto(out *exec.Dict, in *exec.Value, prefix, separator string) error {
	for _, p := range pairs(in) {
		if isNone(p.value) {
			continue
		}
		key := p.key.String()
		if prefix != "" {
			key = prefix + separator + key
		}
		if p.value.IsDict() {
			if err := flattenInto(out, p.value, key, separator); err != nil {
				return err
			}
			continue
		}
		written, err := text(p.value)
		if err != nil {
			return err
		}
		put(out, exec.AsValue(key), exec.AsValue(written))
	}
	return nil
}

// plainData is a value of a template as Variables take it, maps as Object.
func plainData(v *exec.Value, depth int) (any, error) {
	switch {
	case v.IsError():
		return nil, v
	case depth > maxBrackets:
		return nil, faultf("data nests deeper than %d", maxBrackets)
	case isNone(v):
		return nil, nil
	case v.IsString():
		return v.String(), nil
	case v.IsBool():
		return v.Bool(), nil
	case v.IsInteger():
		return v.Integer(), nil
	case v.IsFloat():
		return v.Float(), nil
	case v.IsDict():
		made := Object{}
		for _, p := range pairs(v) {
			key, err := plainData(p.key, depth+1)
			if err != nil {
				return nil, err
			}
			value, err := plainData(p.value, depth+1)
			if err != nil {
				return nil, err
			}
			made = append(made, Item{Key: key, Value: value})
		}
		return made, nil
	case v.IsList():
		items, err := elements(v)
		if err != nil {
			return nil, err
		}
		made := make([]any, len(items))
		for i, item := range items {
			if made[i], err = plainData(item, depth+1); err != nil {
				return nil, err
			}
		}
		return made, nil
	}
	return nil, faultf("%s cannot be passed on", kind(v))
}
