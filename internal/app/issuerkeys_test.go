package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// rotates returns a provider whose key can be changed.
func rotates(t *testing.T) *App {
	t.Helper()
	a, err := New(Config{Home: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.IssuerInit(t.Context(), IssuerSetup{ID: "did:web:kurs.example", Name: "Kursstedet", Suite: SuiteNames()[1]}, key.Unknown); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestWorkWithTheNextKey: a worker that runs while the key is changed goes on
// with the one that follows.
func TestWorkWithTheNextKey(t *testing.T) {
	t.Parallel()
	a := rotates(t)
	if _, err := a.AchievementNew(Achievement{Slug: "s", Achievement: openbadge.Achievement{ID: "https://kurs.example/s", Name: "S", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := a.Work(ctx, WorkRequest{Lease: time.Minute}, func(_ issuer.Job, err error, _ bool) { t.Error(err) })
		ended <- err
	}()
	signed := func() (out string) {
		keys, err := a.KeyList(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			out += fmt.Sprint(k.Signed, " ")
		}
		return out
	}
	for n, want := range []string{"1 ", "1 1 ", "1 1 1 "} {
		if n > 0 {
			if _, err := a.KeyRotate(t.Context(), Rotation{}); err != nil {
				t.Fatal(err)
			}
		}
		award := issuer.Award{Recipient: issuer.Recipient{ID: "did:example:kari"}, IdempotencyKey: want}
		if err := a.IssueLater(t.Context(), "s", award); err != nil {
			t.Fatal(err)
		}
		for wait := 0; signed() != want; wait++ {
			if wait > 1200 {
				t.Fatalf("%q, not %q", signed(), want)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// rotating changes the key just before a job is taken.
type rotating struct {
	books
	app *App
}

func (r rotating) Lease(ctx context.Context, l issuer.Lease) (issuer.Job, error) {
	if _, err := r.app.KeyRotate(ctx, Rotation{}); err != nil {
		return issuer.Job{}, err
	}
	return r.books.Lease(ctx, l)
}

// TestJobOfTheNextKey: what is asked for after the key was changed is not signed
// by a worker that has the one before it, and is there for others at once.
func TestJobOfTheNextKey(t *testing.T) {
	t.Parallel()
	a := rotates(t)
	s, err := a.IssuerShow()
	if err != nil {
		t.Fatal(err)
	}
	err = a.withIssuer(t.Context(), func(i *issuer.Issuer, l books) error {
		if _, err := l.Enqueue(t.Context(), issuer.Job{Kind: jobIssue}); err != nil {
			return err
		}
		w := worker{app: a, issuer: i, setup: s, ledger: rotating{l, a}, r: WorkRequest{Lease: time.Hour}}
		if j, err := w.next(t.Context()); !errors.Is(err, errAnotherSetup) || j.ID != 0 {
			t.Errorf("job %d, %v", j.ID, err)
		}
		w.ledger = l
		if w.setup, err = a.IssuerShow(); err != nil {
			return err
		}
		// Nor by one that cannot tell which key is in use.
		at := a.path("issuer", "issuer.json")
		if err := os.Rename(at, at+".x"); err != nil {
			return err
		}
		if j, err := w.next(t.Context()); reason.CodeOf(err) != "not_found/issuer" || j.ID != 0 {
			t.Errorf("without a set-up: job %d, %v", j.ID, err)
		}
		if err := os.Rename(at+".x", at); err != nil {
			return err
		}
		if j, err := w.next(t.Context()); err != nil || j.ID == 0 {
			t.Errorf("job %d, %v", j.ID, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestClockThatLags: with a clock from before the first key began, that one
// signs.
func TestClockThatLags(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	a, err := New(Config{Home: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.IssuerInit(t.Context(), IssuerSetup{ID: "did:web:kurs.example", Name: "Kursstedet", Suite: SuiteNames()[0]}, key.Unknown); err != nil {
		t.Fatal(err)
	}
	if _, err := a.KeyRotate(t.Context(), Rotation{From: now.Add(time.Hour), Overlap: time.Hour}); err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]string{-24 * time.Hour: "#key-1", 0: "#key-1", 59 * time.Minute: "#key-1", time.Hour: "#key-2", 24 * time.Hour: "#key-2"} {
		now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC).Add(after)
		if s, err := a.IssuerShow(); err != nil || !strings.HasSuffix(s.Method, want) {
			t.Errorf("%s: %s, not %s, %v", after, s.Method, want, err)
		}
	}
}

func TestSplitCommand(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"a":                             `["a"]`,
		" a  b\tc ":                     `["a" "b" "c"]`,
		`a "b c" 'd "e"' f'g h'"i"`:     `["a" "b c" "d \"e\"" "fg hi"]`,
		`a "" ''`:                       `["a" "" ""]`,
		`C:\Programs\signer.exe $X ~ *`: `["C:\\Programs\\signer.exe" "$X" "~" "*"]`,
	} {
		if got, err := SplitCommand(line); err != nil || fmt.Sprintf("%q", got) != want {
			t.Errorf("%s: %q %v", line, got, err)
		}
	}
	for _, line := range []string{"", "  ", `a "b`, `'`, `"" a`} {
		if got, err := SplitCommand(line); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%s: %q %v", line, got, err)
		}
	}
}

// TestOpenedOnce: a key file is opened by the first who signs, and nobody waits
// for a passphrase in vain.
func TestOpenedOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	cfg := Config{Home: t.TempDir(), Now: time.Now, PassphraseWork: 10}
	cfg.Keys.Open = func(context.Context, string, bool) (WayIn, error) {
		if asked++; asked == 1 {
			return WayIn{}, errors.New("nobody there")
		}
		return WayIn{Passphrase: []byte("hemmelig")}, nil
	}
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := KeyRequest{Lock: KeyLock{Passphrase: []byte("hemmelig")}}
	if _, err := a.IssuerInitKey(t.Context(), IssuerSetup{Name: "Kursstedet", Suite: SuiteNames()[0]}, r); err != nil {
		t.Fatal(err)
	}
	_, signer, err := a.ownSigner(t.Context())
	if err != nil || asked != 0 {
		t.Fatal(asked, err)
	}
	if _, err := signer.Sign(t.Context(), []byte("x")); err == nil {
		t.Error("signed without a key")
	}
	for range 3 {
		sig, err := signer.Sign(t.Context(), []byte("x"))
		if err == nil {
			err = signer.Public().Verify([]byte("x"), sig)
		}
		if err != nil {
			t.Error(err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

// TestDeskWithTheNextKey: so does a service.
func TestDeskWithTheNextKey(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	a, err := New(Config{Home: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.IssuerInit(t.Context(), IssuerSetup{ID: "did:web:kurs.example", Name: "Kursstedet", Suite: SuiteNames()[1]}, key.Unknown); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AchievementNew(Achievement{Slug: "s", Achievement: openbadge.Achievement{ID: "https://kurs.example/s", Name: "S", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}}); err != nil {
		t.Fatal(err)
	}
	err = a.WithDesk(t.Context(), func(d *IssuerDesk) error {
		for _, want := range []string{"#key-1", "#key-2", "#key-3"} {
			if want != "#key-1" {
				if _, err := a.KeyRotate(t.Context(), Rotation{}); err != nil {
					return err
				}
				now = now.Add(time.Minute)
			}
			issued, err := d.Issue(t.Context(), "s", issuer.Award{Recipient: issuer.Recipient{ID: "did:example:kari"}})
			if err != nil {
				return err
			}
			if r, err := d.Credential(t.Context(), issued.ID); err != nil || !strings.HasSuffix(r.Method, want) {
				t.Errorf("%s, not %s, %v", r.Method, want, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
