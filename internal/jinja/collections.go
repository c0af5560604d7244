package jinja

import (
	"slices"
	"sort"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// group is what groupby makes: a pair that has names.
type group tuple

// GetAttribute implements exec.AttributeGetter.
func (g group) GetAttribute(name string) (*exec.Value, bool) {
	switch name {
	case "grouper":
		return wrap(g[0]), true
	case "list":
		return wrap(g[1]), true
	}
	return exec.AsValue(nil), false
}

// options are a filter's parameters by name.
type options map[string]*exec.Value

func (o options) is(name string) bool { return o[name] != nil && truthy(o[name]) }

// named gives a filter its elements and its parameters, which the template may write with or without their names.
func named(names string, filter func(all []*exec.Value, o options) (any, error)) exec.FilterFunction {
	order := strings.Fields(names)
	return func(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		given := options{}
		for i, value := range params.Args {
			if i >= len(order) {
				return failf("a filter has too many parameters")
			}
			given[order[i]] = value
		}
		for name, value := range params.KwArgs {
			if !strings.Contains(" "+names+" ", " "+name+" ") {
				return failf("a filter has no parameter %s", name)
			}
			given[name] = value
		}
		all, err := elements(in)
		if err != nil {
			return exec.AsValue(err)
		}
		result, err := filter(all, given)
		if err != nil {
			return exec.AsValue(err)
		}
		return exec.AsValue(result)
	}
}

// collections are the filters of lists.
func collections() map[string]exec.FilterFunction {
	return map[string]exec.FilterFunction{
		"list":    named("", func(all []*exec.Value, _ options) (any, error) { return interfaces(all), nil }),
		"reverse": reverse,
		"first": named("", func(all []*exec.Value, _ options) (any, error) {
			if len(all) == 0 {
				return nil, faultf("the first item of an empty list is undefined")
			}
			return all[0].Interface(), nil
		}),
		"last": named("", func(all []*exec.Value, _ options) (any, error) {
			if len(all) == 0 {
				return nil, faultf("the last item of an empty list is undefined")
			}
			return all[len(all)-1].Interface(), nil
		}),
		"join":     named("d attribute", join),
		"sum":      named("attribute start", sum),
		"min":      named("case_sensitive attribute", extreme(func(c int) bool { return c < 0 })),
		"max":      named("case_sensitive attribute", extreme(func(c int) bool { return c > 0 })),
		"sort":     named("reverse case_sensitive attribute", func(all []*exec.Value, o options) (any, error) { return sorted(all, o) }),
		"unique":   named("case_sensitive attribute", unique),
		"groupby":  named("attribute default case_sensitive", groupby),
		"dictsort": dictsort,
		"items":    items,
		"map":      mapped,
		"select":   chosen(false, true), "reject": chosen(false, false),
		"selectattr": chosen(true, true), "rejectattr": chosen(true, false),
	}
}

func reverse(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value {
	all, err := elements(in)
	if err != nil {
		return exec.AsValue(err)
	}
	slices.Reverse(all)
	if !in.IsString() {
		return exec.AsValue(interfaces(all))
	}
	var out strings.Builder
	for _, char := range all {
		out.WriteString(char.String())
	}
	return exec.AsValue(out.String())
}

func sum(all []*exec.Value, o options) (any, error) {
	total := exec.AsValue(0)
	if o["start"] != nil {
		total = o["start"]
	}
	for _, each := range all {
		next := attribute(each, o["attribute"])
		if next.IsError() {
			return nil, next
		}
		added, err := add(total, next)
		if err != nil {
			return nil, err
		}
		total = exec.AsValue(added)
	}
	return total.Interface(), nil
}

func items(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value {
	if in.IsError() {
		return in
	}
	if isNone(in) || !in.IsDict() {
		return failf("items takes a dict")
	}
	out := list{}
	for _, p := range pairs(in) {
		out = append(out, tuple{p.key.Interface(), p.value.Interface()})
	}
	return exec.AsValue(&out)
}

func interfaces(all []*exec.Value) *list {
	out := make(list, len(all))
	for i, each := range all {
		out[i] = each.Interface()
	}
	return &out
}

// attribute is the item of a value along a path, or the value itself without one. What is undefined is an error value.
func attribute(v, path *exec.Value) *exec.Value {
	if path == nil || isNone(path) {
		return v
	}
	return item(v, path)
}

func join(all []*exec.Value, o options) (any, error) {
	between := ""
	if o["d"] != nil {
		between = o["d"].String()
	}
	parts := make([]string, len(all))
	for i, each := range all {
		part, err := text(attribute(each, o["attribute"]))
		if err != nil {
			return nil, err
		}
		parts[i] = part
	}
	return strings.Join(parts, between), nil
}

// folded is what filters compare: a text without its case, unless the filter is told otherwise.
func folded(v *exec.Value, o options) *exec.Value {
	if v.IsString() && !o.is("case_sensitive") {
		return exec.AsValue(strings.ToLower(v.String()))
	}
	return v
}

// sorted keeps the order of what is equal. An attribute may be several, with commas.
func sorted(all []*exec.Value, o options) (*list, error) {
	paths := []*exec.Value{o["attribute"]}
	if paths[0] != nil && paths[0].IsString() {
		paths = nil
		for _, path := range strings.Split(o["attribute"].String(), ",") {
			paths = append(paths, exec.AsValue(path))
		}
	}
	var fault error
	sort.SliceStable(all, func(i, j int) bool {
		for _, path := range paths {
			l, r := folded(attribute(all[i], path), o), folded(attribute(all[j], path), o)
			comparison, err := ordered(l, r)
			if err != nil {
				fault = err
				return false
			}
			if comparison != 0 {
				return comparison < 0 != o.is("reverse")
			}
		}
		return false
	})
	return interfaces(all), fault
}

// ordered is compare for values that may be undefined.
func ordered(left, right *exec.Value) (int, error) {
	for _, v := range []*exec.Value{left, right} {
		if v.IsError() {
			return 0, v
		}
	}
	return compare(left, right)
}

func extreme(better func(comparison int) bool) func([]*exec.Value, options) (any, error) {
	return func(all []*exec.Value, o options) (any, error) {
		if len(all) == 0 {
			return nil, faultf("the extreme of an empty list is undefined")
		}
		best := all[0]
		for _, each := range all[1:] {
			comparison, err := ordered(folded(attribute(each, o["attribute"]), o), folded(attribute(best, o["attribute"]), o))
			if err != nil {
				return nil, err
			}
			if better(comparison) {
				best = each
			}
		}
		return best.Interface(), nil
	}
}

func unique(all []*exec.Value, o options) (any, error) {
	out := list{}
	var seen []*exec.Value
next:
	for _, each := range all {
		key := folded(attribute(each, o["attribute"]), o)
		if key.IsError() {
			return nil, key
		}
		for _, other := range seen {
			if equal(key, other) {
				continue next
			}
		}
		seen = append(seen, key)
		out = append(out, each.Interface())
	}
	return &out, nil
}

func groupby(all []*exec.Value, o options) (any, error) {
	path := o["attribute"]
	key := func(v *exec.Value) *exec.Value {
		found := attribute(v, path)
		if found.IsError() && o["default"] != nil {
			return o["default"]
		}
		return found
	}
	var fault error
	sort.SliceStable(all, func(i, j int) bool {
		comparison, err := ordered(folded(key(all[i]), o), folded(key(all[j]), o))
		if err != nil {
			fault = err
		}
		return comparison < 0
	})
	if fault != nil {
		return nil, fault
	}
	out := list{}
	for i, each := range all {
		if key(each).IsError() {
			return nil, key(each)
		}
		if i == 0 || !equal(folded(key(all[i-1]), o), folded(key(each), o)) {
			out = append(out, group{key(each).Interface(), &list{}})
		}
		members := out[len(out)-1].(group)[1].(*list)
		*members = append(*members, each.Interface())
	}
	return &out, nil
}

func dictsort(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	pairs := items(nil, in, nil)
	if pairs.IsError() {
		return pairs
	}
	return named("case_sensitive by reverse", func(all []*exec.Value, o options) (any, error) {
		o["attribute"] = exec.AsValue(0)
		if by := o["by"]; by != nil && by.String() == "value" {
			o["attribute"] = exec.AsValue(1)
		}
		return sorted(all, o)
	})(nil, pairs, params)
}

// mapped is map: a filter over each element, or an attribute of each.
func mapped(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	all, err := elements(in)
	if err != nil {
		return exec.AsValue(err)
	}
	path, fallback := params.KwArgs["attribute"], params.KwArgs["default"]
	if path == nil && len(params.Args) == 0 {
		return failf("map takes the name of a filter, or an attribute")
	}
	for i, each := range all {
		var result *exec.Value
		if path != nil {
			if result = attribute(each, path); result.IsError() && fallback != nil {
				result = fallback
			}
		} else {
			rest := &exec.VarArgs{Args: params.Args[1:], KwArgs: params.KwArgs}
			result = e.ExecuteFilterByName(params.Args[0].String(), each, rest)
		}
		if result.IsError() {
			return result
		}
		all[i] = result
	}
	return exec.AsValue(interfaces(all))
}

// chosen is select, reject, selectattr and rejectattr.
func chosen(byAttribute, wanted bool) exec.FilterFunction {
	return func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		all, err := elements(in)
		if err != nil {
			return exec.AsValue(err)
		}
		rest := params.Args
		var path *exec.Value
		if byAttribute {
			if len(rest) == 0 {
				return failf("selectattr and rejectattr take an attribute")
			}
			path, rest = rest[0], rest[1:]
		}
		out := list{}
		for _, each := range all {
			holds := attribute(each, path)
			if len(rest) > 0 {
				holds = e.ExecuteTestByName(rest[0].String(), holds, &exec.VarArgs{Args: rest[1:], KwArgs: params.KwArgs})
			}
			if holds.IsError() {
				return holds
			}
			if truthy(holds) == wanted {
				out = append(out, each.Interface())
			}
		}
		return exec.AsValue(&out)
	}
}
