package app

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/reason"
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

// crowd writes a list of so many people.
func crowd(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("E-post\n")
	for k := range n {
		fmt.Fprintf(&b, "x%d@example.no\n", k)
	}
	list := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(list, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestLogFollowsBatch: while a batch runs, what it has issued goes into the log, so
// that of one that is stopped only the last rows are not in it; the same again puts
// those in, and each is there once.
func TestLogFollowsBatch(t *testing.T) {
	t.Parallel()
	const rows, stop = 3*logsAtOnce + 7, 2*logsAtOnce + 50
	a, _ := provider(t)
	entries := func() int64 {
		l, err := a.openLog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Checkpoint().Size
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := BatchRequest{Achievement: "s", File: crowd(t, rows), Out: filepath.Join(t.TempDir(), "out")}
	done := 0
	r.Done = func() {
		switch done++; {
		case done == logsAtOnce-1 && entries() != 0:
			t.Error("the log is written for fewer rows than it is worth")
		case done%logsAtOnce == 0 && entries() < int64(done):
			t.Errorf("%d are issued, %d are in the log", done, entries())
		case done == stop:
			cancel()
		}
	}
	if _, err := a.Batch(ctx, r); reason.CodeOf(err) != reason.Canceled {
		t.Fatal(err)
	}
	before := entries()
	if before < 2*logsAtOnce {
		t.Errorf("of %d rows that were issued %d are in the log", stop, before)
	}
	r.Done = nil
	out, err := a.Batch(t.Context(), r)
	if err != nil || out.Issued+out.Before != rows || before+int64(out.Log.Added) != rows || out.Log.Entries != rows {
		t.Errorf("%d entries, then %+v %+v %v", before, out, out.Log, err)
	}
	if found, err := a.LogVerify(t.Context(), LogVerifyRequest{}); err != nil || found.Entries != rows || *found.Issued != rows {
		t.Errorf("%+v %v", found, err)
	}
}

// TestLogThatCannotFollow: a log that cannot be written stops no batch. It is told
// when all is issued, and the same again mends it.
func TestLogThatCannotFollow(t *testing.T) {
	t.Parallel()
	const rows = logsAtOnce + 1
	a, _ := provider(t)
	kept := filepath.Join(t.TempDir(), "checkpoint")
	if err := os.Rename(a.logPath("checkpoint"), kept); err != nil {
		t.Fatal(err)
	}
	r := BatchRequest{Achievement: "s", File: crowd(t, rows)}
	var table bytes.Buffer
	r.Result = &table
	out, err := a.Batch(t.Context(), r)
	if err == nil || out.Issued != rows || out.Log != nil {
		t.Errorf("%+v %v", out, err)
	}
	if err := os.Rename(kept, a.logPath("checkpoint")); err != nil {
		t.Fatal(err)
	}
	if out, err = a.Batch(t.Context(), r); err != nil || out.Before != rows || out.Log.Added != rows {
		t.Errorf("%+v %v", out, err)
	}
}
