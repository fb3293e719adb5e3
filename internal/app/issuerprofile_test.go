package app

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// TestSetWhileServing: a service and a worker that run while the profile is changed
// issue under what it says now, and the key is not opened anew for that.
func TestSetWhileServing(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now, opened := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), 0
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	a, err := New(Config{Home: t.TempDir(), Now: clock, PassphraseWork: 10, Keys: IssuerKeys{
		Open: func(context.Context, string, bool) (WayIn, error) {
			opened++
			return WayIn{Passphrase: []byte("p")}, nil
		}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.IssuerInitKey(t.Context(), IssuerSetup{ID: "did:web:kurs.example", Name: "A", Suite: SuiteNames()[1]}, KeyRequest{Type: key.Ed25519, Lock: KeyLock{Passphrase: []byte("p")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AchievementNew(Achievement{Slug: "s", Achievement: openbadge.Achievement{ID: "https://kurs.example/s", Name: "S", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}}); err != nil {
		t.Fatal(err)
	}
	set := func(name string) {
		t.Helper()
		if done, err := a.IssuerSet(t.Context(), ProfileChange{Name: &name}); err != nil || fmt.Sprint(done.Changed) != "[name]" {
			t.Fatal(done, err)
		}
		mu.Lock()
		now = now.Add(2 * lookEvery)
		mu.Unlock()
	}
	err = a.WithDesk(t.Context(), func(d *IssuerDesk) error {
		for n, name := range []string{"A", "B", "C"} {
			if n > 0 {
				set(name)
			}
			issued, err := d.Issue(t.Context(), "s", issuer.Award{Recipient: issuer.Recipient{ID: "did:example:kari"}})
			if err != nil {
				return err
			}
			if !bytes.Contains(issued.Credential, []byte(`"name":"`+name+`"`)) {
				t.Errorf("issued under another name than %s: %s", name, issued.Credential)
			}
		}
		if _, err := a.KeyRotate(t.Context(), Rotation{KeyRequest: KeyRequest{Lock: KeyLock{Passphrase: []byte("p")}}}); err != nil {
			return err
		}
		set("D")
		issued, err := d.Issue(t.Context(), "s", issuer.Award{Recipient: issuer.Recipient{ID: "did:example:kari"}})
		if err == nil && !(bytes.Contains(issued.Credential, []byte("#key-2")) && bytes.Contains(issued.Credential, []byte(`"name":"D"`))) {
			t.Errorf("issued by the key or under the name of before: %s", issued.Credential)
		}
		return err
	})
	if err != nil || opened != 2 {
		t.Errorf("two keys were opened %d times, %v", opened, err)
	}

	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := a.Work(ctx, WorkRequest{Lease: time.Minute}, func(_ issuer.Job, err error, _ bool) { t.Error(err) })
		ended <- err
	}()
	for _, name := range []string{"D", "E"} {
		if name != "D" {
			set(name)
		}
		award := issuer.Award{Recipient: issuer.Recipient{ID: "did:example:kari"}, IdempotencyKey: name}
		if err := a.IssueLater(t.Context(), "s", award); err != nil {
			t.Fatal(err)
		}
		found := false
		for wait := 0; !found && wait < 1200; wait++ {
			time.Sleep(50 * time.Millisecond)
			err := a.withLedger(t.Context(), func(l books) error {
				r, err := l.ByKey(t.Context(), name)
				if found = err == nil; found && !bytes.Contains(r.Credential, []byte(`"name":"`+name+`"`)) {
					t.Errorf("issued under another name than %s: %s", name, r.Credential)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if !found {
			t.Errorf("%s was not issued", name)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestSetRefuses: what a profile cannot say is refused by the flag that it came
// from, and nothing of the change is made.
func TestSetRefuses(t *testing.T) {
	t.Parallel()
	a := commands(t)()
	text := func(s string) *string { return &s }
	good := text("post@kurs.example")
	for at, c := range map[string]ProfileChange{
		"":              {Name: text("  "), Email: good},
		"--name":        {Name: text(strings.Repeat("n", maxProfileText+1)), Email: good},
		"--url":         {URL: text("https://"), Email: good},
		"--country":     {Country: text("N0"), Email: good},
		"--email":       {Email: text("Kari <post@kurs.example>")},
		"--description": {About: text(strings.Repeat("n", maxProfileAbout+1)), Email: good},
	} {
		if done, err := a.IssuerSet(t.Context(), c); reason.CodeOf(err) != reason.Usage || reason.AtOf(err) != at {
			t.Errorf("%s: %+v %v", at, done, err)
		}
	}
	for _, url := range []string{"ftp://kurs.example/", "https://kurs.example/om oss", "http://kari:secret@kurs.example", "https://kurs.example/\u202eso"} {
		if _, err := a.IssuerSet(t.Context(), ProfileChange{URL: text(url)}); reason.CodeOf(err) != reason.Usage || reason.AtOf(err) != "--url" {
			t.Errorf("%q: %v", url, err)
		}
	}
	if _, err := a.IssuerSet(t.Context(), ProfileChange{Why: "w"}); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
	if s, err := a.IssuerShow(); err != nil || s.Email != "" || s.Name != "Kursstedet" {
		t.Error(s, err)
	}
	var log strings.Builder
	if _, err := a.AuditExport(t.Context(), &log); err != nil || log.Len() > 0 {
		t.Error(log.String(), err)
	}
}
