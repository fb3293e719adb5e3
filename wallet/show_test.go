package wallet_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
	"github.com/kompetansebevis/bevis/wallet"
)

// TestShownInPart shows parts of a badge: the receiver sees those and no
// others, the log names them, and nobody else can use what was shown.
func TestShownInPart(t *testing.T) {
	t.Parallel()
	all, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	w, _, err := wallet.Create(t.Context(), wallet.Cheap(wallet.CreateRequest{Store: &wallet.MemoryStore{}, Passphrase: []byte("fire hester i regn"), Now: clock}))
	if err != nil {
		t.Fatal(err)
	}
	holder, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	listSuite, err := all.Suite(dataintegrity.EdDSAJCS2022)
	if err != nil {
		t.Fatal(err)
	}
	i, err := issuer.New(issuer.Config{Profile: openbadge.Profile{ID: id, Name: "Kursstedet"}, Signer: private.Signer(method),
		Suite: sdjwt.DC(), ListSuite: listSuite, Ledger: issuer.NewMemoryLedger(), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	issue := func(r issuer.Recipient) []byte {
		got, err := i.Issue(t.Context(), issuer.Award{Recipient: r, Narrative: "tok tid", Evidence: []openbadge.Evidence{{ID: "https://kurs.example/e/1", Name: "Oppgave"}},
			Achievement: openbadge.Achievement{ID: "https://kurs.example/a/ml", Name: "Sveising på sjø", Description: "Kurs.", Criteria: &openbadge.Criteria{Narrative: "Bestått."}}})
		if err != nil {
			t.Fatal(err)
		}
		return got.Credential
	}
	raw := issue(issuer.Recipient{ID: holder, Name: "Kari Nordmann"})
	item, added, err := w.Add(t.Context(), wallet.AddRequest{Raw: raw})
	if err != nil || !added || item.Form != "sd-jwt" || item.Title != "Sveising på sjø" || item.Subject != holder {
		t.Fatalf("%+v %v", item, err)
	}
	v, err := verifier.New(verifier.Config{Suites: all, Resolver: did.Mux{"key": did.Key{}}, Trust: trust.Pins(id), Status: verifier.NoStatus{}, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	const audience, challenge = "https://firma.example", "n-1"
	ask := wallet.ShareRequest{IDs: []string{item.ID}, Audience: audience, Challenge: challenge, Expires: now.Add(time.Hour), Disclosers: all}
	for _, c := range []struct {
		show           []string
		all            bool
		has, lacks     []string
		fields, hidden []string
	}{
		{nil, false, []string{"Sveising"}, []string{"Kari", "tok tid", "Oppgave"}, []string{"credentialSubject.achievement.name"}, []string{"evidence.name"}},
		{[]string{"/evidence"}, false, []string{"Oppgave"}, []string{"Kari", "tok tid"}, []string{"evidence.name"}, []string{"credentialSubject.narrative"}},
		{nil, true, []string{"Kari", "tok tid", "Oppgave"}, nil, []string{"evidence.name", "credentialSubject.narrative"}, nil},
	} {
		r := ask
		r.Show, r.ShowAll = c.show, c.all
		shown, share, err := w.Share(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range append(c.fields, c.hidden...) {
			if slices.Contains(share.Fields, f) != slices.Contains(c.fields, f) {
				t.Errorf("the log names %v", share.Fields)
			}
		}
		for _, f := range []string{"credentialSubject.identifier", "credentialSubject.narrative", "evidence"} {
			shown := c.all || slices.Contains(c.show, "/"+strings.ReplaceAll(f, ".", "/"))
			if slices.Contains(share.Withheld, f) == shown {
				t.Errorf("showing %v, the log says that %v was kept back", c.show, share.Withheld)
			}
		}
		if !share.Bound || share.Holder != holder {
			t.Errorf("%+v", share)
		}
		for name, test := range map[string]struct {
			audience, challenge string
			at                  time.Time
			ok                  bool
		}{
			"as it was meant":   {audience, challenge, now, true},
			"later":             {audience, challenge, now.Add(50 * time.Minute), true},
			"another receiver":  {"https://ein-annan.example", challenge, now, false},
			"another challenge": {audience, "n-2", now, false},
			"after it ended":    {audience, challenge, now.Add(2 * time.Hour), false},
		} {
			report, err := v.Verify(t.Context(), verifier.Request{Raw: shown, Audience: test.audience, Challenge: test.challenge, RequireHolder: true, At: test.at})
			if (err == nil) != test.ok {
				t.Errorf("%v, %s: %v (%v)", c.show, name, err, report.Verdict)
			}
			if err != nil {
				continue
			}
			text := string(report.Parts[0].Credential().Document().AppendJSON(nil))
			for _, part := range c.has {
				if !strings.Contains(text, part) {
					t.Errorf("%v: the receiver does not see %s", c.show, part)
				}
			}
			for _, part := range c.lacks {
				if strings.Contains(text, part) || strings.Contains(string(shown), part) {
					t.Errorf("%v: the receiver sees %s", c.show, part)
				}
			}
		}
		if _, _, err := w.Add(t.Context(), wallet.AddRequest{Raw: shown}); reason.CodeOf(err) != "wrong_type/presentation" {
			t.Errorf("what was shown is kept as a credential: %v", err)
		}
	}

	foreign, _, err := w.Add(t.Context(), wallet.AddRequest{Raw: issue(issuer.Recipient{ID: "did:key:z6MksA6PjXfg74xovXnN6ZW7yUBHVZmzNXFaHY5osrDXLV1B"})})
	if err != nil {
		t.Fatal(err)
	}
	unbound, _, err := w.Add(t.Context(), wallet.AddRequest{Raw: issue(issuer.Recipient{Email: "kari@example.org"})})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*wallet.ShareRequest)
		code   reason.Code
	}{
		"two at once":       {func(r *wallet.ShareRequest) { r.IDs = append(r.IDs, foreign.ID) }, "usage/share-apart"},
		"no such place":     {func(r *wallet.ShareRequest) { r.Show = []string{"/x"} }, "disclosure_invalid/pointer"},
		"somebody else's":   {func(r *wallet.ShareRequest) { r.IDs = []string{foreign.ID} }, "not_found/key"},
		"bound to nobody":   {func(r *wallet.ShareRequest) { r.IDs = []string{unbound.ID} }, "holder_mismatch/no-cnf"},
		"no suite for it":   {func(r *wallet.ShareRequest) { r.Disclosers = proof.Set{listSuite} }, "unsupported_alg/suite"},
		"ended beforehand":  {func(r *wallet.ShareRequest) { r.Expires = now }, "usage/expires"},
		"for nobody at all": {func(r *wallet.ShareRequest) { r.Audience = " " }, "usage/share"},
	} {
		r := ask
		c.change(&r)
		if _, _, err := w.Share(t.Context(), r); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if log := w.Shares(); len(log) != 3 {
		t.Errorf("%d lines in the log", len(log))
	}
}
