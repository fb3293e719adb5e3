package formats

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
)

// TestKinds: every kind of problem that the readers and catalogue.Check name
// is one of intake.Kinds, which people are told in their own language.
func TestKinds(t *testing.T) {
	t.Parallel()
	at := map[string]int{"Warn": -3, "Broken": -3, "readAs": 1, "each": 1, "concepts": 1, "invalid": 0}
	found := map[string]bool{}
	for _, pattern := range []string{"*.go", "intake/*.go", "graph/*.go", "elmo/*.go", "../check.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				called := ""
				switch f := call.Fun.(type) {
				case *ast.SelectorExpr:
					called = f.Sel.Name
				case *ast.Ident:
					called = f.Name
				}
				i, ok := at[called]
				if !ok {
					return true
				}
				if i < 0 {
					i += len(call.Args)
				}
				if lit, ok := call.Args[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					kind, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					found[kind] = true
					if !slices.Contains(intake.Kinds(), kind) {
						t.Errorf("%s: %q is none of intake.Kinds", name, kind)
					}
				}
				return true
			})
		}
	}
	for _, kind := range intake.Kinds() {
		if !found[kind] {
			t.Errorf("%q is no longer in use", kind)
		}
	}
}
