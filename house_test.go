package bevis_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hidden is what library code must get from outside instead: the places where
// it may stand after all are named.
var hidden = map[string][]string{
	"time.Now":            {"cmd/bevis", "examples/"},
	"time.Since":          {"cmd/bevis", "examples/"},
	"context.Background":  {"cmd/bevis", "examples/"},
	"context.TODO":        nil,
	"os.Exit":             {"cmd/bevis", "examples/"},
	"os.Getenv":           {"cmd/bevis", "internal/cli/home.go", "internal/testcorpus", "internal/testdepth"},
	"http.DefaultClient":  nil,
	"http.Get":            nil,
	"http.Post":           nil,
	"log.Fatal":           {"examples/"},
	"panic":               {"internal/i18n"},
	"init":                nil,
	"cose.LenientUnsafe":  {"server/vcapi"},
	"jose.LenientUnsafe":  {"server/vcapi"},
	"sdjwt.LenientUnsafe": {"server/vcapi"},
}

// TestNothingHidden keeps clock, network, environment and process out of the
// library, and has each package say its purpose in doc.go.
func TestNothingHidden(t *testing.T) {
	t.Parallel()
	folders := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || path == "tools" || path == "bench" || len(path) > 1 && d.Name()[0] == '.') {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		path = filepath.ToSlash(path)
		folders[path[:strings.LastIndexByte(path, '/')]] = true
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			name := ""
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok {
					name = x.Name + "." + n.Sel.Name
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "panic" {
					name = f.Name
				}
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					name = n.Name.Name
				}
			}
			places, forbidden := hidden[name]
			if forbidden && !slices.ContainsFunc(places, func(p string) bool { return strings.HasPrefix(path, p) }) {
				t.Errorf("%s: %s has no place there", path, name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range folders {
		if strings.HasPrefix(folder, "cmd/") || strings.HasPrefix(folder, "examples/") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, "doc.go"), nil, parser.ParseComments)
		if err != nil || file.Doc == nil {
			t.Errorf("%s: doc.go does not say what the package is for (%v)", folder, err)
		}
	}
}
