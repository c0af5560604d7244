package host_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

func TestFailureMode11_NothingThatIsGlobalCanChange(t *testing.T) {
	found := changing(t, "../../activities/...", "../../integrations/...", "../../internal/...", "../../starter/...", "../../worker/...", "../../workflows/...")
	require.Empty(t, found, "what changes belongs into a value that somebody makes and passes on")
}

func TestGlobalsThatChangeAreFound(t *testing.T) {
	found := strings.Join(changing(t, "./testdata/globals"), "\n")
	for _, name := range []string{"assigned", "counted", "table", "list", "config", "lock", "guarded", "pointedAt", "emptied"} {
		require.Contains(t, found, "globals."+name+" ")
	}
	require.NotContains(t, found, "fixed")
}

// changing names the package's variables that can change once the program runs: those that are assigned to, in whole or
// in part, whose address is taken, and those that synchronise, which only what changes needs. Tests and their servers are
// left out, since each test binary shares servers on purpose.
func changing(t *testing.T, patterns ...string) []string {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{Context: t.Context(), Mode: packages.LoadSyntax}, patterns...)
	require.NoError(t, err)
	require.NotEmpty(t, loaded)
	var found []string
	for _, pkg := range loaded {
		require.Empty(t, pkg.Errors)
		if strings.Contains(pkg.PkgPath, "/internal/testkit/") || strings.Contains(pkg.PkgPath, "/internal/tools/") {
			continue
		}
		note := func(v *types.Var, how string) {
			found = append(found, fmt.Sprintf("%s.%s %s", pkg.Name, v.Name(), how))
		}
		global := func(e ast.Expr) *types.Var {
			v, ok := pkg.TypesInfo.Uses[root(e)].(*types.Var)
			if !ok || v.Parent() != pkg.Types.Scope() {
				return nil
			}
			return v
		}
		for _, name := range pkg.Types.Scope().Names() {
			if v, ok := pkg.Types.Scope().Lookup(name).(*types.Var); ok && synchronises(v.Type(), 0) {
				note(v, "synchronises")
			}
		}
		for _, file := range pkg.Syntax {
			ast.Inspect(file, func(n ast.Node) bool {
				for _, changed := range changedBy(n) {
					if v := global(changed); v != nil {
						note(v, "is changed")
					}
				}
				return true
			})
		}
	}
	return found
}

// changedBy returns what a piece of code changes, or lets others change.
func changedBy(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if called, ok := n.Fun.(*ast.Ident); ok && (called.Name == "delete" || called.Name == "clear") {
			return n.Args[:1]
		}
	}
	return nil
}

// root is the variable that an expression is a part of; it is nil for what is none.
func root(e ast.Expr) *ast.Ident {
	for {
		switch part := e.(type) {
		case *ast.Ident:
			return part
		case *ast.IndexExpr:
			e = part.X
		case *ast.SelectorExpr:
			e = part.X
		case *ast.StarExpr:
			e = part.X
		case *ast.ParenExpr:
			e = part.X
		default:
			return nil
		}
	}
}

// synchronises says whether a type is a channel or has a part of the packages that synchronise.
func synchronises(t types.Type, depth int) bool {
	const deep = 4
	if named, ok := types.Unalias(t).(*types.Named); ok {
		if pkg := named.Obj().Pkg(); pkg != nil && (pkg.Path() == "sync" || pkg.Path() == "sync/atomic") {
			return true
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Chan:
		return true
	case *types.Struct:
		for field := range u.Fields() {
			if depth < deep && synchronises(field.Type(), depth+1) {
				return true
			}
		}
	case *types.Array:
		return synchronises(u.Elem(), depth+1)
	}
	return false
}
