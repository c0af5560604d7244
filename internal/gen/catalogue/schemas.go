package main

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

const (
	schemaFile    = "internal/appinterface/schema_generated.graphql"
	fragmentsFile = "internal/appinterface/fragments.graphql"
)

// schemaReader tells which datafile schemas queries read.
type schemaReader struct {
	root  string
	confs schema.Confs
	// shared are the fragments that every query may spread.
	shared ast.FragmentDefinitionList
}

func newSchemaReader(root string) (*schemaReader, error) {
	text, err := os.ReadFile(filepath.Join(root, schemaFile))
	if err != nil {
		return nil, err
	}
	confs, err := schema.FromSDL(&ast.Source{Name: schemaFile, Input: string(text)})
	if err != nil {
		return nil, err
	}
	shared, err := parseQueries(root, fragmentsFile)
	if err != nil {
		return nil, err
	}
	return &schemaReader{root: root, confs: confs, shared: shared.Fragments}, nil
}

func parseQueries(root, name string) (*ast.QueryDocument, error) {
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return nil, err
	}
	return parser.ParseQuery(&ast.Source{Name: name, Input: string(text)})
}

// reading is what the queries of an integration can read.
type reading struct {
	// Schemas are the $schema of the datafiles, sorted.
	Schemas []string
	// Unnamed are the types of further datafiles, whose $schema the GraphQL schema does not say.
	Unnamed []string
}

// read returns what the queries in files can read. A file that is not there has none.
func (r *schemaReader) read(names ...string) (reading, error) {
	w := walk{confs: r.confs, schemas: map[string]bool{}, unnamed: map[string]bool{}}
	for _, name := range names {
		doc, err := parseQueries(r.root, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return reading{}, err
		}
		w.fragments = slices.Concat(r.shared, doc.Fragments)
		for _, operation := range doc.Operations {
			w.visit(schema.QueryType, "", operation.SelectionSet)
		}
	}
	delete(w.schemas, "")
	return reading{Schemas: slices.Sorted(maps.Keys(w.schemas)), Unnamed: slices.Sorted(maps.Keys(w.unnamed))}, nil
}

// walk collects the schemas of a document. The queries are valid: the query generator has checked them.
type walk struct {
	confs            schema.Confs
	fragments        ast.FragmentDefinitionList
	schemas, unnamed map[string]bool
}

// visit takes the selections of a type. The $schema of its objects is known from the field that lists them, or else
// from the type.
func (w *walk) visit(typeName, known string, selections ast.SelectionSet) {
	typ := w.confs.Find(typeName)
	if typ == nil {
		return
	}
	if known == "" {
		known = w.datafile(typ)
	}
	w.schemas[known] = true
	if known == "" && typ.Name != schema.ResourceType && typ.Find("schema") != nil && typ.Find("path") != nil {
		w.unnamed[typ.Name] = true
	}
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.InlineFragment:
			w.visit(selection.TypeCondition, known, selection.SelectionSet)
		case *ast.FragmentSpread:
			if fragment := w.fragments.ForName(selection.Name); fragment != nil {
				w.visit(fragment.TypeCondition, known, fragment.SelectionSet)
			}
		case *ast.Field:
			if field := typ.Find(selection.Name); field != nil {
				w.visit(field.Type, listed(field), selection.SelectionSet)
			}
		}
	}
}

func (w *walk) datafile(typ *schema.Type) string {
	if own := w.confs.Find(typ.Interface); typ.Datafile == "" && own != nil {
		return own.Datafile
	}
	return typ.Datafile
}

// listed is the $schema of the datafiles that a field lists, or "".
func listed(field *schema.Field) string {
	if field.Synthetic != nil {
		return field.Synthetic.Schema
	}
	return field.DatafileSchema
}
