package verifier

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source parses the package as it is built.
func source(t *testing.T) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, file)
	}
	return out
}

// notesIn finds the constants of type Note by their names.
func notesIn(t *testing.T, files []*ast.File) map[string]Note {
	t.Helper()
	out := map[string]Note{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Note" {
				return true
			}
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out[spec.Names[0].Name] = Note(text)
			return true
		})
	}
	if len(out) < 100 { // as many as there were, and more
		t.Fatalf("only %d notes were found", len(out))
	}
	return out
}

func kindsIn(text string) []string { return regexp.MustCompile(`%.?`).FindAllString(text, -1) }

// TestEveryNote: each has a name of its own and an English text, whose places
// are of kinds that are known, and is used.
func TestEveryNote(t *testing.T) {
	t.Parallel()
	files := source(t)
	notes := notesIn(t, files)
	used, seen := map[string]int{}, map[Note]bool{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				used[id.Name]++
			}
			return true
		})
	}
	shape := regexp.MustCompile(`^[a-z]+(-[a-z]+)*/[a-z0-9]+(-[a-z0-9]+)*$`)
	for name, note := range notes {
		kinds := kindsIn(note.Text())
		switch {
		case !shape.MatchString(string(note)) || seen[note]:
			t.Errorf("%s is called %q, as none is or another is", name, note)
		case note.Text() == "":
			t.Errorf("%s has no text", name)
		case used[name] < 3: // where it is declared and in Text
			t.Errorf("%s is what no check finds", name)
		case slices.Contains(kinds, "%e") && (kinds[len(kinds)-1] != "%e" || !strings.HasSuffix(note.Text(), "%e")):
			t.Errorf("%s goes on behind what is in English: %q", name, note.Text())
		}
		for _, kind := range kinds {
			if !slices.Contains([]ArgKind{ArgText, ArgNumber, ArgTime, ArgQuoted, ArgVerdict, ArgThing, ArgMatch, ArgPlace, ArgEnglish}, ArgKind(kind[len(kind)-1])) {
				t.Errorf("%s has a place of no kind: %q", name, kind)
			}
		}
		seen[note] = true
	}
	if got := Note("period/what-is-not-known").Text() + Note("").Text() + Note("no").Text(); got != "" {
		t.Errorf("what is no note has the text %q", got)
	}
}

// TestNotesHaveTheirArguments: where a note is given by its name, it is given as
// many arguments as its text has places.
func TestNotesHaveTheirArguments(t *testing.T) {
	t.Parallel()
	files := source(t)
	notes := notesIn(t, files)
	count := 0
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || call.Ellipsis.IsValid() {
				return true
			}
			for i, arg := range call.Args {
				id, ok := arg.(*ast.Ident)
				if !ok || notes[id.Name] == "" {
					continue
				}
				count++
				if got, want := len(call.Args)-i-1, len(kindsIn(notes[id.Name].Text())); got != want {
					t.Errorf("%s is given %d arguments, and has %d places", id.Name, got, want)
				}
			}
			return true
		})
	}
	if count < 90 {
		t.Errorf("only %d calls were looked at", count)
	}
}

// TestNoDetailWithoutANote: a check that says something in English alone, which
// nobody can read in another language, has at least a code, which can.
func TestNoDetailWithoutANote(t *testing.T) {
	t.Parallel()
	count := 0
	for _, file := range source(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if id, ok := lit.Type.(*ast.Ident); !ok || id.Name != "Check" {
				return true
			}
			count++
			has := map[string]bool{}
			for _, e := range lit.Elts {
				has[e.(*ast.KeyValueExpr).Key.(*ast.Ident).Name] = true
			}
			if has["Detail"] && !has["Reason"] || has["Outcome"] && !has["Note"] && !has["Reason"] {
				t.Errorf("a check has neither note nor reason: %v", has)
			}
			return true
		})
	}
	if count < 5 {
		t.Errorf("only %d checks were looked at", count)
	}
}

func TestSay(t *testing.T) {
	t.Parallel()
	show := func(kind ArgKind, arg string) string { return string(rune(kind)) + "(" + arg + ")" }
	for _, c := range []struct {
		text string
		args []string
		want string
	}{
		{"nothing", nil, "nothing"},
		{"%s and %d", []string{"x", "2"}, "s(x) and d(2)"},
		{"until %t.", []string{"%s%q"}, "until t(%s%q)."}, // what is put in is not looked at again
		{"%s and %d", []string{"x"}, "s(x) and %d"},
		{"%s", []string{"x", "too many"}, "s(x)"},
		{"a lone %", []string{"x"}, "a lone %"},
		{"", []string{"x"}, ""},
		{"no place", []string{"x"}, "no place"},
	} {
		if got := Say(c.text, c.args, show); got != c.want {
			t.Errorf("%q %q: %q, want %q", c.text, c.args, got, c.want)
		}
	}
}

// TestFound: the arguments of one check are not those of the next, however many
// there are.
func TestFound(t *testing.T) {
	t.Parallel()
	r := &Report{}
	for n := range 3 * usualArgs {
		r.pass(CheckContents, NotePartsValid, number(n), number(n+1))
	}
	grown := append(r.Checks[0].Args, "more")
	for n, c := range r.Checks {
		if want := []string{number(n), number(n + 1)}; !slices.Equal(c.Args, want) || c.Detail != want[0]+" of "+want[1]+" credentials are valid" {
			t.Errorf("check %d has %q: %s", n, c.Args, c.Detail)
		}
	}
	if len(grown) != 3 {
		t.Error(grown)
	}
	r.warn(CheckStatus, "display_warning/status-message", "/x", NoteStatusMessageSaid, "0x1", "a \"b\"\n")
	if c := r.Check(CheckStatus); c.Detail != `the issuer has set the status 0x1, and says: "a \"b\"\n"` || c.At != "/x" || c.Outcome != Warn {
		t.Errorf("%+v", c)
	}
	r.pass(CheckEndorsement, NoteEndorsesByID, "achievement")
	if c := r.Check(CheckEndorsement); c.Detail != "endorses the achievement, by its id" {
		t.Errorf("%+v", c)
	}
}
