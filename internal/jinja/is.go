package jinja

import (
	"strings"
	"unicode"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// tests are what follows `is`. All but defined and undefined fail on what is undefined.
func tests() *exec.TestSet {
	known := map[string]exec.TestFunction{
		"defined": func(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) (bool, error) {
			return !undefined(in), failure(in)
		},
		"undefined": func(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) (bool, error) {
			return undefined(in), failure(in)
		},
	}
	for name, holds := range map[string]func(in *exec.Value) bool{
		"none":     isNone,
		"boolean":  (*exec.Value).IsBool,
		"true":     func(in *exec.Value) bool { return in.IsBool() && in.Bool() },
		"false":    func(in *exec.Value) bool { return in.IsBool() && !in.Bool() },
		"integer":  (*exec.Value).IsInteger,
		"float":    (*exec.Value).IsFloat,
		"number":   func(in *exec.Value) bool { return in.IsNumber() || in.IsBool() },
		"string":   (*exec.Value).IsString,
		"mapping":  (*exec.Value).IsDict,
		"iterable": func(in *exec.Value) bool { return !isNone(in) && in.IsIterable() },
		"sequence": func(in *exec.Value) bool { return !isNone(in) && in.IsIterable() },
		"callable": (*exec.Value).IsCallable,
		"lower":    cased(unicode.IsLower, unicode.IsUpper),
		"upper":    cased(unicode.IsUpper, unicode.IsLower),
	} {
		known[name] = func(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) (bool, error) {
			if in.IsError() {
				return false, in
			}
			return holds(in), nil
		}
	}
	compared := operations()
	for name, operator := range map[string]string{
		"eq": "==", "equalto": "==", "==": "==", "sameas": "==", "ne": "!=", "!=": "!=", "in": "in",
		"lt": "<", "lessthan": "<", "<": "<", "le": "<=", "<=": "<=",
		"gt": ">", "greaterthan": ">", ">": ">", "ge": ">=", ">=": ">=",
	} {
		known[name] = binary(name, func(in, other *exec.Value) (bool, error) {
			if name == "sameas" && kind(in) != kind(other) {
				return false, nil
			}
			result, err := compared["\x00"+operator](in, other)
			return err == nil && result.(bool), err
		})
	}
	known["divisibleby"] = binary("divisibleby", divisible)
	for name, wanted := range map[string]int{"even": 0, "odd": 1} {
		known[name] = func(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) (bool, error) {
			if in.IsError() {
				return false, in
			}
			rest, err := remainder(in, exec.AsValue(2))
			return err == nil && equal(rest, exec.AsValue(wanted)), err
		}
	}
	return exec.NewTestSet(known)
}

// binary is a test with one parameter.
func binary(name string, holds func(in, other *exec.Value) (bool, error)) exec.TestFunction {
	return func(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) (bool, error) {
		switch {
		case in.IsError():
			return false, in
		case len(params.Args) != 1:
			return false, faultf("the test %s takes one value", name)
		}
		return holds(in, params.Args[0])
	}
}

func divisible(in, by *exec.Value) (bool, error) {
	rest, err := remainder(in, by)
	return err == nil && equal(rest, exec.AsValue(0)), err
}

// remainder is in % by, for numbers alone.
func remainder(in, by *exec.Value) (*exec.Value, error) {
	if in.IsString() {
		return nil, mismatch("%", in, by)
	}
	rest, err := modulo(in, by)
	return exec.AsValue(rest), err
}

// failure is the error of a value that failed for another reason than being undefined.
func failure(v *exec.Value) error {
	if v.IsError() && !undefined(v) {
		return v
	}
	return nil
}

// cased says whether a text has letters of the one case and none of the other.
func cased(wanted, other func(rune) bool) func(*exec.Value) bool {
	return func(in *exec.Value) bool {
		written, err := text(in)
		return err == nil && strings.IndexFunc(written, wanted) >= 0 && strings.IndexFunc(written, other) < 0
	}
}
