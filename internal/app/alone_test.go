package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// commands sets up an issuer with one definition, s, and returns how another
// command on the same machine sees it.
func commands(t *testing.T) func() *App {
	t.Helper()
	home := t.TempDir()
	open := func() *App {
		a, err := New(Config{Home: home, Now: time.Now, Offline: true})
		if err != nil {
			t.Error(err)
		}
		return a
	}
	a := open()
	if _, err := a.IssuerInit(t.Context(), IssuerSetup{ID: "did:web:kurs.example", Name: "Kursstedet", Suite: SuiteNames()[1]}, key.Unknown); err != nil {
		t.Fatal(err)
	}
	course := openbadge.Achievement{ID: "https://kurs.example/s", Name: "S", Description: "d", InLanguage: "nb", Criteria: &openbadge.Criteria{Narrative: "c"}}
	if _, err := a.AchievementNew(Achievement{Slug: "s", Achievement: course}); err != nil {
		t.Fatal(err)
	}
	return open
}

// TestRotatedAtOnce: of many who change keys at the same time each makes one that
// is there afterwards, and the books have a line for each.
func TestRotatedAtOnce(t *testing.T) {
	t.Parallel()
	const many = 12
	open := commands(t)
	var wg sync.WaitGroup
	made := make([]IssuerKey, many)
	for n := range many {
		wg.Go(func() {
			var err error
			if made[n], err = open().KeyRotate(t.Context(), Rotation{Why: fmt.Sprint(n), Actor: "kari"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		if err := open().MessagesSet(t.Context(), []string{"none", "renew it"}); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	a := open()
	s, err := a.IssuerShow()
	if err != nil || len(s.Keys) != many+1 || len(s.Messages) != 2 {
		t.Fatalf("%d keys, %d messages, %v", len(s.Keys), len(s.Messages), err)
	}
	lasting := 0 // keys without an end
	for n, k := range s.Keys {
		if want := fmt.Sprintf("did:web:kurs.example#key-%d", n+1); k.ID != want {
			t.Errorf("%s, not %s", k.ID, want)
		}
		if k.Expires.IsZero() {
			lasting++
		}
		if _, err := a.readKeyFile(t.Context(), k.File); err != nil {
			t.Error(err)
		}
	}
	if lasting != 1 || s.Current().Expires != (time.Time{}) {
		t.Errorf("%d keys are in use for good, and %+v signs", lasting, s.Current())
	}
	for n, k := range made {
		if !slices.ContainsFunc(s.Keys, func(o IssuerKey) bool { return o.ID == k.ID && o.Multikey == k.Multikey }) {
			t.Errorf("%d said that it made %s, which is not there", n, k.ID)
		}
	}
	var log strings.Builder
	if _, err := a.AuditExport(t.Context(), &log); err != nil || strings.Count(log.String(), `"action":"rotate key"`) != many {
		t.Error(log.String(), err)
	}
}

// TestSetUpAtOnce: of many who set up an issuer in one place one does, and its key
// is the one that is there.
func TestSetUpAtOnce(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var won []IssuerSetup
	for range 8 {
		wg.Go(func() {
			a, err := New(Config{Home: home, Now: time.Now})
			if err != nil {
				t.Error(err)
				return
			}
			s, err := a.IssuerInit(t.Context(), IssuerSetup{Name: "Kursstedet", Suite: SuiteNames()[0]}, key.Unknown)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won = append(won, s)
			case reason.CodeOf(err) != "conflict/exists":
				t.Error(err)
			}
		})
	}
	wg.Wait()
	a, err := New(Config{Home: home, Now: time.Now})
	if err != nil || len(won) != 1 {
		t.Fatal(won, err)
	}
	s, err := a.IssuerShow()
	if err != nil || s.ID != won[0].ID {
		t.Fatal(s.ID, err)
	}
	if k, err := a.readKeyFile(t.Context(), "key.pem"); err != nil || k.Signer(s.Method).ID() != s.Method {
		t.Error(err)
	} else if m, err := k.Public().Multikey(); err != nil || m != s.Keys[0].Multikey {
		t.Error(m, err)
	}
}

// TestDescribedAtOnce: of many definitions under one name one is kept, and the
// others hear that it is there.
func TestDescribedAtOnce(t *testing.T) {
	t.Parallel()
	open := commands(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	kept := ""
	for n := range 16 {
		wg.Go(func() {
			id := fmt.Sprint("https://kurs.example/", n)
			_, err := open().AchievementNew(Achievement{Slug: "new", Achievement: openbadge.Achievement{ID: id, Name: "S", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && kept != "":
				t.Errorf("%s and %s were kept", kept, id)
			case err == nil:
				kept = id
			case reason.CodeOf(err) != "conflict/exists":
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if ac, err := open().AchievementGet("new"); err != nil || ac.ID != kept {
		t.Errorf("%s, not %s: %v", ac.ID, kept, err)
	}
}

// TestChangedAtOnce: what many change in one definition at the same time is all
// there, and each says which version it made: also where something was issued, so
// that every change is a version of its own.
func TestChangedAtOnce(t *testing.T) {
	t.Parallel()
	for name, issued := range map[string]bool{"nothing issued": false, "issued": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const many = 16
			open := commands(t)
			if issued {
				if _, err := open().Issue(t.Context(), "s", issuer.Award{Recipient: issuer.Recipient{ID: "did:example:kari"}}); err != nil {
					t.Fatal(err)
				}
			}
			var wg sync.WaitGroup
			made := make([]AchievementChanged, many)
			for n := range many {
				wg.Go(func() {
					var err error
					made[n], err = open().AchievementChange(t.Context(), "s", func(ac *openbadge.Achievement) error {
						ac.Tag = append(slices.Clone(ac.Tag), fmt.Sprint("tag-", n))
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			all, err := open().AchievementVersions("s")
			if err != nil {
				t.Fatal(err)
			}
			now := all[len(all)-1]
			want := 1
			if issued {
				want += many
			}
			if len(all) != want || now.Version != fmt.Sprint(want) || len(now.Tag) != many {
				t.Fatalf("%d versions, the last is %s with %q", len(all), now.Version, now.Tag)
			}
			for n, m := range made {
				tag := fmt.Sprint("tag-", n)
				if !slices.Contains(now.Tag, tag) || !m.Changed || m.NewVersion != issued {
					t.Errorf("%d: %+v", n, m)
				}
				at := slices.IndexFunc(all, func(v openbadge.Achievement) bool { return v.Version == m.Version })
				if at < 0 || issued && (len(all[at].Tag) != at || all[at].Tag[at-1] != tag) {
					t.Errorf("%d says that it made version %s, and that has %q", n, m.Version, all[at].Tag)
				}
			}
		})
	}
}

// TestLookedAtOnce: of those who change how pages look at the same time, none takes
// back what another has kept.
func TestLookedAtOnce(t *testing.T) {
	t.Parallel()
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		open := commands(t)
		var wg sync.WaitGroup
		for _, change := range []func() error{
			func() error { return open().IssuerLook(t.Context(), "#7a1f3d", nil) },
			func() error { return open().IssuerLook(t.Context(), "", logo.Bytes()) },
		} {
			wg.Go(func() {
				if err := change(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if kept, err := open().keptLook(); err != nil || kept.Color != "#7a1f3d" || kept.Logo == "" {
			t.Fatalf("%+v %v", kept, err)
		}
	}
}

// TestWaitsForItsTurn: who cannot have its turn while it may wait changes nothing
// and says so.
func TestWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	open := commands(t)
	a := open()
	for _, turn := range []struct {
		lock   string
		change func(ctx context.Context) error
	}{
		{setupLock, func(ctx context.Context) error { _, err := a.KeyRotate(ctx, Rotation{}); return err }},
		{setupLock, func(ctx context.Context) error { return a.IssuerLook(ctx, "#7a1f3d", nil) }},
		{definitionsLock, func(ctx context.Context) error {
			_, err := a.AchievementChange(ctx, "s", func(ac *openbadge.Achievement) error { ac.Name = "T"; return nil })
			return err
		}},
		{trustLock, func(ctx context.Context) error {
			return a.alone(ctx, trustLock, func() error { return errors.New("it had its turn") })
		}},
	} {
		lock := turn.lock
		unlock, err := atomicfile.Lock(t.Context(), a.path(lock))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Millisecond)
		if err := turn.change(ctx); reason.CodeOf(err) != "conflict/locked" || reason.AtOf(err) != a.path(lock) {
			t.Errorf("%s: %v", lock, err)
		}
		cancel()
		unlock()
	}
	s, err := a.IssuerShow()
	if ac, bad := a.AchievementGet("s"); err != nil || bad != nil || len(s.Keys) != 1 || ac.Name != "S" {
		t.Error(s, ac, err, bad)
	}
	// What is not there is not made for a lock on it.
	empty := t.TempDir()
	if a, err = New(Config{Home: empty, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.KeyRotate(t.Context(), Rotation{}); reason.CodeOf(err) != "not_found/issuer" {
		t.Error(err)
	}
	if err := a.IssuerLook(t.Context(), "#7a1f3d", nil); reason.CodeOf(err) != "not_found/issuer" {
		t.Error(err)
	}
	if _, err := a.AchievementChange(t.Context(), "s", nil); reason.CodeOf(err) != "not_found/achievement" {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(empty, "issuer")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a folder was made", err)
	}
}
