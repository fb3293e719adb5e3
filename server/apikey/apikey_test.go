package apikey

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

func TestNew(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	secret, k, err := New("moodle", []Scope{Issue, Read}, now)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := New("moodle", []Scope{Issue}, now)
	if err != nil || other == secret || len(secret) != len(prefix)+43 || k.Digest != Digest(secret) || !strings.HasPrefix(k.Digest, k.ID) || len(k.ID) != 12 {
		t.Error(secret, other, k, err)
	}
	for s, want := range map[Scope]bool{Issue: true, Read: true, Revoke: false, Publish: false, Admin: false, "": false} {
		if k.May(s) != want {
			t.Errorf("may %q: %v", s, !want)
		}
	}
	if k.Revoked = now; k.May(Issue) {
		t.Error("a revoked key may issue")
	}
	if (Key{}).May("") || (Key{}).May(Issue) {
		t.Error("no key may")
	}
	for _, bad := range []struct {
		name   string
		scopes []Scope
	}{{"", []Scope{Issue}}, {"a b", []Scope{Issue}}, {"å", []Scope{Issue}}, {strings.Repeat("a", 61), []Scope{Issue}}, {"a\n", []Scope{Issue}}, {"a", nil}, {"a", []Scope{"all"}}, {"a", []Scope{Issue, Issue}}} {
		if secret, _, err := New(bad.name, bad.scopes, now); reason.CodeOf(err) != "usage/api-key" || secret != "" {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// TestFile: a key is found by its secret alone, a revocation by another process
// is seen within a second, and neither file holds the secret.
func TestFile(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 23, 59, 59, 0, time.UTC)
	clock := func() time.Time { return now }
	path := filepath.Join(t.TempDir(), "issuer", "apikeys.json")
	command, service := NewFile(path, clock), NewFile(path, clock)
	secret, k, err := New("moodle", []Scope{Issue}, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := service.Find(secret); ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := command.Add(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Second)
	got, ok, err := service.Find(secret)
	if !ok || err != nil || got.Name != "moodle" || !got.May(Issue) {
		t.Fatal(got, ok, err)
	}
	for _, wrong := range []string{"", secret[:len(secret)-1], secret + " ", k.Digest, k.ID} {
		if _, ok, _ := service.Find(wrong); ok {
			t.Errorf("%q is a key", wrong)
		}
	}
	if err := command.Add(t.Context(), k); reason.CodeOf(err) != "conflict/api-key" {
		t.Error(err)
	}
	for range 2 {
		if err := service.Use(got); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := command.List(); err != nil || len(all) != 1 || all[0].LastUsed != "2026-11-29" {
		t.Error(all, err)
	}
	if _, err := command.Revoke(t.Context(), "no-such"); reason.CodeOf(err) != "not_found/api-key" {
		t.Error(err)
	}
	if _, err := command.Revoke(t.Context(), k.ID); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Second)
	if got, _, err := service.Find(secret); err != nil || got.May(Issue) {
		t.Error("a revoked key may issue", err)
	}
	if _, err := command.Revoke(t.Context(), "moodle"); reason.CodeOf(err) != "not_found/api-key" {
		t.Error(err)
	}
	for _, file := range []string{path, path + ".used"} {
		raw, err := os.ReadFile(file)
		if err != nil || strings.Contains(string(raw), secret[len(prefix):]) {
			t.Error(file, err)
		}
	}
}

// TestBrokenFile: what cannot be read lets nobody in, also who came in before.
func TestBrokenFile(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "apikeys.json")
	f := NewFile(path, func() time.Time { return now })
	secret, k, err := New("a", []Scope{Issue}, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Add(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := f.Find(secret); !ok {
		t.Fatal("not found")
	}
	for _, text := range []string{"", "{", `{"schema":"bevis.apikeys/v2","keys":[]}`, `{"schema":"bevis.apikeys/v1","schema":"x"}`, `{"schema":"bevis.apikeys/v1","keys":7}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
		if _, ok, err := f.Find(secret); ok || reason.CodeOf(err) != "malformed/api-keys" {
			t.Errorf("%q: %v, %v", text, ok, err)
		}
		if _, err := f.List(); reason.CodeOf(err) != "malformed/api-keys" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestManyChange: of changes at the same time none is lost.
func TestManyChange(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "apikeys.json")
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			_, k, err := New(fmt.Sprint("key-", n), []Scope{Read}, now)
			if err == nil {
				err = NewFile(path, clock).Add(t.Context(), k)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if all, err := NewFile(path, clock).List(); err != nil || len(all) != 20 {
		t.Error(len(all), err)
	}
}
