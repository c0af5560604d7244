package main

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// document returns a folder's queries in the form that genqlient is given: with the shared fragments they use, and
// above each query the pointer directives that follow from the schema. Queries that do not fit the schema are an
// error that names file and line.
func document(schema *ast.Schema, shared *ast.QueryDocument, queries *ast.Source) (string, error) {
	parsed, err := parser.ParseQuery(queries)
	if err != nil {
		return "", err
	}
	whole := &ast.QueryDocument{Operations: parsed.Operations, Fragments: parsed.Fragments}
	used, err := usedFragments(shared, parsed)
	if err != nil {
		return "", err
	}
	whole.Fragments = append(whole.Fragments, used...)
	if errs := validator.ValidateWithRules(schema, whole, rules.NewDefaultRules()); len(errs) > 0 {
		return "", errs
	}
	var out strings.Builder
	out.WriteString(withDirectives(schema, queries.Input, parsed))
	out.WriteString("\n")
	formatter.NewFormatter(&out).FormatQueryDocument(&ast.QueryDocument{Fragments: used})
	return out.String(), nil
}

// usedFragments returns the shared fragments that the document spreads, directly or through one another. A fragment
// of the document's own with the name of a shared one is an error.
func usedFragments(shared, doc *ast.QueryDocument) (ast.FragmentDefinitionList, error) {
	for _, own := range doc.Fragments {
		if shared.Fragments.ForName(own.Name) != nil {
			return nil, fmt.Errorf("%s:%d: fragment %s is already defined in %s: rename this one or use that",
				own.Position.Src.Name, own.Position.Line, own.Name, fragmentsFile)
		}
	}
	names := map[string]bool{}
	var visit func(ast.SelectionSet)
	visit = func(selections ast.SelectionSet) {
		for _, selection := range selections {
			switch selection := selection.(type) {
			case *ast.Field:
				visit(selection.SelectionSet)
			case *ast.InlineFragment:
				visit(selection.SelectionSet)
			case *ast.FragmentSpread:
				fragment := shared.Fragments.ForName(selection.Name)
				if fragment != nil && !names[selection.Name] {
					names[selection.Name] = true
					visit(fragment.SelectionSet)
				}
			}
		}
	}
	for _, operation := range doc.Operations {
		visit(operation.SelectionSet)
	}
	for _, fragment := range doc.Fragments {
		visit(fragment.SelectionSet)
	}
	var used ast.FragmentDefinitionList
	for _, fragment := range shared.Fragments {
		if names[fragment.Name] {
			used = append(used, fragment)
		}
	}
	return used, nil
}

// withDirectives puts a pointer directive above each query and fragment for every field in it whose null is not the
// zero value of its Go type. The variables of a query move to a line of their own, or genqlient would apply the
// directives to them as well.
func withDirectives(schema *ast.Schema, text string, doc *ast.QueryDocument) string {
	insert := map[int]string{}
	runes := []rune(text)
	add := func(start int, selections ast.SelectionSet) {
		for start > 0 && runes[start-1] != '\n' {
			start--
		}
		for _, field := range pointers(schema, selections) {
			insert[start] += fmt.Sprintf("# @genqlient(for: %q, pointer: true)\n", field)
		}
	}
	for _, operation := range doc.Operations {
		add(operation.Position.Start, operation.SelectionSet)
		if len(operation.VariableDefinitions) > 0 {
			insert[operation.Position.Start+slices.Index(runes[operation.Position.Start:], '(')+1] = "\n"
		}
	}
	for _, fragment := range doc.Fragments {
		add(fragment.Position.Start, fragment.SelectionSet)
	}
	var out strings.Builder
	for i, r := range runes {
		out.WriteString(insert[i])
		out.WriteRune(r)
	}
	return out.String()
}

// pointers returns the fields of a selection that become pointers, as Type.field, sorted.
func pointers(schema *ast.Schema, selections ast.SelectionSet) []string {
	found := map[string]bool{}
	var visit func(ast.SelectionSet)
	visit = func(selections ast.SelectionSet) {
		for _, selection := range selections {
			switch selection := selection.(type) {
			case *ast.Field:
				if needsPointer(schema, selection.Definition.Type) {
					found[selection.ObjectDefinition.Name+"."+selection.Name] = true
				}
				visit(selection.SelectionSet)
			case *ast.InlineFragment:
				visit(selection.SelectionSet)
			}
		}
	}
	visit(selections)
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// needsPointer says whether null differs from the zero value of the type's Go form. Interfaces are nil for null as
// they are, and so is a list.
func needsPointer(schema *ast.Schema, typ *ast.Type) bool {
	if typ.NonNull || typ.Elem != nil {
		return false
	}
	switch typ.Name() {
	case "Boolean", "Int", "Float":
		return true
	}
	return schema.Types[typ.Name()].Kind == ast.Object
}
