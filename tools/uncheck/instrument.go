package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// check is one condition that can be switched off.
type check struct {
	id              int
	pkg, file, name string // name tells file, function and condition
	line            int
}

// helper is put beside the instrumented files of each package.
const helper = `package %s

import (
	"os"
	"strconv"
	"sync"
)

var uncheckedID, _ = strconv.Atoi(os.Getenv("UNCHECK"))
var uncheckedTrace = os.Getenv("UNCHECK_TRACE")
var uncheckedSeen sync.Map

func checkIsOff(id int) bool {
	if uncheckedTrace != "" {
		if _, seen := uncheckedSeen.LoadOrStore(id, true); !seen {
			f, _ := os.OpenFile(uncheckedTrace, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			f.WriteString(strconv.Itoa(id) + "\n")
			f.Close()
		}
	}
	return id == uncheckedID
}
`

// instrument writes the files of the packages with a switch at each check, and
// an overlay that puts them in place of the real ones.
func instrument(root, dir string, packages []string, operators bool) ([]check, string, error) {
	var checks []check
	replace := map[string]string{}
	for _, p := range packages {
		files, err := filepath.Glob(filepath.Join(root, p, "*.go"))
		if err != nil {
			return nil, "", err
		}
		name := ""
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				return nil, "", err
			}
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, file, source, 0)
			if err != nil {
				return nil, "", err
			}
			name = tree.Name.Name
			v := &visitor{set: set, source: source, pkg: p, file: p + "/" + filepath.Base(file), checks: checks, operators: operators}
			for _, d := range tree.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
					v.function = f.Name.Name
					ast.Inspect(f.Body, v.visit)
				}
			}
			checks = v.checks
			out := filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
			if err := os.WriteFile(out, v.edited(), 0o600); err != nil {
				return nil, "", err
			}
			replace[file] = out
		}
		out := filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
		if err := os.WriteFile(out, fmt.Appendf(nil, helper, name), 0o600); err != nil {
			return nil, "", err
		}
		replace[filepath.Join(root, p, "unchecked.go")] = out
	}
	overlay := filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, "", err
	}
	return checks, overlay, os.WriteFile(overlay, text, 0o600)
}

type edit struct {
	at   int
	text string
}

type visitor struct {
	set                 *token.FileSet
	source              []byte
	pkg, file, function string
	checks              []check
	edits               []edit
	operators           bool
}

func (v *visitor) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IfStmt:
		v.off("if", n.Cond, "(!checkIsOff(%d) && (", "))")
	case *ast.SwitchStmt:
		if n.Tag == nil {
			for _, s := range n.Body.List {
				for _, e := range s.(*ast.CaseClause).List {
					v.off("case", e, "(!checkIsOff(%d) && (", "))")
				}
			}
		}
	case *ast.BinaryExpr:
		switch n.Op {
		case token.LOR:
			for _, e := range []ast.Expr{n.X, n.Y} {
				v.off("||", e, "(!checkIsOff(%d) && (", "))")
			}
		case token.LAND:
			for _, e := range []ast.Expr{n.X, n.Y} {
				v.off("&&", e, "(checkIsOff(%d) || (", "))")
			}
		}
		v.operator(n)
	}
	return true
}

// comparisons are the operators that are changed where operators are to be:
// the one that says the opposite, and the one beside it at the boundary.
var comparisons = map[token.Token][2]token.Token{
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL},
	token.LSS: {token.GEQ, token.LEQ}, token.LEQ: {token.GTR, token.LSS}, token.GTR: {token.LEQ, token.GEQ}, token.GEQ: {token.LSS, token.GTR},
}

// operator makes a comparison one whose operator can be changed. One within
// another is left alone.
func (v *visitor) operator(n *ast.BinaryExpr) {
	from, at, to := v.set.Position(n.Pos()).Offset, v.set.Position(n.OpPos).Offset, v.set.Position(n.End()).Offset
	if !v.operators || comparisons[n.Op][0] == token.ILLEGAL || bytes.Contains(v.source[from:to], []byte("func(")) {
		return
	}
	x, y := string(v.source[from:at]), string(v.source[at+len(n.Op.String()):to])
	for _, op := range comparisons[n.Op] {
		if op != token.ILLEGAL {
			v.off(op.String()+" for", n, "(checkIsOff(%d) && ("+strings.ReplaceAll(x+op.String()+y, "%", "%%")+") || !checkIsOff(%[1]d) && (", "))")
		}
	}
}

// off makes an expression one that can be switched off. A chain of the same
// operator is a tree to the parser, of which only the leaves are conditions.
func (v *visitor) off(kind string, e ast.Expr, before, after string) {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op.String() == kind {
		return
	}
	from, to := v.set.Position(e.Pos()), v.set.Position(e.End())
	id := len(v.checks) + 1
	text := strings.Join(strings.Fields(string(v.source[from.Offset:to.Offset])), " ")
	v.checks = append(v.checks, check{id, v.pkg, v.file, v.file + " " + v.function + ": " + kind + " " + text, from.Line})
	v.edits = append(v.edits, edit{from.Offset, fmt.Sprintf(before, id)}, edit{to.Offset, after})
}

// edited returns the source with the switches. Where two begin at one place,
// the outer one was met first; where two end there, all endings are alike.
func (v *visitor) edited() []byte {
	slices.SortStableFunc(v.edits, func(a, b edit) int { return cmp.Compare(a.at, b.at) })
	var out []byte
	last := 0
	for _, e := range v.edits {
		out = append(append(out, v.source[last:e.at]...), e.text...)
		last = e.at
	}
	return append(out, v.source[last:]...)
}
