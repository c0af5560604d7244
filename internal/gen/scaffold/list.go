package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/app-sre/qontract-temporal/internal/gen/output"
)

const familiesFile = "integrations/integrations.go"

// list adds the integration to its family's list, and a family that is new to the list of families.
func list(root string, s subject, files output.Files) error {
	familyFolder := path.Dir(s.Folder())
	familyFile := path.Join(familyFolder, s.Family+".go")
	text, err := os.ReadFile(filepath.Join(root, familyFile))
	if errors.Is(err, fs.ErrNotExist) {
		if files[familyFile], err = render("family.go.tmpl", s); err != nil {
			return err
		}
		if text, err = os.ReadFile(filepath.Join(root, familiesFile)); err != nil {
			return err
		}
		files[familiesFile], err = insert(familiesFile, text, "Family", s.Module+"/"+familyFolder, s.Family+".Family()")
		return err
	}
	if err != nil {
		return err
	}
	files[familyFile], err = insert(familyFile, text, "Definition", s.Module+"/"+s.Folder(), s.Package()+".Definition()")
	return err
}

// insert adds an element to the slice literal of reconcile's type in a Go file, in alphabetical order, and its import.
func insert(name string, text []byte, typeName, imported, element string) ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	literal := find(file, typeName)
	if literal == nil {
		return nil, fmt.Errorf("%s has no []reconcile.%s{...} to add %s to", name, typeName, element)
	}
	offset := func(pos token.Pos) int { return int(pos - file.FileStart) }
	before := 0
	for before < len(literal.Elts) && string(text[offset(literal.Elts[before].Pos()):offset(literal.Elts[before].End())]) < element {
		before++
	}
	at, added := offset(literal.Lbrace)+1, element+","
	if before > 0 {
		at, added = offset(literal.Elts[before-1].End()), ", "+element
	}
	if newline := bytes.IndexByte(text[at:offset(literal.Rbrace)], '\n'); newline >= 0 {
		at, added = at+newline+1, element+",\n"
	}
	return withImport(name, slices.Insert(slices.Clone(text), at, []byte(added)...), imported)
}

func find(file *ast.File, typeName string) *ast.CompositeLit {
	var found *ast.CompositeLit
	ast.Inspect(file, func(node ast.Node) bool {
		literal, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if slice, ok := literal.Type.(*ast.ArrayType); ok {
			if element, ok := slice.Elt.(*ast.SelectorExpr); ok && element.Sel.Name == typeName {
				found = literal
			}
		}
		return true
	})
	return found
}

func withImport(name string, text []byte, imported string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	astutil.AddImport(fset, file, imported)
	ast.SortImports(fset, file)
	var out bytes.Buffer
	if err := format.Node(&out, fset, file); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
