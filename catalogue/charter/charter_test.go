package charter_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/charter"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// judge is the verifier of credentials, for an issuer that speaks of itself.
type judge struct{ at time.Time }

func (j judge) Charter(ctx context.Context, raw []byte, issuer string) (*credential.Credential, error) {
	set, err := suites.All()
	if err != nil {
		return nil, err
	}
	v, err := verifier.New(verifier.Config{Suites: set, Resolver: did.Mux{"key": did.Key{}}, Trust: trust.Pins(issuer), Status: verifier.NoStatus{}, Now: func() time.Time { return j.at }})
	if err != nil {
		return nil, err
	}
	report, err := v.Verify(ctx, verifier.Request{Raw: raw})
	return report.Credential(), err
}

type provider struct {
	id     string
	signer key.Signer
}

func newProvider(t testing.TB, kt key.Type) provider {
	t.Helper()
	k, err := key.Generate(kt)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	return provider{id, k.Signer(method)}
}

func (p provider) charter() charter.Charter {
	return charter.Charter{Provider: p.id, Name: "Kursstedet", URL: "https://kurs.example",
		Commitments:    charter.Commitments{Staff: "Alle har fagbrev.", Material: "Laget for skjerm.", Services: "Svar innen en dag."},
		Accreditations: []charter.Accreditation{{By: "NOKUT", URL: "https://www.nokut.no/register", Scheme: "studiepoeng"}, {By: "Rådet", URL: "https://radet.example"}},
		From:           now, Until: now.AddDate(1, 0, 0)}
}

func suite(t testing.TB, id proof.ID) proof.Suite {
	t.Helper()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	s, err := set.Suite(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSignAndOpen: a charter comes out as it went in, in each form, and every
// part of it is covered by the signature.
func TestSignAndOpen(t *testing.T) {
	t.Parallel()
	for _, id := range []proof.ID{"eddsa-rdfc-2022", "eddsa-jcs-2022", "vc+jwt"} {
		p := newProvider(t, key.Ed25519)
		want := p.charter()
		raw, err := want.Sign(t.Context(), suite(t, id), p.signer, now)
		if err != nil {
			t.Fatal(id, err)
		}
		got, err := charter.Open(t.Context(), raw, p.id, now, judge{now})
		if err != nil || got.Commitments != want.Commitments || len(got.Accreditations) != 2 || got.Accreditations[0] != want.Accreditations[0] ||
			got.Name != want.Name || got.URL != want.URL || !got.From.Equal(want.From) || !got.Until.Equal(want.Until) {
			t.Errorf("%s: %+v %v", id, got, err)
		}
		// Later it has aged, and before it had not begun.
		for _, c := range []struct {
			at   time.Time
			code reason.Code
		}{{now.AddDate(1, 0, 1), reason.Expired}, {now.Add(-time.Hour), reason.NotYetValid}} {
			if _, err := charter.Open(t.Context(), raw, p.id, c.at, judge{c.at}); reason.CodeOf(err) != c.code {
				t.Errorf("%s at %s: %v", id, c.at, err)
			}
			if _, err := charter.Open(t.Context(), raw, p.id, c.at, judge{now}); reason.CodeOf(err) != c.code {
				t.Errorf("%s at %s, of a verifier with another clock: %v", id, c.at, err)
			}
		}
		other := newProvider(t, key.Ed25519)
		if _, err := charter.Open(t.Context(), raw, other.id, now, judge{now}); reason.CodeOf(err) != reason.UntrustedIssuer {
			t.Errorf("%s: another's charter: %v", id, err)
		}
		// One that signs in another's name.
		forged, err := want.Sign(t.Context(), suite(t, id), other.signer, now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := charter.Open(t.Context(), forged, p.id, now, judge{now}); err == nil {
			t.Errorf("%s: a forged charter counts", id)
		}
		if id != "vc+jwt" {
			for _, word := range []string{"Alle har fagbrev", "charter/staff", "NOKUT", "nobody has examined", "https://www.nokut.no", "Kursstedet"} {
				bad := bytes.Replace(raw, []byte(word), []byte(strings.ToUpper(word[:1])+"x"+word[1:]), 1)
				if _, err := charter.Open(t.Context(), bad, p.id, now, judge{now}); err == nil || bytes.Equal(bad, raw) {
					t.Errorf("%s: %q changed, and it counts (%v)", id, word, err)
				}
			}
		}
	}
}

// TestFollowsTheDataModel: other verifiers find nothing to say against it.
func TestFollowsTheDataModel(t *testing.T) {
	t.Parallel()
	c, err := newProvider(t, key.Ed25519).charter().Credential()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range profile.Check(c.Document(), profile.For(c)...) {
		t.Errorf("%+v", f)
	}
	again, err := charter.Read(c)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := again.Credential(); err != nil || !bytes.Equal(same.Raw(), c.Raw()) {
		t.Error("what was read gives another credential", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	p := newProvider(t, key.Ed25519)
	for name, change := range map[string]func(*charter.Charter){
		"no DID":              func(c *charter.Charter) { c.Provider = "https://kurs.example" },
		"no name":             func(c *charter.Charter) { c.Name = " " },
		"address":             func(c *charter.Charter) { c.URL = "kurs.example" },
		"no staff":            func(c *charter.Charter) { c.Staff = "\n " },
		"no material":         func(c *charter.Charter) { c.Material = "" },
		"no services":         func(c *charter.Charter) { c.Services = "" },
		"long":                func(c *charter.Charter) { c.Services = strings.Repeat("x", charter.MaxText+1) },
		"no end":              func(c *charter.Charter) { c.Until = time.Time{} },
		"ends before":         func(c *charter.Charter) { c.Until = c.From },
		"never ages":          func(c *charter.Charter) { c.Until = c.From.AddDate(4, 0, 0) },
		"accredited by none":  func(c *charter.Charter) { c.Accreditations[0].By = "" },
		"accredited nowhere":  func(c *charter.Charter) { c.Accreditations[0].URL = "" },
		"many accreditations": func(c *charter.Charter) { c.Accreditations = make([]charter.Accreditation, 51) },
	} {
		c := p.charter()
		change(&c)
		if _, err := c.Credential(); reason.CodeOf(err) != "publication_refused/charter" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRead: what is signed well and says something else is no charter.
func TestRead(t *testing.T) {
	t.Parallel()
	p := newProvider(t, key.Ed25519)
	c, err := p.charter().Credential()
	if err != nil {
		t.Fatal(err)
	}
	subject := `"credentialSubject":{"id":"` + p.id + `"`
	for name, r := range map[string][2]string{
		"of another kind":    {`"EndorsementCredential"`, `"OpenBadgeCredential"`},
		"about another":      {subject, `"credentialSubject":{"id":"did:example:other"`},
		"about nobody":       {subject + ",", `"credentialSubject":{`},
		"another claim":      {"and nobody has examined it.", "and the ministry has examined it."},
		"without staff":      {`"charter/staff"`, `"charter/other"`},
		"staff twice":        {`"charter/material"`, `"charter/staff"`},
		"an empty text":      {`"Alle har fagbrev."`, `""`},
		"no text":            {`"Alle har fagbrev."`, `["Alle"]`},
		"without end":        {`"validUntil"`, `"validUnti"`},
		"accredited nowhere": {`"id":"https://radet.example"`, `"id":"urn:x"`},
	} {
		text := strings.Replace(string(c.Raw()), r[0], r[1], 1)
		if text == string(c.Raw()) {
			t.Fatalf("%s: %q does not stand in %s", name, r[0], text)
		}
		other, err := credential.Parse([]byte(text), credential.Limits{})
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := charter.Read(other); reason.CodeOf(err) != "publication_refused/charter" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	offer := func(scheme, by string) catalogue.Offer {
		o := catalogue.Offer{ID: "x"}
		if scheme != "" {
			o.Credits = &catalogue.Credits{Value: 5, Scheme: scheme}
		}
		if by != "" {
			o.Accreditation = &catalogue.Accreditation{By: by}
		}
		return o
	}
	nokut := charter.Charter{Accreditations: []charter.Accreditation{{By: "NOKUT", URL: "https://nokut.no", Scheme: "studiepoeng"}}}
	all := charter.Charter{Accreditations: []charter.Accreditation{{By: "NOKUT", URL: "https://nokut.no"}}}
	for _, c := range []struct {
		charter charter.Charter
		offer   catalogue.Offer
		want    bool
	}{
		{charter.Charter{}, offer("", ""), true},
		{charter.Charter{}, offer("kurspoeng", ""), true},
		{charter.Charter{}, offer("ECTS", ""), false},
		{charter.Charter{}, offer(" Studiepoeng", ""), false},
		{charter.Charter{}, offer("fagskolepoeng", ""), false},
		{charter.Charter{}, offer("ECTS", " "), false},
		{charter.Charter{}, offer("ECTS", "NOKUT"), true},
		{nokut, offer("Studiepoeng", ""), true},
		{nokut, offer("ECTS", ""), false},
		{all, offer("ECTS", ""), true},
	} {
		if got := c.charter.Covers(c.offer); got != c.want {
			t.Errorf("%+v: %v", c.offer, got)
		}
		if err := c.charter.CoversAll([]catalogue.Offer{offer("", ""), c.offer}); (err == nil) != c.want || err != nil && reason.CodeOf(err) != "publication_refused/accreditation" {
			t.Errorf("%+v: %v", c.offer, err)
		}
	}
}

// FuzzRead holds that what is read as a charter gives the same charter again.
func FuzzRead(f *testing.F) {
	c, err := newProvider(f, key.Ed25519).charter().Credential()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.Raw())
	f.Add([]byte(`{"type":["VerifiableCredential","EndorsementCredential"],"issuer":"did:x:y","credentialSubject":{"id":"did:x:y"},"evidence":[{}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := credential.Parse(raw, credential.Limits{})
		if err != nil {
			return
		}
		got, err := charter.Read(c)
		if err != nil {
			return
		}
		again, err := got.Credential()
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := charter.Read(again); err != nil || twice.Commitments != got.Commitments || len(twice.Accreditations) != len(got.Accreditations) {
			t.Errorf("%+v, and then %+v (%v)", got, twice, err)
		}
	})
}
