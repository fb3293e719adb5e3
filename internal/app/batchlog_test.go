package app

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/credential/openbadge"
)

// provider is an App with an issuer that keeps a transparency log, and an
// achievement "s".
func provider(t *testing.T) (*App, logproof.Key) {
	t.Helper()
	a, err := New(Config{Home: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.IssuerInit(t.Context(), IssuerSetup{ID: "did:web:kurs.example", Name: "Kursstedet", Suite: SuiteNames()[1]}, key.Unknown); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AchievementNew(Achievement{Slug: "s", Achievement: openbadge.Achievement{ID: "https://kurs.example/s", Name: "S", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}}); err != nil {
		t.Fatal(err)
	}
	setup, err := a.LogInit(t.Context(), filepath.Join(t.TempDir(), "log"), "")
	if err != nil {
		t.Fatal(err)
	}
	k, err := logproof.ParseKey(setup.Key)
	if err != nil {
		t.Fatal(err)
	}
	return a, k
}

// proves fails the test unless a proof is one of a credential by a log.
func proves(t *testing.T, raw, credential []byte, by logproof.Key) {
	t.Helper()
	p, err := logproof.Parse(raw)
	if err == nil {
		err = p.Covers(credential)
	}
	if err == nil {
		err = p.Checkpoint.SignedBy(by)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestProofsInZip: a zip has a proof for each credential in it.
func TestProofsInZip(t *testing.T) {
	t.Parallel()
	a, k := provider(t)
	list := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(list, []byte("E-post\nx@example.no\ny@example.no\nz@example.no\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.zip")
	done, err := a.Batch(t.Context(), BatchRequest{Achievement: "s", File: list, Out: out})
	if err != nil || done.Log == nil || done.Log.Added != 3 {
		t.Fatalf("%+v %v", done, err)
	}
	z, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for name, raw := range files {
		if strings.HasSuffix(name, ".json") {
			n++
			proves(t, files[name+logproof.Suffix], raw, k)
		}
	}
	if n != 3 || len(files) != 7 || !bytes.HasPrefix(files[resultName], []byte("line;")) {
		t.Errorf("%d credentials in %d files", n, len(files))
	}
}
