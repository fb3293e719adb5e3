package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/cli"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// TestDocuments keeps docs/documents.md: its tables are what the command that it
// names says of the samples.
func TestDocuments(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t)
	elm, err := filepath.Glob(filepath.Join(root, "catalogue", "elm*"))
	if err != nil || len(elm) == 0 {
		t.Fatal(elm, err)
	}
	args := []string{"--lang", "en", "--offline", "credential", "survey", "--at", "2026-11-01"}
	for _, folder := range []string{"openbadges", "dcc", "other"} {
		args = append(args, filepath.Join(root, folder))
	}
	args = append(args, elm...)
	var out, says bytes.Buffer
	code := cli.Run(t.Context(), cli.Env{Args: args, Stdout: &out, Stderr: &says, Getenv: func(string) string { return "" }, Now: time.Now, Home: t.TempDir()})
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, &says)
	}
	got := strings.ReplaceAll(filepath.ToSlash(out.String()), filepath.ToSlash(root)+"/", "")
	const doc, begin, end = "../../docs/documents.md", "<!-- begin of what the command says -->\n", "<!-- end of what the command says -->\n"
	raw, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	head, rest, ok1 := strings.Cut(text, begin)
	want, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("the tables have no place in the document")
	}
	if got == want {
		return
	}
	if *update {
		if err := os.WriteFile(doc, []byte(head+begin+got+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for n := range max(len(gotLines), len(wantLines)) {
		var a, b string
		if n < len(gotLines) {
			a = gotLines[n]
		}
		if n < len(wantLines) {
			b = wantLines[n]
		}
		if a != b {
			t.Fatalf("line %d is now\n%s\nnot\n%s\nupdate with: go test ./cmd/bevis -run TestDocuments -update", n+1, a, b)
		}
	}
}
