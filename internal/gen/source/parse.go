package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Module is the path of the module that all of this is in.
const Module = "github.com/app-sre/qontract-temporal"

// folder is the parsed Go files of one, without tests and generated ones, in alphabetical order. Positions are
// relative to the root.
type folder struct {
	files []*ast.File
	fset  *token.FileSet
}

func parse(root, name string) (folder, error) {
	f := folder{fset: token.NewFileSet()}
	entries, err := os.ReadDir(filepath.Join(root, name))
	if err != nil {
		return f, err
	}
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name, entry.Name()))
		if err != nil {
			return f, err
		}
		file, err := parser.ParseFile(f.fset, path.Join(name, entry.Name()), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return f, err
		}
		if !ast.IsGenerated(file) {
			f.files = append(f.files, file)
		}
	}
	return f, nil
}

// constant returns the value of a constant of the package that is a plain string, or "".
func (f folder) constant(name string) string {
	for _, file := range f.files {
		for _, decl := range file.Decls {
			general, ok := decl.(*ast.GenDecl)
			if !ok || general.Tok != token.CONST {
				continue
			}
			for _, spec := range general.Specs {
				if value, ok := stringOf(spec, name); ok {
					return value
				}
			}
		}
	}
	return ""
}

func stringOf(spec ast.Spec, name string) (string, bool) {
	constant, ok := spec.(*ast.ValueSpec)
	if !ok || len(constant.Values) != 1 || constant.Names[0].Name != name {
		return "", false
	}
	literal, ok := constant.Values[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	value, err := strconv.Unquote(literal.Value)
	return value, err == nil
}

// function returns the comment on a function of the package, or "".
func (f folder) function(name string) string {
	for _, file := range f.files {
		for _, decl := range file.Decls {
			if function, ok := decl.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.Name == name {
				return function.Doc.Text()
			}
		}
	}
	return ""
}

// imports are the folders of this module below the given one that the files import, sorted.
func (f folder) imports(below string) []string {
	var folders []string
	for _, file := range f.files {
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue
			}
			if name, ours := strings.CutPrefix(imported, Module+"/"); ours && strings.HasPrefix(name, below+"/") {
				folders = append(folders, name)
			}
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}
