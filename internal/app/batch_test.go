package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/batch"
	"github.com/kompetansebevis/bevis/reason"
)

// TestBatchDestinations: a folder is one batch's and one process's, a zip has
// its bounds, and what a killed process left is taken away.
func TestBatchDestinations(t *testing.T) {
	t.Parallel()
	a, err := New(Config{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	known := BatchDone{Name: "spring", Rows: maxFlat + 1}
	request := BatchRequest{Achievement: "s", Out: out}
	if _, err := a.destination(t.Context(), BatchRequest{Out: out + ".ZIP"}, BatchDone{Rows: maxZip + 1}, results{}); reason.CodeOf(err) != "usage/zip" {
		t.Errorf("a zip of too many: %v", err)
	}
	notes := filepath.Join(out, batchNotes)
	if err := os.MkdirAll(filepath.Join(notes, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(notes, "tmp", "torn"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unlock, err := atomicfile.Lock(t.Context(), filepath.Join(notes, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.destination(t.Context(), request, known, results{}); reason.CodeOf(err) != "conflict/batch-running" {
		t.Errorf("beside another run: %v", err)
	}
	unlock()
	to, err := a.destination(t.Context(), request, known, results{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(notes, "tmp", "torn")); !os.IsNotExist(err) {
		t.Errorf("what was left is still there: %v", err)
	}
	// A file that is there and is not what the books have is written anew.
	d := batch.Done{Line: 2, Issued: &issuer.Issued{ID: "urn:uuid:ab12", Credential: []byte(`{"a":1}`), Again: true}}
	file := filepath.Join(out, "ab", "ab12.json")
	if err := os.WriteFile(file, []byte(`{"a"`), 0o600); err != nil {
		t.Fatal(err)
	}
	w := to.write(t.Context(), d)
	if raw, err := os.ReadFile(file); w.err != nil || err != nil || string(raw) != `{"a":1}` || w.files[0].name != "ab/ab12.json" {
		t.Errorf("%q %v %v", raw, err, w)
	}
	if err := to.note(w); err != nil {
		t.Fatal(err)
	}
	if result, err := to.commit(); err != nil || result != filepath.Join(out, "result.csv") {
		t.Errorf("%s %v", result, err)
	}
	// The way in which files are sorted is kept, also for a shorter list.
	known.Rows = 1
	if to, err = a.destination(t.Context(), request, known, results{}); err != nil {
		t.Fatal(err)
	}
	if w := to.write(t.Context(), d); w.files[0].name != "ab/ab12.json" {
		t.Errorf("%v", w)
	}
	if err := to.discard(); err != nil {
		t.Error(err)
	}
	request.Achievement = "other"
	if _, err := a.destination(t.Context(), request, known, results{}); reason.CodeOf(err) != "conflict/other-batch" {
		t.Errorf("another batch: %v", err)
	}
	for credential, want := range map[string]string{"\xd2\x84": "cose", "{}": "json", "a.b.c~d~": "sdjwt", "a.b.c": "jwt"} {
		files, _, err := (&results{}).content(t.Context(), batch.Done{Issued: &issuer.Issued{ID: "urn:uuid:x", Credential: []byte(credential)}})
		if err != nil || len(files) != 1 || files[0].name != "x."+want {
			t.Errorf("%q: %v %v", credential, files, err)
		}
	}
}
