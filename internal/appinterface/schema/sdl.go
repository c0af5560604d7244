package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

// scalarNames maps a bundle's spelling of a scalar to GraphQL's.
var scalarNames = map[string]string{String: "String", Int: "Int", Float: "Float", Boolean: "Boolean", JSON: "JSON"}

// ScalarName returns GraphQL's name for a bundle's scalar, or "" where typ names another type.
func ScalarName(typ string) string { return scalarNames[typ] }

// Merge parses SDL from several sources into one schema. A type, field or directive that two sources define is an
// error that names both files.
func Merge(sources ...*ast.Source) (*ast.Schema, error) {
	merged, _, err := merge(sources)
	return merged, err
}

// SDL returns the merged schema of all sources as one SDL document, directive definitions included. Equal sources
// give equal text.
func SDL(sources ...*ast.Source) (string, error) {
	merged, err := Merge(sources...)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	formatter.NewFormatter(&out).FormatSchema(merged)
	return out.String(), nil
}

// FromSDL reads a schema written as SDL, from one source or several. What SDL cannot say stands in the directives
// that schema.graphql defines.
func FromSDL(sources ...*ast.Source) (Confs, error) {
	merged, order, err := merge(sources)
	if err != nil {
		return nil, err
	}
	var confs Confs
	var errs []error
	for _, name := range order {
		t, err := convertType(merged, merged.Types[name])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		confs = append(confs, t)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := confs.Validate(); err != nil {
		return nil, err
	}
	return confs, confs.checkArguments(merged)
}

// merge also returns the names of the object types and interfaces in the order of the sources.
func merge(sources []*ast.Source) (*ast.Schema, []string, error) {
	defined := map[string]string{}
	var order, extended []string
	var errs []error
	define := func(what string, source *ast.Source) {
		if earlier, ok := defined[what]; ok {
			errs = append(errs, fmt.Errorf("%s is defined in %s and in %s: keep one, or move what both need to the core schema", what, earlier, source.Name))
			return
		}
		defined[what] = source.Name
	}
	for _, source := range sources {
		doc, err := parser.ParseSchema(source)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, directive := range doc.Directives {
			define("directive @"+directive.Name, source)
		}
		for _, def := range doc.Definitions {
			define("type "+def.Name, source)
			if def.Kind == ast.Object || def.Kind == ast.Interface {
				order = append(order, def.Name)
			}
		}
		for _, def := range slices.Concat(doc.Definitions, doc.Extensions) {
			for _, field := range def.Fields {
				define("field "+def.Name+"."+field.Name, source)
			}
		}
		for _, def := range doc.Extensions {
			extended = append(extended, def.Name)
		}
	}
	for _, name := range extended {
		if _, ok := defined["type "+name]; !ok {
			errs = append(errs, fmt.Errorf("type %s is extended, but no source defines it", name))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	merged, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		return nil, nil, err
	}
	return merged, order, nil
}

// checkArguments compares the arguments that the SDL declares with those that the server offers, since clients are
// generated from the one and answered by the other.
func (c Confs) checkArguments(declared *ast.Schema) error {
	var errs []error
	for i := range c {
		for _, field := range c[i].Fields {
			want := c.Arguments(&field)
			var have []string
			for _, arg := range declared.Types[c[i].Name].Fields.ForName(field.Name).Arguments {
				have = append(have, arg.Name+": "+arg.Type.String())
			}
			if !slices.Equal(want, have) {
				errs = append(errs, fmt.Errorf("field %s.%s has the arguments (%s): the server offers (%s)",
					c[i].Name, field.Name, strings.Join(have, ", "), strings.Join(want, ", ")))
			}
		}
	}
	return errors.Join(errs...)
}

// Arguments returns the arguments of a field in SDL: those that select datafiles or resources.
func (c Confs) Arguments(field *Field) []string {
	switch target := c.Find(field.Type); {
	case field.Resources():
		return []string{"path: String", "schema: String"}
	case field.DatafileSchema != "" && target != nil:
		var args []string
		for _, name := range target.Searchable() {
			args = append(args, name+": String")
		}
		return append(args, "filter: JSON")
	default:
		return nil
	}
}
