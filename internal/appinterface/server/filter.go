package server

import (
	"fmt"
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

// filterError is an error of the caller's filter. Its code is part of qontract-server's answers.
type filterError struct {
	message, typ string
}

func (e *filterError) Error() string { return e.message }

// Extensions adds the code to the error of the answer.
func (e *filterError) Extensions() map[string]any {
	return map[string]any{"code": "BAD_FILTER_FIELD", "gqlType": e.typ}
}

// filterableFields collects the fields that a filter may name: a type's own, and for an interface that is resolved
// by a field those of its types, too.
func filterableFields(confs schema.Confs) map[string]map[string]*schema.Field {
	all := map[string]map[string]*schema.Field{}
	for i := range confs {
		fields := map[string]*schema.Field{}
		collectFields(confs, &confs[i], fields, map[string]bool{})
		all[confs[i].Name] = fields
	}
	return all
}

func collectFields(confs schema.Confs, t *schema.Type, fields map[string]*schema.Field, seen map[string]bool) {
	if t == nil || seen[t.Name] {
		return
	}
	seen[t.Name] = true
	for i := range t.Fields {
		fields[t.Fields[i].Name] = &t.Fields[i]
	}
	if t.IsInterface && t.Resolve != nil {
		for _, value := range slices.Sorted(maps.Keys(t.Resolve.FieldMap)) {
			collectFields(confs, confs.Find(t.Resolve.FieldMap[value]), fields, seen)
		}
	}
}

// selection combines the arguments of a query field. An argument that is null selects everything.
func (r *request) selection(typ string, args map[string]any) (predicate, error) {
	var all []predicate
	for _, name := range slices.Sorted(maps.Keys(args)) {
		value, err := literal(args[name], r.variables)
		if err != nil {
			return nil, err
		}
		if value == nil {
			continue
		}
		if name != "filter" {
			all = append(all, equals(name, value))
			continue
		}
		filter, err := r.filter(typ, value)
		if err != nil {
			return nil, err
		}
		all = append(all, filter)
	}
	return every(all), nil
}

// filter compiles a filter object: each key is a field of the type, its value what the field must equal, or an
// object with one of the operators in, filter and ne.
func (r *request) filter(typ string, value any) (predicate, error) {
	if _, ok := value.([]any); ok {
		return nil, &filterError{"A filter must be an object, not a list", typ}
	}
	conditions, ok := value.(map[string]any)
	if !ok {
		return func(any) (bool, error) { return false, nil }, nil
	}
	var all []predicate
	for _, name := range slices.Sorted(maps.Keys(conditions)) {
		field := r.bundle.schema.engine.filterable[typ][name]
		if field == nil {
			return nil, &filterError{fmt.Sprintf("Field %q does not exist on type %q", name, typ), typ}
		}
		condition, err := r.condition(field, conditions[name])
		if err != nil {
			return nil, err
		}
		all = append(all, condition)
	}
	return every(all), nil
}

func (r *request) condition(field *schema.Field, value any) (predicate, error) {
	if list, ok := value.([]any); ok && field.IsList {
		return equalsList(field.Name, list), nil
	}
	operators, ok := value.(map[string]any)
	if !ok {
		return equals(field.Name, value), nil
	}
	if list, ok := operators["in"]; ok {
		// Differs from the reference: qontract-server takes a text after "in" as the list of its letters.
		values, ok := list.([]any)
		if !ok {
			return nil, &filterError{fmt.Sprintf("Field %q: the operator in takes a list", field.Name), field.Type}
		}
		return eachElement(in(field.Name, values)), nil
	}
	if nested, ok := operators["filter"]; ok {
		if schema.ScalarName(field.Type) != "" {
			return nil, &filterError{fmt.Sprintf("Field %q is a plain value: the operator filter needs an object", field.Name), field.Type}
		}
		return r.nested(field, nested), nil
	}
	if unwanted, ok := operators["ne"]; ok {
		same := equals(field.Name, unwanted)
		return eachElement(func(value any) (bool, error) {
			ok, err := same(value)
			return !ok, err
		}), nil
	}
	return equals(field.Name, value), nil
}

// nested applies a filter to what the field refers to. It is compiled when the first object has the field: a filter
// that meets none never reports its errors, as in qontract-server.
func (r *request) nested(field *schema.Field, filter any) predicate {
	var compiled predicate
	return eachElement(func(value any) (bool, error) {
		source, _ := value.(*object)
		target := r.value(source, field.Name)
		if target == nil {
			return false, nil
		}
		if compiled == nil {
			var err error
			if compiled, err = r.filter(field.Type, filter); err != nil {
				return false, err
			}
		}
		return compiled(target)
	})
}
