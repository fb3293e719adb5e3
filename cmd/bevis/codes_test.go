package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/reason"
)

var codeForm = regexp.MustCompile(`^[a-z]+(_[a-z]+)*/[a-z0-9]+(-[a-z0-9]+)*$`)

// usedCodes are the reason codes that stand in the source, with a place of
// each: the coarse ones, and every literal that is a finer one.
func usedCodes(t *testing.T) map[reason.Code]string {
	t.Helper()
	out := map[reason.Code]string{}
	for _, code := range reason.Codes() {
		out[code] = "reason/codes.go"
	}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (slices.Contains([]string{"testdata", "node_modules", "tools", "bench", "examples", "attacks", "bevistest"}, d.Name()) || strings.HasPrefix(d.Name(), ".") && path != root):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if _, ok := n.(*ast.ImportSpec); ok {
				return false
			}
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			code := reason.Code(text)
			if err == nil && codeForm.MatchString(text) && slices.Contains(reason.Codes(), reason.Code(code.Coarse())) {
				out[code] = filepath.ToSlash(path)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 300 {
		t.Fatalf("only %d codes were found", len(out))
	}
	return out
}

// TestEveryCodeIsComplete: whoever meets a code learns what it means and what
// to do, in their language, and a program what it counts as.
func TestEveryCodeIsComplete(t *testing.T) {
	t.Parallel()
	texts := map[string]*i18n.Printer{}
	for _, lang := range i18n.Languages() {
		texts[lang] = i18n.New(lang)
	}
	for code, place := range usedCodes(t) {
		class := code.Class()
		if (class == reason.Fault) != (code.Coarse() == string(reason.Internal)) {
			t.Errorf("%s (%s) is of no class", code, place)
		}
		if exit := class.ExitCode(); exit == 0 && class != reason.Warning || exit == 70 && class != reason.Fault {
			t.Errorf("%s (%s) has exit code %d", code, place, exit)
		}
		if status := class.HTTPStatus(); status == 500 && class != reason.Fault && class != reason.Failure {
			t.Errorf("%s (%s) has HTTP status %d", code, place, status)
		}
		for lang, p := range texts {
			if p.Code("reason.", string(code)) == "" || p.Code("next.", string(code)) == "" {
				t.Errorf("%s (%s) has no sentence or no next step in %s", code, place, lang)
			}
		}
	}
}

// TestEveryCodeIsShown: each code is in a script that brings it about, or on the
// list that says why not, and which other test does.
func TestEveryCodeIsShown(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil || len(scripts) < 10 {
		t.Fatal(err, len(scripts))
	}
	shown := map[reason.Code]bool{}
	word := regexp.MustCompile(`[a-z]+(_[a-z]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?`)
	for _, script := range scripts {
		raw, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range word.FindAllString(string(raw), -1) {
			shown[reason.Code(text)] = true
			shown[reason.Code(reason.Code(text).Coarse())] = true
		}
	}
	used := usedCodes(t)
	for code, place := range used {
		if _, never := notByCommand[code]; shown[code] == never {
			t.Errorf("%s (%s): shown by a script is %v, and on the list of those that cannot be is %v", code, place, shown[code], never)
		}
	}
	for code, other := range notByCommand {
		raw, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(other.file)))
		switch text := string(raw); {
		case used[code] == "":
			t.Errorf("%s is on the list and not in the source any more", code)
		case err != nil || other.why == "":
			t.Errorf("%s: %v", code, err)
		case !strings.Contains(text, "func "+other.test+"(") || !strings.Contains(text, string(code)):
			t.Errorf("%s: %s of %s does not bring it about", code, other.test, other.file)
		}
	}
}
