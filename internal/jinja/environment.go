package jinja

import (
	"slices"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/exec"
)

// environment is what a template may use: the parts of plain Jinja2 that agree with it, and what the reference adds.
func (r *run) environment() *exec.Environment {
	return &exec.Environment{
		Context:           globals(),
		Filters:           r.filters(),
		Tests:             tests(),
		ControlStructures: r.tags(),
		Methods:           methods(),
	}
}

func globals() *exec.Context {
	joiner, _ := builtins.GlobalFunctions.Get("joiner")
	return exec.NewContext(map[string]any{
		"none":   none{},
		"joiner": joiner,
		"range":  numbers,
		"namespace": func(params *exec.VarArgs) *exec.Value {
			space := namespace{}
			for name, value := range params.KwArgs {
				space[name] = value
			}
			return exec.AsValue(space)
		},
		"dict": func(params *exec.VarArgs) *exec.Value {
			if len(params.Args) > 0 {
				return failf("dict() takes its items by name")
			}
			made := dict{}
			for name, value := range params.KwArgs {
				made[name] = value
			}
			return exec.AsValue(made)
		},
	})
}

// numbers is range(): a list, because gonja's is a goroutine that a loop which ends early leaves behind.
func numbers(params *exec.VarArgs) *exec.Value {
	bounds := make([]int, 0, 3)
	for _, bound := range params.Args {
		if !bound.IsInteger() || isNone(bound) {
			return failf("range() takes integers")
		}
		bounds = append(bounds, bound.Integer())
	}
	start, stop, step := 0, 0, 1
	switch len(bounds) {
	case 1:
		stop = bounds[0]
	case 2:
		start, stop = bounds[0], bounds[1]
	case 3:
		start, stop, step = bounds[0], bounds[1], bounds[2]
	default:
		return failf("range() takes one to three integers")
	}
	if step == 0 {
		return failf("range() takes no step of zero")
	}
	made := span{}
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if len(made) == maxRounds {
			return failf("range() is longer than %d", maxRounds)
		}
		made = append(made, i)
	}
	return exec.AsValue(made)
}

// methods are Python's methods of values. Those of numbers and booleans are gonja's.
func methods() exec.Methods {
	items := func(each func(pair) any) exec.Method[map[string]any] {
		return func(_ map[string]any, self *exec.Value, _ *exec.VarArgs) (any, error) {
			out := list{}
			for _, p := range pairs(self) {
				out = append(out, each(p))
			}
			return &out, nil
		}
	}
	return exec.Methods{
		Bool: builtins.Methods.Bool, Int: builtins.Methods.Int, Float: builtins.Methods.Float, Str: texts(),
		Dict: exec.NewMethodSet(map[string]exec.Method[map[string]any]{
			"keys":   items(func(p pair) any { return p.key.Interface() }),
			"values": items(func(p pair) any { return p.value.Interface() }),
			"items":  items(func(p pair) any { return tuple{p.key.Interface(), p.value.Interface()} }),
			"get": func(_ map[string]any, self *exec.Value, params *exec.VarArgs) (any, error) {
				if len(params.Args) == 0 || len(params.Args) > 2 {
					return nil, faultf("get() takes a key and a default")
				}
				if found, ok := lookup(self, params.Args[0]); ok {
					return found.Interface(), nil
				}
				if len(params.Args) == 2 {
					return params.Args[1].Interface(), nil
				}
				return none{}, nil
			},
			"update": update,
		}),
		List: exec.NewMethodSet(map[string]exec.Method[[]any]{
			"append": func(_ []any, self *exec.Value, params *exec.VarArgs) (any, error) {
				shared, ok := self.Interface().(*list)
				if !ok || len(params.Args) != 1 {
					return nil, faultf("append() takes one value, on a list that a variable holds")
				}
				*shared = append(*shared, params.Args[0].Interface())
				return none{}, nil
			},
		}),
	}
}

func update(_ map[string]any, self *exec.Value, params *exec.VarArgs) (any, error) {
	var changes []pair
	for _, other := range params.Args {
		if !other.IsDict() {
			return nil, faultf("update() takes a dict")
		}
		changes = append(changes, pairs(other)...)
	}
	names := make([]string, 0, len(params.KwArgs))
	for name := range params.KwArgs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		changes = append(changes, pair{exec.AsValue(name), params.KwArgs[name]})
	}
	for _, change := range changes {
		switch target := self.Interface().(type) {
		case dict:
			target[change.key.String()] = change.value.Interface()
		case *exec.Dict:
			at := slices.IndexFunc(target.Pairs, func(p *exec.Pair) bool { return equal(wrap(p.Key), change.key) })
			if at < 0 {
				target.Pairs = append(target.Pairs, &exec.Pair{Key: change.key, Value: change.value})
				continue
			}
			target.Pairs[at].Value = change.value
		}
	}
	return none{}, nil
}
