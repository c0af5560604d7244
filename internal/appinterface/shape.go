package appinterface

import (
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/app-sre/qontract-temporal/internal/deephash"
)

// shapes knows of each query which lists of its answers have no order. Datafiles come in whatever order the bundle was
// packed in, and so do the objects that refer to another one; a list within a datafile has the order that its author
// gave it.
type shapes struct {
	load    sync.Once
	schema  *ast.Schema
	mu      sync.Mutex
	queries map[string]*deephash.Shape
}

// of returns the shape of a query's answers. Of a query that does not fit the schema only the root fields are known to
// be lists of datafiles.
func (s *shapes) of(query string) *deephash.Shape {
	s.load.Do(func() {
		// A schema that cannot be read leaves more lists in order than there are, which is never wrong.
		s.schema, _ = gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: schemaSDL})
		s.queries = map[string]*deephash.Shape{}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.queries[query]; ok {
		return known
	}
	shape := s.derive(query)
	s.queries[query] = shape
	return shape
}

func (s *shapes) derive(query string) *deephash.Shape {
	if s.schema != nil {
		if document, err := gqlparser.LoadQueryWithRules(s.schema, query, nil); err == nil && len(document.Operations) == 1 {
			return shapeOf(document.Operations[0].SelectionSet)
		}
	}
	document, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil || len(document.Operations) != 1 {
		return nil
	}
	shape := &deephash.Shape{Fields: map[string]*deephash.Shape{}}
	for _, selection := range document.Operations[0].SelectionSet {
		if field, ok := selection.(*ast.Field); ok {
			shape.Fields[field.Alias] = &deephash.Shape{Unordered: true}
		}
	}
	return shape
}

// shapeOf is the shape of an object with the fields that are selected of it, in fragments too.
func shapeOf(selections ast.SelectionSet) *deephash.Shape {
	shape := &deephash.Shape{Fields: map[string]*deephash.Shape{}}
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			field := shapeOf(selection.SelectionSet)
			field.Unordered = unordered(selection.Definition)
			mergeField(shape, selection.Alias, field)
		case *ast.InlineFragment:
			for name, field := range shapeOf(selection.SelectionSet).Fields {
				mergeField(shape, name, field)
			}
		case *ast.FragmentSpread:
			for name, field := range shapeOf(selection.Definition.SelectionSet).Fields {
				mergeField(shape, name, field)
			}
		}
	}
	return shape
}

// mergeField adds a field to a shape. Where types of one interface have it with and without order it is taken to have
// one.
func mergeField(into *deephash.Shape, name string, field *deephash.Shape) {
	there, known := into.Fields[name]
	if !known {
		into.Fields[name] = field
		return
	}
	there.Unordered = there.Unordered && field.Unordered
	for name, nested := range field.Fields {
		mergeField(there, name, nested)
	}
}

// unordered says whether a field lists datafiles or resources, or the objects that refer to its own. A field without
// arguments that holds resources names them in an order of its own.
func unordered(field *ast.FieldDefinition) bool {
	if field == nil {
		return false
	}
	return field.Directives.ForName("datafiles") != nil || field.Directives.ForName("synthetic") != nil ||
		(field.Directives.ForName("resource") != nil && len(field.Arguments) > 0)
}
