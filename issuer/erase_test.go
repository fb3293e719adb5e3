package issuer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// TestForgetAPerson: what an issuer issued to somebody is found by their id and
// their address, and is not issued again by itself.
func TestForgetAPerson(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	i := newIssuer(t, cfg)
	l := cfg.Ledger.(*issuer.MemoryLedger)
	var ids []string
	for n, r := range []issuer.Recipient{{ID: "did:example:kari"}, {Email: "kari@example.com"}, {ID: "did:example:kari", Email: "kari@example.com"}, {ID: "did:example:ola"}} {
		a := award()
		a.Recipient, a.IdempotencyKey, a.Actor = r, fmt.Sprint("k", n), "clerk"
		issued, err := i.Issue(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, issued.ID)
	}
	if err := i.Revoke(t.Context(), ids[0], "kari cheated", "per"); err != nil {
		t.Fatal(err)
	}
	e := issuer.Erasure{Why: "asked for", Actor: "per", At: noon}
	for _, tt := range []struct {
		person string
		n      int
	}{{"did:example:kari", 2}, {"KARI@example.com", 1}, {"did:example:kari", 0}} {
		if got, err := issuer.ErasePerson(t.Context(), l, tt.person, e); err != nil || got.Credentials != tt.n || got.Unknown != 0 {
			t.Errorf("%s: %+v %v", tt.person, got, err)
		}
	}
	a := award()
	a.Recipient, a.IdempotencyKey = issuer.Recipient{ID: "did:example:kari"}, "k0"
	if _, err := i.Issue(t.Context(), a); reason.CodeOf(err) != "conflict/erased" || reason.AtOf(err) != ids[0] {
		t.Error(err)
	}
	if got, err := i.Status(t.Context(), ids[0]); err != nil || len(got) != 1 {
		t.Error("a revocation was erased", got, err)
	}
	if err := i.Revoke(t.Context(), ids[1], "", ""); err != nil {
		t.Error("what was erased cannot be revoked", err)
	}
}

// TestRetention: what is older than a time is erased, however much it is.
func TestRetention(t *testing.T) {
	t.Parallel()
	l := issuer.NewMemoryLedger()
	for n := range 2500 {
		if err := l.Record(t.Context(), issuer.Record{ID: fmt.Sprint(n), IssuedAt: noon.Add(time.Duration(n) * time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	e := issuer.Erasure{At: noon, IDs: []string{"not used"}}
	if got, err := issuer.EraseBefore(t.Context(), l, noon.Add(2100*time.Hour), e); err != nil || got.Credentials != 2100 {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := issuer.EraseBefore(t.Context(), l, noon.Add(2100*time.Hour), e); err != nil || got.Credentials != 0 {
		t.Errorf("%+v %v", got, err)
	}
	for id, want := range map[string]bool{"2099": true, "2100": false} {
		if r, err := l.Get(t.Context(), id); err != nil || r.Erased.IsZero() == want {
			t.Error(id, r.Erased, err)
		}
	}
	stop := errors.New("stop")
	if err := l.Each(t.Context(), func(issuer.Record) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}
