package sdjwt_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check of the European type that could be
// taken out without another test failing: see docs/mutation.md.

// TestMicroCredentialSays: what the type has members for is said once, and nothing
// is said that the award does not.
func TestMicroCredentialSays(t *testing.T) {
	t.Parallel()
	const ects, mode, country = "/credentialSubject/achievement/ECTS", "/credentialSubject/achievement/participationType", "/issuer/address/addressCountryCodename"
	whole := string(award("did:web:a.example", "did:web:b.example"))
	for name, c := range map[string]struct{ old, new, at, want string }{
		"points that were earned":  {"", "", ects, "5"},
		"points that there are":    {`"creditsEarned":5,`, `"achievement2":0,`, ects, ""},
		"points of the whole":      {`"creditsEarned":5,` + "\n", "", ects, ""},
		"ECTS by its name":         {`"targetCode":"studiepoeng"`, `"targetCode":"ects"`, ects, "5"},
		"points of another kind":   {`"targetCode":"studiepoeng"`, `"targetCode":"hours"`, ects, ""},
		"ECTS that are said":       {`"name":"Sveising"`, `"name":"Sveising","ECTS":7`, ects, "7"},
		"a mode":                   {"", "", mode, `"online"`},
		"a mode without a code":    {`"targetCode":"online",`, "", mode, ""},
		"a mode that is said":      {`"name":"Sveising"`, `"name":"Sveising","participationType":"hybrid"`, mode, `"hybrid"`},
		"a country":                {"", "", country, `"NO"`},
		"an address of no country": {`"addressCountryCode":"NO"`, `"postalCode":"5007"`, country, ""},
		"no address":               {`,"address":{"type":["Address"],"addressCountryCode":"NO"}`, "", "/issuer/address", ""},
	} {
		if !strings.Contains(whole, c.old) {
			t.Fatalf("%s: %s is not there", name, c.old)
		}
		doc, err := strictjson.ParseObject([]byte(strings.Replace(whole, c.old, c.new, 1)), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		claims, _, _, err := sdjwt.MicroCredential(doc)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := ""
		if v := claims.Lookup(c.at); v != nil {
			got = string(v.AppendJSON(nil))
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	available := strings.NewReplacer(`"creditsEarned":5,`, ``, `"name":"Sveising"`, `"name":"Sveising","creditsAvailable":10`).Replace(whole)
	doc, err := strictjson.ParseObject([]byte(available), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if claims, _, _, err := sdjwt.MicroCredential(doc); err != nil || string(claims.Lookup(ects).AppendJSON(nil)) != "10" {
		t.Errorf("points that can be had: %s, %v", claims.Lookup(ects).AppendJSON(nil), err)
	}
	if _, _, _, err := sdjwt.MicroCredential(strictjson.String("x")); err == nil {
		t.Error("made of a text")
	}
}

// TestLearningRefuses: what is no badge is refused as that, and what is not there
// cannot be kept back.
func TestLearningRefuses(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	for text, code := range map[string]reason.Code{`{`: reason.MalformedJSON, `{"type":["VerifiableCredential"],"issuer":"a:b","credentialSubject":{}}`: "wrong_type/not-a-badge",
		strings.Replace(string(award(issuer.did, issuer.did)), `"validFrom":"2026`, `"validFrom":"x`, 1): reason.MalformedTime} {
		if _, err := sdjwt.Learning().Sign(t.Context(), []byte(text), issuer, proof.Params{Purpose: proof.AssertionMethod}); reason.CodeOf(err) != code {
			t.Errorf("%s: %v", text, err)
		}
	}
	token := issue(t, sdjwt.Learning(), issuer, award(issuer.did, issuer.did), proof.Params{Disclosable: []string{"/credentialSubject/identifier", "/credentialSubject/identifier/7"}})
	if got := pointers(t, sdjwt.DC(), token); !slices.Equal(got, []string{"/credentialSubject/identifier"}) {
		t.Errorf("can be kept back: %v", got)
	}
}

// TestLearningIsTold: only claims of the type that agree on their issuer are read
// as a badge.
func TestLearningIsTold(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	const vct = `"vct":"` + sdjwt.MicroCredentialVCT + `"`
	subject := `"credentialSubject":{"achievement":{"name":"A"}}`
	for name, c := range map[string]struct {
		claims string
		badge  bool
	}{
		"a badge":            {`{` + vct + `,"iss":"%","issuer":{"id":"%"},"jti":"urn:x","sub":"urn:s","type":"x","id":"urn:y",` + subject + `}`, true},
		"another type":       {`{"vct":"urn:other","iss":"%","issuer":{"id":"%"},` + subject + `}`, false},
		"another issuer":     {`{` + vct + `,"iss":"%","issuer":{"id":"did:web:other.example"},` + subject + `}`, false},
		"no subject":         {`{` + vct + `,"iss":"%","issuer":{"id":"%"}}`, false},
		"a subject in words": {`{` + vct + `,"iss":"%","issuer":{"id":"%"},"credentialSubject":"x"}`, false},
	} {
		token := issue(t, sdjwt.DC(), issuer, []byte(strings.ReplaceAll(c.claims, "%", issuer.did)), proof.Params{})
		_, proven, err := verify(t, token)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		d := proven.Document
		if credential.HasType(d, "OpenBadgeCredential") != c.badge || credential.ID(d.Get("issuer")) != issuer.did {
			t.Errorf("%s: %s", name, d.AppendJSON(nil))
		}
		if c.badge && (credential.ID(d) != "urn:x" || strings.Contains(string(d.AppendJSON(nil)), "urn:y") || d.Get("sub") != nil || d.Get("iss") != nil || d.Get("vct") != nil || len(credential.Types(d)) != 3) {
			t.Errorf("%s: %s", name, d.AppendJSON(nil))
		}
	}
}
