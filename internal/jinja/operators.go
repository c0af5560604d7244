package jinja

import (
	"math"
	"math/big"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// maxRepeated bounds what `text * number` makes.
const maxRepeated = 1_000_000

// operation is a binary operator on two values that are defined.
type operation func(left, right *exec.Value) (any, error)

// filter is the operation as the filter that a binary expression is rewritten into.
func (o operation) filter(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	if in.IsError() {
		return in
	}
	result, err := o(in, params.First())
	if err != nil {
		return exec.AsValue(err)
	}
	return exec.AsValue(result)
}

// operations are the operators by their names in rewrite.go.
func operations() map[string]operation {
	ordered := func(holds func(comparison int) bool) operation {
		return func(left, right *exec.Value) (any, error) {
			comparison, err := compare(left, right)
			return holds(comparison), err
		}
	}
	return map[string]operation{
		"\x00+": add, "\x00-": subtract, "\x00*": multiply, "\x00/": divide, "\x00//": floorDivide,
		"\x00%": modulo, "\x00**": power, "\x00~": concatenate,
		"\x00in": func(left, right *exec.Value) (any, error) { return contains(right, left) },
		"\x00==": func(left, right *exec.Value) (any, error) { return equal(left, right), nil },
		"\x00!=": func(left, right *exec.Value) (any, error) { return !equal(left, right), nil },
		"\x00<":  ordered(func(c int) bool { return c < 0 }), "\x00<=": ordered(func(c int) bool { return c <= 0 }),
		"\x00>": ordered(func(c int) bool { return c > 0 }), "\x00>=": ordered(func(c int) bool { return c >= 0 }),
	}
}

// number returns a number's value, whole where it is an integer. A boolean is 0 or 1, as in Python.
func number(v *exec.Value) (whole *big.Int, float float64, ok bool) {
	switch {
	case isNone(v):
	case v.IsBool():
		if v.Bool() {
			return big.NewInt(1), 1, true
		}
		return big.NewInt(0), 0, true
	case v.IsInteger():
		return big.NewInt(int64(v.Integer())), v.Float(), true
	case v.IsFloat():
		return nil, v.Float(), true
	}
	return nil, 0, false
}

func small(n *big.Int) (any, error) {
	if !n.IsInt64() {
		return nil, faultf("a number has more than 64 bits")
	}
	return int(n.Int64()), nil
}

func mismatch(operator string, left, right *exec.Value) error {
	return faultf("%s does not go with %s and %s", operator, kind(left), kind(right))
}

func add(left, right *exec.Value) (any, error) {
	if l, lf, ok := number(left); ok {
		if r, rf, ok := number(right); ok {
			if l != nil && r != nil {
				return small(l.Add(l, r))
			}
			return lf + rf, nil
		}
	}
	switch {
	case left.IsString() && right.IsString():
		return left.String() + right.String(), nil
	case !isNone(left) && !isNone(right) && left.IsList() && right.IsList():
		joined := list{}
		for _, part := range []*exec.Value{left, right} {
			items, err := elements(part)
			if err != nil {
				return nil, err
			}
			for _, item := range items {
				joined = append(joined, item.Interface())
			}
		}
		return &joined, nil
	}
	return nil, mismatch("+", left, right)
}

func subtract(left, right *exec.Value) (any, error) {
	l, lf, ok := number(left)
	r, rf, also := number(right)
	switch {
	case !ok || !also:
		return nil, mismatch("-", left, right)
	case l != nil && r != nil:
		return small(l.Sub(l, r))
	}
	return lf - rf, nil
}

func multiply(left, right *exec.Value) (any, error) {
	l, lf, ok := number(left)
	r, rf, also := number(right)
	switch {
	case ok && also && l != nil && r != nil:
		return small(l.Mul(l, r))
	case ok && also:
		return lf * rf, nil
	case left.IsString() && r != nil:
		times := int(max(min(r.Int64(), 1<<40), 0))
		if size := len(left.String()); size > 0 && times > maxRepeated/size {
			return nil, faultf("a text is repeated to more than %d bytes", maxRepeated)
		}
		return strings.Repeat(left.String(), times), nil
	}
	return nil, mismatch("*", left, right)
}

// quotient checks both sides of a division.
func quotient(operator string, left, right *exec.Value) (l, r *big.Int, lf, rf float64, err error) {
	l, lf, ok := number(left)
	r, rf, also := number(right)
	switch {
	case !ok || !also:
		err = mismatch(operator, left, right)
	case rf == 0:
		err = faultf("a number is divided by zero")
	}
	return l, r, lf, rf, err
}

func divide(left, right *exec.Value) (any, error) {
	_, _, l, r, err := quotient("/", left, right)
	return l / r, err
}

func floorDivide(left, right *exec.Value) (any, error) {
	l, r, lf, rf, err := quotient("//", left, right)
	if err != nil {
		return nil, err
	}
	if l != nil && r != nil {
		whole, rest := new(big.Int).QuoRem(l, r, new(big.Int))
		if rest.Sign()*r.Sign() < 0 {
			whole.Sub(whole, big.NewInt(1))
		}
		return small(whole)
	}
	return math.Floor(lf / rf), nil
}

func modulo(left, right *exec.Value) (any, error) {
	if left.IsString() {
		arguments := []*exec.Value{right}
		if _, is := right.Interface().(tuple); is {
			arguments, _ = elements(right)
		}
		return format(left.String(), arguments)
	}
	l, r, lf, rf, err := quotient("%", left, right)
	if err != nil {
		return nil, err
	}
	if l != nil && r != nil {
		rest := new(big.Int).Rem(l, r)
		if rest.Sign()*r.Sign() < 0 {
			rest.Add(rest, r)
		}
		return small(rest)
	}
	return lf - rf*math.Floor(lf/rf), nil
}

func power(left, right *exec.Value) (any, error) {
	l, lf, ok := number(left)
	r, rf, also := number(right)
	switch {
	case !ok || !also:
		return nil, mismatch("**", left, right)
	case l != nil && r != nil && r.Sign() >= 0:
		if l.CmpAbs(big.NewInt(1)) > 0 && r.Cmp(big.NewInt(64)) > 0 {
			return nil, faultf("a number has more than 64 bits")
		}
		return small(l.Exp(l, r, nil))
	}
	return math.Pow(lf, rf), nil
}

func concatenate(left, right *exec.Value) (any, error) {
	l, err := text(left)
	if err != nil {
		return nil, err
	}
	r, err := text(right)
	return l + r, err
}

// equal is Python's ==: values of different types differ, but for numbers and booleans.
func equal(left, right *exec.Value) bool {
	if isNone(left) || isNone(right) {
		return isNone(left) && isNone(right)
	}
	if l, lf, ok := number(left); ok {
		r, rf, ok := number(right)
		if l != nil && r != nil {
			return l.Cmp(r) == 0
		}
		return ok && lf == rf
	}
	switch {
	case left.IsString() && right.IsString():
		return left.String() == right.String()
	case left.IsDict() && right.IsDict():
		return sameItems(pairs(left), right)
	case left.IsList() && right.IsList():
		_, l := left.Interface().(tuple)
		_, r := right.Interface().(tuple)
		return l == r && sameElements(left, right)
	}
	return false
}

func sameItems(items []pair, other *exec.Value) bool {
	if len(items) != len(pairs(other)) {
		return false
	}
	for _, p := range items {
		if there, found := lookup(other, p.key); !found || !equal(p.value, there) {
			return false
		}
	}
	return true
}

func sameElements(left, right *exec.Value) bool {
	if left.Len() != right.Len() {
		return false
	}
	for i := range left.Len() {
		if !equal(wrap(left.Index(i)), wrap(right.Index(i))) {
			return false
		}
	}
	return true
}

// compare is negative, zero or positive as left is before, with or after right.
func compare(left, right *exec.Value) (int, error) {
	if l, lf, ok := number(left); ok {
		if r, rf, ok := number(right); ok {
			switch {
			case l != nil && r != nil:
				return l.Cmp(r), nil
			case lf < rf:
				return -1, nil
			case lf > rf:
				return 1, nil
			}
			return 0, nil
		}
	}
	switch {
	case left.IsString() && right.IsString():
		return strings.Compare(left.String(), right.String()), nil
	case !isNone(left) && !isNone(right) && left.IsList() && right.IsList():
		for i := range min(left.Len(), right.Len()) {
			if l, r := wrap(left.Index(i)), wrap(right.Index(i)); !equal(l, r) {
				return compare(l, r)
			}
		}
		return left.Len() - right.Len(), nil
	}
	return 0, faultf("%s and %s have no order", kind(left), kind(right))
}

func contains(in, what *exec.Value) (bool, error) {
	if in.IsString() {
		if !what.IsString() {
			return false, mismatch("in", what, in)
		}
		return strings.Contains(in.String(), what.String()), nil
	}
	items, err := elements(in)
	if err != nil {
		return false, err
	}
	for _, item := range items {
		if equal(item, what) {
			return true, nil
		}
	}
	return false, nil
}

// lookup returns the item of a dict, a list or a text under the key, as v[key] does.
func lookup(v, key *exec.Value) (*exec.Value, bool) {
	switch {
	case isNone(v):
	case v.IsDict():
		for _, p := range pairs(v) {
			if equal(p.key, key) {
				return p.value, true
			}
		}
	case (v.IsList() || v.IsString()) && key.IsInteger():
		at := key.Integer()
		if at < 0 {
			at += v.Len()
		}
		if at >= 0 && at < v.Len() {
			return wrap(v.Index(at)), true
		}
	}
	return nil, false
}

// item is lookup along a path such as a.b.0, which filters take as an attribute.
func item(v, path *exec.Value) *exec.Value {
	if path.IsInteger() {
		return element(v, path)
	}
	for _, name := range strings.Split(path.String(), ".") {
		key := exec.AsValue(name)
		if v.IsList() {
			if index, err := decimal(name); err == nil {
				key = exec.AsValue(index)
			}
		}
		if getter, ok := v.Interface().(exec.AttributeGetter); ok {
			if attribute, found := getter.GetAttribute(name); found {
				v = attribute
				continue
			}
		}
		if v = element(v, key); v.IsError() {
			return v
		}
	}
	return v
}

// element is v[key].
func element(v, key *exec.Value) *exec.Value {
	if v.IsError() {
		return v
	}
	if found, ok := lookup(v, key); ok {
		return found
	}
	name, err := text(key)
	if err != nil {
		return exec.AsValue(err)
	}
	return failf("the item %s of %s is undefined", name, kind(v))
}
