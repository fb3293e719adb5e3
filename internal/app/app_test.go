package app_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func newApp(t *testing.T, home string) *app.App {
	t.Helper()
	a, err := app.New(app.Config{Home: home, Now: func() time.Time { return noon }, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func provider(t *testing.T, a *app.App) *issuer.Issued {
	t.Helper()
	if _, err := a.IssuerInit(t.Context(), app.IssuerSetup{ID: "did:web:kurs.example", Name: "Kursstedet", Suite: app.SuiteNames()[0]}, key.Ed25519); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AchievementNew(welding()); err != nil {
		t.Fatal(err)
	}
	issued, err := a.Issue(t.Context(), "kurs", issuer.Award{Recipient: issuer.Recipient{ID: "did:example:kari"}})
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

func welding() app.Achievement {
	return app.Achievement{Achievement: openbadge.Achievement{
		ID: "https://kurs.example/1", Name: "Kurs", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}}
}

// TestFileModes: what is kept is the owner's alone, what is published can be
// read by a web server.
func TestFileModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no modes here")
	}
	home, public := filepath.Join(t.TempDir(), "home"), filepath.Join(t.TempDir(), "public")
	a := newApp(t, home)
	provider(t, a)
	if err := a.TrustAdd(t.Context(), trust.Entry{Issuer: "did:web:kurs.example"}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.IssuerPublish(t.Context(), public); err != nil {
		t.Fatal(err)
	}
	check := func(root string, folder, file fs.FileMode) {
		seen := 0
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			seen++
			want := file
			if d.IsDir() {
				want = folder
			}
			// The process's own mask may take rights away, never add any.
			if extra := info.Mode().Perm() &^ want; extra != 0 && !strings.Contains(path, "ledger.db") {
				t.Errorf("%s has mode %v", path, info.Mode().Perm())
			}
			if missing := want &^ info.Mode().Perm(); missing != 0 && root == public {
				t.Errorf("%s cannot be served: mode %v", path, info.Mode().Perm())
			}
			return nil
		})
		if err != nil || seen < 4 {
			t.Errorf("%s: %d files, %v", root, seen, err)
		}
	}
	check(home, 0o700, 0o600)
	check(public, 0o755, 0o644)
}

// TestIssuerInitAgain never touches a key that is there.
func TestIssuerInitAgain(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	a := newApp(t, home)
	provider(t, a)
	before, err := os.ReadFile(filepath.Join(home, "issuer", "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(home, "issuer", "issuer.json")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := a.IssuerInit(t.Context(), app.IssuerSetup{Name: "X", Suite: app.SuiteNames()[0]}, key.Unknown); reason.CodeOf(err).Coarse() != "conflict" {
			t.Errorf("a second set-up: %v", err)
		}
	}
	if after, err := os.ReadFile(filepath.Join(home, "issuer", "key.pem")); err != nil || !bytes.Equal(before, after) {
		t.Error("the key was changed", err)
	}
	if _, err := a.IssuerShow(); reason.CodeOf(err) != "not_found/issuer" {
		t.Error("a set-up stands beside another one's key", err)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Grunnkurs i sveising": "grunnkurs-i-sveising", "Ål & ære: Ø!": "al-aere-o", "../../etc/passwd": "etc-passwd", "  ": "", "日本": "", "C++ 2": "c-2",
	} {
		if got := app.Slug(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func TestParseUntil(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Time{
		"30d": noon.AddDate(0, 0, 30), "12h": noon.Add(12 * time.Hour), "2027-01-01": time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		"2027-01-01T10:00:00+02:00": time.Date(2027, 1, 1, 8, 0, 0, 0, time.UTC),
		"0d":                        {}, "-1d": {}, "d": {}, "30": {}, "": {}, "99999999999d": {}, "30m": {}, "2027-13-01": {},
	} {
		got, err := app.ParseUntil(in, noon)
		if (err != nil) != want.IsZero() || err == nil && !got.Equal(want) {
			t.Errorf("%q gives %v, %v; want %v", in, got, err, want)
		}
	}
}

// TestClass: of many results the worst counts, in the order of the exit codes.
func TestClass(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	a := newApp(t, home)
	issued := provider(t, a)
	good := app.Input{Name: "good", Raw: issued.Credential}
	for _, test := range []struct {
		name   string
		inputs []app.Input
		want   reason.Class
	}{
		{"nothing", nil, reason.Unreadable},
		{"missing", []app.Input{{Name: "x", Err: reason.New(reason.NotFound, "", "x")}}, reason.Missing},
		{"unreadable", []app.Input{{Name: "x", Raw: []byte("x")}}, reason.Unreadable},
		{"unreadable and missing", []app.Input{{Name: "x", Raw: []byte("x")}, {Name: "y", Err: reason.New(reason.NotFound, "", "x")}}, reason.Unreadable},
		{"its list is not at hand", []app.Input{good, {Name: "x", Raw: []byte("x")}}, reason.Undetermined},
		{"tampered", []app.Input{good, {Name: "t", Raw: []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"]}`)}}, reason.Invalid},
	} {
		results, err := a.Verify(t.Context(), app.VerifyRequest{Inputs: test.inputs, Issuers: []string{"did:web:kurs.example"}})
		if err != nil || results.Class() != test.want {
			t.Errorf("%s: class %d, %v; want %d", test.name, results.Class(), err, test.want)
		}
	}
}
