package jinja

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/exec"
)

// ofGonja are gonja's filters that agree with Jinja2's, by what Jinja2 makes of the value first.
func ofGonja() map[string]func(*exec.Value) (any, error) {
	known := map[string]func(*exec.Value) (any, error){}
	for names, prepare := range map[string]func(*exec.Value) (any, error){
		"capitalize e escape lower replace safe striptags trim upper": func(in *exec.Value) (any, error) { return text(in) },
		"batch slice": func(in *exec.Value) (any, error) { return copied(in) },
		"indent truncate": func(in *exec.Value) (any, error) {
			if !in.IsString() {
				return nil, faultf("a filter of texts got %s", kind(in))
			}
			return in.String(), nil
		},
		"abs filesizeformat": func(in *exec.Value) (any, error) {
			if _, _, numeric := number(in); !numeric {
				return nil, faultf("a filter of numbers got %s", kind(in))
			}
			return plus(in), nil
		},
		"int float": func(in *exec.Value) (any, error) { return plus(in), nil },
	} {
		for _, name := range strings.Fields(names) {
			known[name] = prepare
		}
	}
	return known
}

// plus is the number that a boolean is, and anything else as it is.
func plus(in *exec.Value) any {
	if whole, _, numeric := number(in); numeric && in.IsBool() {
		return int(whole.Int64())
	}
	return in.Interface()
}

// filters are the filters that templates may use, and those that expressions are rewritten into.
func (r *run) filters() *exec.FilterSet {
	known := map[string]exec.FilterFunction{
		printed: r.lenient("", func(in *exec.Value) (any, error) { return text(in) }),
		listed: defined(func(in *exec.Value) (any, error) {
			items, err := copied(in)
			return &items, err
		}),
		tupled: defined(func(in *exec.Value) (any, error) {
			items, err := copied(in)
			return tuple(items), err
		}),
		dicted:  defined(func(in *exec.Value) (any, error) { return in.Interface(), nil }),
		negated: r.lenient(false, func(in *exec.Value) (any, error) { return !truthy(in), nil }),
		signed: defined(func(in *exec.Value) (any, error) {
			return subtract(exec.AsValue(0), in)
		}),
		sliceable: defined(func(in *exec.Value) (any, error) {
			if isNone(in) || !in.IsString() && !in.IsList() {
				return nil, faultf("%s has no parts to cut out", kind(in))
			}
			return in.Interface(), nil
		}),
		iterated: r.lenient(list{}, r.iterate), unpacked: r.lenient(list{}, r.unpack),
		truth: r.lenient(false, func(in *exec.Value) (any, error) { return truthy(in), nil }),
		filtered: func(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
			// Gonja takes an error in the condition of a loop for false.
			if in.IsError() && r.fault == nil && !(r.plain && undefined(in)) {
				r.fault = explain(fmt.Errorf("at line %d: %w", params.First().Integer(), in))
			}
			return exec.AsValue(truthy(in))
		},
		indexed: func(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
			return element(in, params.First())
		},
		"default": otherwise, "d": otherwise,
		"string": defined(func(in *exec.Value) (any, error) { return text(in) }),
		"length": defined(length),
		"count":  defined(length),
		"title":  defined(title),
		"wordcount": defined(func(in *exec.Value) (any, error) {
			written, err := text(in)
			return len(word.FindAllString(written, -1)), err
		}),
		"attr": func(*exec.Evaluator, *exec.Value, *exec.VarArgs) *exec.Value {
			// Plain data has items and no attributes.
			return failf("an attribute that is asked for with attr is undefined")
		},
		"center": func(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
			if in.IsError() || len(params.Args) != 1 || !params.Args[0].IsInteger() {
				return failf("center takes something that is defined, and a width")
			}
			written, err := text(in)
			if err != nil {
				return exec.AsValue(err)
			}
			return exec.AsValue(centered(written, params.Args[0].Integer(), " "))
		},
		"urlencode": defined(urlencode),
		"round":     round,
		"tojson":    jsonFilter,
		"format": func(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
			return defined(func(in *exec.Value) (any, error) { return format(in.String(), params.Args) })(nil, in, exec.NewVarArgs())
		},
	}
	for name, operation := range operations() {
		known[name] = operation.filter
	}
	for name, filter := range collections() {
		known[name] = filter
	}
	if !r.plain {
		for name, filter := range r.additions() {
			known[name] = filter
		}
	}
	for name, prepare := range ofGonja() {
		filter, _ := builtins.Filters.Get(name)
		known[name] = func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
			if in.IsError() {
				return in
			}
			prepared, err := prepare(in)
			if err != nil {
				return exec.AsValue(err)
			}
			return filter(e, exec.AsValue(prepared), params)
		}
	}
	return exec.NewFilterSet(known)
}

// defined is a filter without parameters that passes on what is undefined.
func defined(filter func(in *exec.Value) (any, error)) exec.FilterFunction {
	return func(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		if in.IsError() {
			return in
		}
		if len(params.Args)+len(params.KwArgs) > 0 {
			return failf("a filter that takes no parameters has some")
		}
		result, err := filter(in)
		if err != nil {
			return exec.AsValue(err)
		}
		return exec.AsValue(result)
	}
}

// lenient is defined, but that a plain template has a value for what is undefined.
func (r *run) lenient(value any, filter func(in *exec.Value) (any, error)) exec.FilterFunction {
	strict := defined(filter)
	return func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		if r.plain && undefined(in) {
			in = exec.AsValue(value)
		}
		return strict(e, in, params)
	}
}

// copied is a list of its own with the elements of another.
func copied(in *exec.Value) (list, error) {
	items, err := elements(in)
	if err != nil {
		return nil, err
	}
	return *interfaces(items), nil
}

// iterate is what a loop goes through; all loops of a rendering share one number of rounds.
func (r *run) iterate(in *exec.Value) (any, error) {
	out, err := copied(in)
	if r.rounds += len(out); r.rounds > maxRounds {
		return nil, faultf("the loops take more than %d rounds", maxRounds)
	}
	return out, err
}

// unpack is iterate for a loop with two variables.
func (r *run) unpack(in *exec.Value) (any, error) {
	items, err := elements(in)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if isNone(item) || !item.IsList() || item.Len() != 2 {
			return nil, faultf("a loop with two variables goes through something else than pairs")
		}
	}
	return r.iterate(in)
}

func truthy(v *exec.Value) bool {
	if !isNone(v) && v.IsDict() {
		return len(pairs(v)) > 0
	}
	return v.IsTrue() || v.IsCallable()
}

func length(in *exec.Value) (any, error) {
	items, err := elements(in)
	return len(items), err
}

// otherwise is default: what is undefined gets the value, and with its second parameter what is false too.
func otherwise(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	value, whenFalse := exec.AsValue(""), exec.AsValue(false)
	for i, target := range []**exec.Value{&value, &whenFalse} {
		if i < len(params.Args) {
			*target = params.Args[i]
		} else if named, ok := params.KwArgs[[]string{"default_value", "boolean"}[i]]; ok {
			*target = named
		}
	}
	if undefined(in) || !in.IsError() && truthy(whenFalse) && !truthy(in) {
		return value
	}
	return in
}

func jsonFilter(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	indent := -1
	given := params.First()
	if named, ok := params.KwArgs["indent"]; ok {
		given = named
	}
	if given.IsInteger() && !isNone(given) {
		indent = min(max(given.Integer(), 0), maxBrackets)
	}
	var out strings.Builder
	if err := tojson(&out, in, indent, 0); err != nil {
		return exec.AsValue(err)
	}
	return exec.AsSafeValue(out.String())
}

// round rounds halves to the even neighbour, as Python does.
func round(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	if in.IsError() {
		return in
	}
	precision, method := exec.AsValue(0), exec.AsValue("common")
	for i, target := range []**exec.Value{&precision, &method} {
		if i < len(params.Args) {
			*target = params.Args[i]
		} else if named, ok := params.KwArgs[[]string{"precision", "method"}[i]]; ok {
			*target = named
		}
	}
	rounding, found := map[string]func(float64) float64{"common": math.RoundToEven, "floor": math.Floor, "ceil": math.Ceil}[method.String()]
	whole, value, numeric := number(in)
	if !found || !numeric || !precision.IsInteger() {
		return failf("round takes a number, a precision, and common, floor or ceil")
	}
	if whole != nil && method.String() == "common" && precision.Integer() >= 0 {
		return exec.AsValue(int(whole.Int64()))
	}
	scale := math.Pow(10, float64(precision.Integer()))
	return exec.AsValue(rounding(value*scale) / scale)
}

// word is what wordcount counts.
var word = regexp.MustCompile(`[\p{L}\p{N}_]+`)

// wordStart are the characters after which Jinja2's title begins a word.
var wordStart = regexp.MustCompile(`[-\s({\[<]+`)

func title(in *exec.Value) (any, error) {
	written, err := text(in)
	var out strings.Builder
	begins := true
	for _, char := range written {
		switch {
		case wordStart.MatchString(string(char)):
			begins = true
			out.WriteRune(char)
			continue
		case begins:
			out.WriteRune(unicode.ToUpper(char))
		default:
			out.WriteRune(unicode.ToLower(char))
		}
		begins = false
	}
	return out.String(), err
}

// urlencode escapes a text for a URL's path.
func urlencode(in *exec.Value) (any, error) {
	if in.IsDict() || in.IsList() && !isNone(in) {
		return nil, faultf("urlencode takes text")
	}
	written, err := text(in)
	escaped := strings.ReplaceAll(url.QueryEscape(written), "+", "%20")
	return strings.ReplaceAll(escaped, "%2F", "/"), err
}
