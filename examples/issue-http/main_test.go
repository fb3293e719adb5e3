package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
)

// TestExample completes courses: once each, however often it is said.
func TestExample(t *testing.T) {
	t.Parallel()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	server := httptest.NewServer(newHandler("did:web:kurs.example", private, ledger))
	defer server.Close()
	post := func(student string) (int, string) {
		r, err := http.PostForm(server.URL+"/completed", url.Values{"course": {"sveising"}, "student": {student}})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(body)
	}
	code, first := post("did:example:kari")
	c, err := credential.Parse([]byte(first), credential.Limits{})
	if err != nil || code != http.StatusOK {
		t.Fatal(code, first, err)
	}
	if b, err := openbadge.FromCredential(c); err != nil || b.Subject.ID != "did:example:kari" || b.Subject.Achievement.Name != "sveising" {
		t.Error(b, err)
	}
	if _, again := post("did:example:kari"); again != first {
		t.Error("said twice, issued twice")
	}
	if code, _ := post(""); code != http.StatusUnprocessableEntity {
		t.Error("for nobody:", code)
	}
}

// TestShort: a provider needs fewer than forty lines beside its imports.
func TestShort(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(source), "\nfunc main()")
	lines := 1
	for line := range strings.Lines(code) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	if lines < 10 || lines >= 40 {
		t.Errorf("%d lines", lines)
	}
}
