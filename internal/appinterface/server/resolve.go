package server

import (
	"fmt"

	"github.com/graphql-go/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

// request is the state of one query. graphql-go resolves all fields of a query in one goroutine.
type request struct {
	bundle    *Bundle
	variables map[string]any
	// schemas holds every $schema that was read, with its first reading.
	schemas map[string]reading
	reads   int
}

// reading says which field of the query read, by its position, and when. graphql-go takes the fields of an object in
// random order, but the elements of a list one after the other.
type reading struct {
	position, sequence int
}

// read notes that a field of source was read.
func (r *request) read(source *object, position int) {
	name := source.text("$schema")
	if name == "" {
		return
	}
	if first, ok := r.schemas[name]; !ok || position < first.position {
		r.reads++
		r.schemas[name] = reading{position, r.reads}
	}
}

// requestOf is the query that a field is resolved for.
func requestOf(p graphql.ResolveParams) *request { return p.Info.RootValue.(*request) }

// resolver returns the function that answers a field.
func (e *engine) resolver(field *schema.Field) graphql.FieldResolveFn {
	switch {
	case field.DatafileSchema != "":
		return func(p graphql.ResolveParams) (any, error) { return requestOf(p).datafiles(field, p) }
	case field.Synthetic != nil:
		return func(p graphql.ResolveParams) (any, error) {
			source, _ := p.Source.(*object)
			return objects(requestOf(p).bundle.backrefs[*field.Synthetic][source.text("path")]), nil
		}
	case field.Resource():
		return func(p graphql.ResolveParams) (any, error) {
			source, _ := p.Source.(*object)
			if resource, ok := requestOf(p).bundle.resources[source.text(field.Name)]; ok {
				return resource, nil
			}
			return nil, nil
		}
	case field.Resources():
		return func(p graphql.ResolveParams) (any, error) { return requestOf(p).listResources(p) }
	default:
		return func(p graphql.ResolveParams) (any, error) {
			source, ok := p.Source.(*object)
			if !ok {
				return nil, nil
			}
			req := requestOf(p)
			req.read(source, p.Info.FieldASTs[0].Loc.Start)
			return answer(field, req.value(source, field.Name))
		}
	}
}

// value returns a field of source with references replaced by the datafiles they name. A list is taken as
// references only where all its elements are.
func (r *request) value(source *object, name string) any {
	if name == "schema" {
		name = "$schema"
	}
	value, _ := source.get(name)
	switch v := value.(type) {
	case *object:
		if path, ok := v.reference(); ok {
			return r.datafile(path)
		}
	case []any:
		resolved := make([]any, len(v))
		for i, element := range v {
			o, _ := element.(*object)
			path, ok := o.reference()
			if !ok {
				return v
			}
			resolved[i] = r.datafile(path)
		}
		return resolved
	}
	return value
}

// datafile returns the datafile at path, or an untyped nil: a nil *object in an interface would not count as null.
func (r *request) datafile(path string) any {
	if datafile, ok := r.bundle.datafiles[path]; ok {
		return datafile
	}
	return nil
}

// answer checks a value against the field's type and brings scalars into it.
func answer(field *schema.Field, value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	if !field.IsList {
		return element(field, value)
	}
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("field %s must be a list, but is %s", field.Name, shown(value))
	}
	answers := make([]any, len(list))
	for i, value := range list {
		answer, err := element(field, value)
		if err != nil {
			return nil, err
		}
		answers[i] = answer
	}
	return answers, nil
}

func element(field *schema.Field, value any) (any, error) {
	if schema.ScalarName(field.Type) != "" {
		return coerce(field.Type, value)
	}
	if _, ok := value.(*object); !ok && value != nil {
		return nil, fmt.Errorf("field %s must be of type %s, but is %s", field.Name, field.Type, shown(value))
	}
	return value, nil
}

// datafiles lists the datafiles of a $schema that the arguments select.
func (r *request) datafiles(field *schema.Field, p graphql.ResolveParams) (any, error) {
	files := r.bundle.bySchema[field.DatafileSchema]
	if len(files) == 0 {
		return []any{}, nil
	}
	selects, err := r.selection(field.Type, p.Args)
	if err != nil {
		return nil, err
	}
	selected := []any{}
	for _, file := range files {
		ok, err := selects(file)
		if err != nil {
			return nil, err
		}
		if ok {
			selected = append(selected, file)
		}
	}
	return selected, nil
}

// listResources lists resources by path or by schema, or all of them. A path that names none is an error of the
// query, because the list then holds a null.
func (r *request) listResources(p graphql.ResolveParams) (any, error) {
	if path, _ := p.Args["path"].(string); path != "" {
		if resource, ok := r.bundle.resources[path]; ok {
			return []any{resource}, nil
		}
		return []any{nil}, nil
	}
	wanted, _ := p.Args["schema"].(string)
	found := []any{}
	for _, path := range r.bundle.resourcePaths {
		resource := r.bundle.resources[path]
		if wanted == "" || resource.text("$schema") == wanted {
			found = append(found, resource)
		}
	}
	return found, nil
}

func objects(list []*object) []any {
	values := make([]any, len(list))
	for i := range list {
		values[i] = list[i]
	}
	return values
}
