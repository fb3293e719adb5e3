package wallet_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
	"github.com/kompetansebevis/bevis/wallet"
)

const audience, challenge = "https://verkstedet.example", "n-1"

// issued returns a credential about a holder, and its issuer.
func issued(t *testing.T, suite proof.Suite, holder string, now time.Time) (raw []byte, from string) {
	t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	i, err := issuer.New(issuer.Config{Profile: openbadge.Profile{ID: id, Name: "Kursstedet"}, Signer: private.Signer(method),
		Suite: suite, Ledger: issuer.NewMemoryLedger(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	got, err := i.Issue(t.Context(), issuer.Award{Recipient: issuer.Recipient{ID: holder}, Achievement: openbadge.Achievement{
		ID: "https://kurs.example/a/ml", Name: "Sveising på sjø", Description: "Kurs.", Criteria: &openbadge.Criteria{Narrative: "Bestått."}}})
	if err != nil {
		t.Fatal(err)
	}
	return got.Credential, id
}

// TestSharedAndVerified takes what a real issuer signed through the wallet to
// a verifier: it is accepted there for whom it was made and by nobody else.
func TestSharedAndVerified(t *testing.T) {
	t.Parallel()
	all, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	suite := func(id proof.ID) proof.Suite {
		s, err := all.Suite(id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	store := &wallet.MemoryStore{}
	w, words, err := wallet.Create(t.Context(), wallet.Cheap(wallet.CreateRequest{Store: store, Passphrase: []byte("fire hester i regn"), Now: clock}))
	if err != nil {
		t.Fatal(err)
	}
	holder, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids, issuers []string
	var raws [][]byte
	for _, form := range []proof.ID{dataintegrity.EdDSARDFC2022, dataintegrity.EdDSAJCS2022, jose.VCJWT} {
		raw, from := issued(t, suite(form), holder, now)
		item, added, err := w.Add(t.Context(), wallet.AddRequest{Raw: raw})
		if err != nil || !added || item.Subject != holder {
			t.Fatalf("%s: %v %v", form, item, err)
		}
		ids, issuers, raws = append(ids, item.ID), append(issuers, from), append(raws, raw)
	}
	// The keys have to come through the file as well.
	sentence := ""
	for _, word := range words {
		sentence += word + " "
	}
	if w, err = wallet.Open(t.Context(), wallet.OpenRequest{Store: store, Words: sentence, Now: clock}); err != nil {
		t.Fatal(err)
	}
	v, err := verifier.New(verifier.Config{Suites: all, Resolver: did.Mux{"key": did.Key{}}, Trust: trust.Pins(issuers...), Status: verifier.NoStatus{}, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []proof.ID{dataintegrity.EdDSARDFC2022, dataintegrity.EdDSAJCS2022, jose.VPJWT} {
		signed, share, err := w.Share(t.Context(), wallet.ShareRequest{IDs: ids, Audience: audience, Challenge: challenge, Expires: now.Add(time.Hour), Suite: suite(form)})
		if err != nil {
			t.Fatal(form, err)
		}
		if form != jose.VPJWT {
			for n, raw := range raws {
				if bytes.Count(signed, raw) != 1 {
					t.Errorf("%s: credential %d is not in it once, byte for byte", form, n)
				}
			}
		}
		if share.Holder != holder || !share.Bound {
			t.Errorf("%s: %+v", form, share)
		}
		for name, test := range map[string]struct {
			audience, challenge string
			at                  time.Time
			ok                  bool
		}{
			"as it was meant":   {audience, challenge, now, true},
			"another receiver":  {"https://ein-annan.example", challenge, now, false},
			"another challenge": {audience, "n-2", now, false},
			"after it ended":    {audience, challenge, now.Add(2 * time.Hour), false},
		} {
			report, err := v.Verify(t.Context(), verifier.Request{Raw: signed, Audience: test.audience, Challenge: test.challenge, RequireHolder: true, At: test.at})
			if (err == nil) != test.ok {
				t.Errorf("%s, %s: %v (%v)", form, name, err, report.Verdict)
			}
		}
		at := bytes.LastIndexByte(signed, '"') - 5
		if form == jose.VPJWT {
			at = len(signed) - 5
		}
		forged := bytes.Clone(signed)
		forged[at] ^= 1
		if _, err := v.Verify(t.Context(), verifier.Request{Raw: forged, Audience: audience, Challenge: challenge, RequireHolder: true}); err == nil {
			t.Errorf("%s: a changed presentation is accepted", form)
		}
		if _, _, err := w.Add(t.Context(), wallet.AddRequest{Raw: signed}); err == nil || reason.CodeOf(err) != "wrong_type/presentation" && form != jose.VPJWT {
			t.Errorf("%s: a presentation is kept as a credential: %v", form, err)
		}
	}
	if log := w.Shares(); len(log) != 3 {
		t.Errorf("%d lines in the log", len(log))
	}
}

// TestWithdraw: the log says that a share was taken back, and when, and still
// says what was shared.
func TestWithdraw(t *testing.T) {
	t.Parallel()
	all, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	suite, err := all.Suite(dataintegrity.EdDSAJCS2022)
	if err != nil {
		t.Fatal(err)
	}
	store, now := &wallet.MemoryStore{}, time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	w, words, err := wallet.Create(t.Context(), wallet.Cheap(wallet.CreateRequest{Store: store, Passphrase: []byte("fire hester i regn"), Now: clock}))
	if err != nil {
		t.Fatal(err)
	}
	me, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := issued(t, suite, me, now)
	item, _, err := w.Add(t.Context(), wallet.AddRequest{Raw: raw})
	if err != nil {
		t.Fatal(err)
	}
	_, share, err := w.Share(t.Context(), wallet.ShareRequest{IDs: []string{item.ID}, Audience: audience, Suite: suite})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Withdraw(t.Context(), "annet"); reason.CodeOf(err) != "not_found/share" {
		t.Error(err)
	}
	now = now.Add(time.Hour)
	if err := w.Withdraw(t.Context(), share.ID); err != nil {
		t.Fatal(err)
	}
	again, err := wallet.Open(t.Context(), wallet.OpenRequest{Store: store, Words: strings.Join(words, " "), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	for _, opened := range []*wallet.Wallet{w, again} {
		if got := opened.Shares(); len(got) != 1 || !got[0].Withdrawn.Equal(now) || got[0].Audience != audience {
			t.Error(got)
		}
	}
}
