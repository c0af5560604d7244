package schema

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// bundleScalars maps GraphQL's name of a scalar to a bundle's spelling.
var bundleScalars = map[string]string{"String": String, "Int": Int, "Float": Float, "Boolean": Boolean, "JSON": JSON}

func convertType(merged *ast.Schema, def *ast.Definition) (Type, error) {
	t := Type{
		Name:        def.Name,
		Datafile:    argument(def.Directives, "datafile", "schema"),
		IsInterface: def.Kind == ast.Interface,
	}
	for _, name := range def.Interfaces {
		switch {
		case name == DatafileObject:
		case t.Interface == "":
			t.Interface = name
		default:
			return t, fmt.Errorf("type %s implements %s and %s: a bundle knows one interface besides %s", def.Name, t.Interface, name, DatafileObject)
		}
	}
	if directive := def.Directives.ForName("resolve"); directive != nil {
		t.Resolve = &Resolve{
			Strategy: argument(def.Directives, "resolve", "strategy"),
			Field:    argument(def.Directives, "resolve", "field"),
		}
		entries, err := fieldMap(directive)
		if err != nil {
			return t, fmt.Errorf("interface %s: %w", def.Name, err)
		}
		t.Resolve.FieldMap = entries
	}
	for _, fieldDef := range def.Fields {
		if strings.HasPrefix(fieldDef.Name, "__") {
			continue
		}
		field, err := convertField(fieldDef)
		if err != nil {
			return t, fmt.Errorf("field %s.%s: %w", def.Name, fieldDef.Name, err)
		}
		field.IsInterface = merged.Types[fieldDef.Type.Name()].Kind == ast.Interface
		t.Fields = append(t.Fields, field)
	}
	return t, nil
}

func convertField(def *ast.FieldDefinition) (Field, error) {
	field := Field{
		Name:           def.Name,
		Type:           def.Type.Name(),
		IsRequired:     def.Type.NonNull,
		IsList:         def.Type.Elem != nil,
		IsSearchable:   def.Directives.ForName("searchable") != nil,
		DatafileSchema: argument(def.Directives, "datafiles", "schema"),
		IsResource:     def.Directives.ForName("resource") != nil,
	}
	if field.IsList && (def.Type.Elem.Elem != nil || !def.Type.Elem.NonNull) {
		return field, fmt.Errorf("type %s: a bundle knows only lists of non-null elements", def.Type)
	}
	if scalar, ok := bundleScalars[field.Type]; ok {
		field.Type = scalar
	}
	if field.IsResource && field.Type == ResourceType && !field.IsList {
		if field.IsRequired {
			return field, fmt.Errorf("type %s: a bundle's resource field is always nullable", def.Type)
		}
		field.Type, field.ResolveResource = String, true
	}
	if def.Directives.ForName("synthetic") != nil {
		field.Synthetic = &Synthetic{
			Schema:  argument(def.Directives, "synthetic", "schema"),
			SubAttr: argument(def.Directives, "synthetic", "subAttr"),
		}
	}
	return field, nil
}

// argument returns the raw text of a directive's argument, or "" where either is absent.
func argument(directives ast.DirectiveList, directive, name string) string {
	if d := directives.ForName(directive); d != nil {
		if arg := d.Arguments.ForName(name); arg != nil {
			return arg.Value.Raw
		}
	}
	return ""
}

func fieldMap(directive *ast.Directive) (map[string]string, error) {
	arg := directive.Arguments.ForName("fieldMap")
	if arg == nil {
		return nil, nil
	}
	entries := map[string]string{}
	for _, child := range arg.Value.Children {
		value, typ := child.Value.Children.ForName("value"), child.Value.Children.ForName("type")
		if value == nil || typ == nil {
			return nil, fmt.Errorf("@resolve: an entry of fieldMap needs value and type")
		}
		if _, twice := entries[value.Raw]; twice {
			return nil, fmt.Errorf("@resolve: fieldMap has the value %q twice", value.Raw)
		}
		entries[value.Raw] = typ.Raw
	}
	return entries, nil
}
