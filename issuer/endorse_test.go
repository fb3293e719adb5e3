package issuer_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/definition"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// agency endorses others. It is a did:key, so that a verifier needs no network.
func agency(t testing.TB, suite proof.ID, ledger issuer.Ledger) (*issuer.Issuer, issuer.Config) {
	t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	s, err := allSuites(t).Suite(suite)
	if err != nil {
		t.Fatal(err)
	}
	cfg := issuer.Config{Profile: openbadge.Profile{ID: id, Name: "NOKUT"}, Signer: private.Signer(method), Suite: s, Ledger: ledger, Now: func() time.Time { return noon }}
	return newIssuer(t, cfg), cfg
}

// opened is what an endorsement says, in whatever form.
func opened(t testing.TB, raw []byte) *credential.Credential {
	t.Helper()
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	doc := in.Document
	if doc == nil {
		secured, err := allSuites(t).Open(in)
		if err != nil {
			t.Fatal(err)
		}
		doc = secured[0].Document
	}
	c, err := credential.New(doc, raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEndorse has an agency endorse a definition and a profile, and a school
// issue what carries both: the verifier finds each bound to the text it stands at.
func TestEndorse(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct{ agency, school proof.ID }{
		"a proof in a document":     {dataintegrity.EdDSARDFC2022, dataintegrity.EdDSARDFC2022},
		"a proof in a token":        {dataintegrity.EdDSARDFC2022, jose.VCJWT},
		"a token in a token":        {jose.VCJWT, jose.VCJWT},
		"a proof in a JCS document": {dataintegrity.EdDSAJCS2022, dataintegrity.EdDSAJCS2022},
	} {
		books := issuer.NewMemoryLedger()
		nokut, nokutCfg := agency(t, c.agency, books)
		_, cfg := agency(t, c.school, issuer.NewMemoryLedger())
		cfg.Profile.Name = "Kursstedet"
		a := award()
		a.Achievement.Creator = nil

		of := a.Achievement.Value()
		issued, err := nokut.Endorse(ctx, issuer.Endorsement{Of: of, Comment: "Godkjent.", Actor: "KN"})
		if err != nil {
			t.Fatal(name, err)
		}
		says := opened(t, issued.Credential)
		if byDigest, err := definition.Binds(says, of); !byDigest || err != nil || says.Name() != "Endorsement: "+a.Achievement.Name {
			t.Errorf("%s: %v %v %q", name, byDigest, err, says.Name())
		}
		if err := definition.Attach(&a.Achievement.Endorsement, &a.Achievement.EndorsementJWT, issued.Credential, says); err != nil {
			t.Fatal(name, err)
		}
		if r, err := books.Get(ctx, issued.ID); err != nil || r.Form != string(c.agency) || string(r.Credential) != string(issued.Credential) || r.Achievement != "" {
			t.Errorf("%s: it is not in the books as it was issued: %+v %v", name, r, err)
		}
		issued, err = nokut.Endorse(ctx, issuer.Endorsement{Of: cfg.Profile.Value(), Name: "Om Kursstedet"})
		if err != nil {
			t.Fatal(name, err)
		}
		if err := definition.Attach(&cfg.Profile.Endorsement, &cfg.Profile.EndorsementJWT, issued.Credential, opened(t, issued.Credential)); err != nil {
			t.Fatal(name, err)
		}
		badge, err := newIssuer(t, cfg).Issue(ctx, a)
		if err != nil {
			t.Fatal(name, err)
		}
		v, err := verifier.New(verifier.Config{Suites: allSuites(t), Resolver: did.Key{}, Status: verifier.NoStatus{}, Trust: trust.Pins(cfg.Profile.ID, nokutCfg.Profile.ID), Now: func() time.Time { return noon }})
		if err != nil {
			t.Fatal(err)
		}
		report, err := v.Verify(ctx, verifier.Request{Raw: badge.Credential})
		if err != nil {
			t.Fatal(err)
		}
		if report.Verdict != verifier.Valid || len(report.Endorsements) != 2 {
			t.Fatalf("%s: %s %v, %d endorsements", name, report.Verdict, report.Err(), len(report.Endorsements))
		}
		what := ""
		for _, e := range report.Endorsements {
			if e.Verdict != verifier.Valid || e.Endorses == nil || !e.Endorses.ByDigest {
				t.Errorf("%s: %s %v %+v", name, e.Verdict, e.Err(), e.Endorses)
				continue
			}
			what += " " + e.Endorses.What
		}
		if what != " issuer achievement" {
			t.Errorf("%s: they are of%s", name, what)
		}
	}
}

// TestEndorseRefuses what cannot be bound, or would not show whole, and takes no
// place for it.
func TestEndorseRefuses(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	cfg := config(t, dataintegrity.EdDSARDFC2022, key.Ed25519)
	i := newIssuer(t, cfg)
	part, err := allSuites(t).Suite(sdjwt.VCSDJWT)
	if err != nil {
		t.Fatal(err)
	}
	nameless, err := strictjson.Parse([]byte(`{"name":"Sveising"}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	of := award().Achievement.Value()
	for name, c := range map[string]struct {
		e    issuer.Endorsement
		code reason.Code
	}{
		"without an id":        {issuer.Endorsement{Of: nameless}, "malformed/endorsed"},
		"nothing":              {issuer.Endorsement{}, "malformed/endorsed"},
		"shown in part":        {issuer.Endorsement{Of: of, Suite: part}, "usage/params"},
		"over before it began": {issuer.Endorsement{Of: of, ValidUntil: noon.AddDate(-1, 0, 0)}, reason.MalformedTime},
	} {
		if _, err := i.Endorse(ctx, c.e); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if lists, err := cfg.Ledger.Lists(ctx); err != nil || len(lists) != 0 {
		t.Errorf("places were taken: %+v %v", lists, err)
	}
	issued, err := i.Endorse(ctx, issuer.Endorsement{Of: of, ValidUntil: noon.AddDate(1, 0, 0)})
	if err != nil || len(issued.Slots) != 1 || !strings.Contains(string(issued.Credential), statusBase+"revocation-1.json") {
		t.Fatal(err, issued)
	}
	if err := i.Revoke(ctx, issued.ID, "feil", "KN"); err != nil {
		t.Errorf("an endorsement is taken back like any credential: %v", err)
	}
}

// TestEndorsementIsNoOtherAward: what came to the definition in between does not
// make a repeated request another one, and results are held against it.
func TestEndorsementIsNoOtherAward(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	i := newIssuer(t, config(t, dataintegrity.EdDSARDFC2022, key.Ed25519))
	a := award()
	a.IdempotencyKey = "enrolment-1"
	first, err := i.Issue(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	a.Achievement.EndorsementJWT = []string{"a.b.c"}
	if again, err := i.Issue(ctx, a); err != nil || !again.Again || again.ID != first.ID {
		t.Errorf("%+v %v", again, err)
	}
	a = award()
	a.Results[0].Value = "G"
	if _, err := i.Issue(ctx, a); reason.CodeOf(err) != definition.NotAllowed || reason.AtOf(err) != "/credentialSubject/result/0/value" {
		t.Error(err)
	}
}
