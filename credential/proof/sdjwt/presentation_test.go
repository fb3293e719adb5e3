package sdjwt_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

func openVP(t *testing.T, token string) (*proof.Secured, error) {
	t.Helper()
	set := proof.Set{sdjwt.DC(), sdjwt.VC(), sdjwt.VP()}
	in, err := proof.Read([]byte(token), strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	secured, err := set.Open(in)
	if err != nil {
		return nil, err
	}
	if len(secured) != 1 {
		t.Fatalf("%d proofs", len(secured))
	}
	_, err = set.Verify(t.Context(), secured[0], keys{})
	return secured[0], err
}

// TestPresentation: a holder signs, may keep parts back, and always says for
// whom.
func TestPresentation(t *testing.T) {
	t.Parallel()
	holder := newParty(t, key.P384)
	doc := `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:x:1","type":["VerifiablePresentation"],"holder":"` + holder.did + `","verifiableCredential":[{"id":"data:a,b"},{"id":"data:c,d"}]}`
	p := proof.Params{Purpose: proof.Authentication, Created: time.Unix(1780315195, 0), Expires: time.Unix(1780318795, 0), Challenge: "n", Domains: []string{"https://a.example", "https://b.example"},
		Disclosable: []string{"/holder", "/verifiableCredential/0"}}
	signed, err := sdjwt.VP().Sign(t.Context(), []byte(doc), holder, p)
	if err != nil {
		t.Fatal(err)
	}
	s, err := openVP(t, string(signed))
	if err != nil || s.Suite != sdjwt.VPSDJWT || s.Purpose != proof.Authentication || s.Challenge != "n" || !slices.Equal(s.Domains, p.Domains) ||
		!s.Expires.Equal(p.Expires) || !s.Created.Equal(p.Created) || s.Disclosed != 2 || s.Withheld != 0 {
		t.Errorf("%+v %v", s, err)
	}
	if got := pointers(t, sdjwt.VP(), string(signed)); !slices.Equal(got, p.Disclosable) {
		t.Error(got)
	}
	s, err = openVP(t, disclose(t, sdjwt.VP(), string(signed), proof.Disclosure{}))
	if err != nil || s.Method != holder.ID() || s.Document.Get("holder") != nil || len(s.Document.Get("verifiableCredential").Items()) != 1 || s.Withheld != 2 {
		t.Errorf("%+v %v", s, err)
	}
	if _, err := sdjwt.VP().(proof.Discloser).Disclose(t.Context(), signed, proof.Disclosure{Holder: holder, Audience: "a", Created: p.Created}); reason.CodeOf(err) != "usage/params" {
		t.Error(err)
	}
	for name, change := range map[string]func(*proof.Params){
		"type kept back":    func(p *proof.Params) { p.Disclosable = []string{"/type"} },
		"context kept back": func(p *proof.Params) { p.Disclosable = []string{"/@context"} },
		"bound to a key":    func(p *proof.Params) { p.Holder = holder.Public() },
		"with a status":     func(p *proof.Params) { p.Status = strictjson.Object() },
	} {
		changed := p
		change(&changed)
		if _, err := sdjwt.VP().Sign(t.Context(), []byte(doc), holder, changed); reason.CodeOf(err) != "usage/params" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sdjwt.VC().Sign(t.Context(), []byte(doc), holder, proof.Params{Purpose: proof.AssertionMethod}); reason.CodeOf(err) != "wrong_type/payload" {
		t.Error(err)
	}
}

func TestPresentationRefuses(t *testing.T) {
	t.Parallel()
	holder := newParty(t, key.P256)
	sound := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + holder.did + `","aud":"a","nonce":"n"}`
	head := `{"alg":"ES256","kid":"` + holder.ID() + `","typ":"vp+sd-jwt"}`
	hides := digestIn(`["c2FsdHNhbHRzYWx0c2FsdA","nonce","n"]`)
	for name, c := range map[string]struct {
		f    forged
		code reason.Code
	}{
		"as it should be":         {forged{payload: sound, header: head}, ""},
		"as a credential":         {forged{payload: sound, header: strings.Replace(head, "vp+", "vc+", 1)}, "wrong_type/payload"},
		"as an SD-JWT VC":         {forged{payload: sound, header: strings.Replace(head, "vp+", "dc+", 1)}, reason.MalformedClaims},
		"as a token":              {forged{payload: sound, header: strings.Replace(head, "vp+sd-jwt", "vp+jwt", 1)}, "wrong_type/typ"},
		"content of credentials":  {forged{payload: sound, header: strings.Replace(head, `"typ"`, `"cty":"vc","typ"`, 1)}, "wrong_type/cty"},
		"a credential in it":      {forged{payload: strings.Replace(sound, "Presentation", "Credential", 1), header: head}, "wrong_type/payload"},
		"the claim vp":            {forged{payload: strings.Replace(sound, `"aud"`, `"vp":{},"aud"`, 1), header: head}, "malformed/vc-claim"},
		"the claim vc":            {forged{payload: strings.Replace(sound, `"aud"`, `"vc":{},"aud"`, 1), header: head}, "malformed/vc-claim"},
		"iss of another":          {forged{payload: strings.Replace(sound, `"aud"`, `"iss":"did:example:evil","aud"`, 1), header: head}, "holder_mismatch/iss"},
		"iss of another, above":   {forged{payload: sound, header: strings.Replace(head, `"typ"`, `"iss":"did:example:evil","typ"`, 1)}, "holder_mismatch/iss"},
		"jti of another":          {forged{payload: strings.Replace(sound, `"aud"`, `"jti":"urn:x:2","id":"urn:x:1","aud"`, 1), header: head}, "malformed/jti"},
		"aud a number":            {forged{payload: strings.Replace(sound, `"a"`, `7`, 1), header: head}, reason.MalformedClaims},
		"kid a bare name":         {forged{payload: sound, header: strings.Replace(head, holder.ID(), "key-1", 1)}, "key_invalid/verification-method"},
		"the nonce can be hidden": {forged{payload: strings.Replace(sound, `"nonce":"n"`, `"_sd":["`+hides+`"],"_sd_alg":"sha-256"`, 1), header: head, disclosures: []string{`["c2FsdHNhbHRzYWx0c2FsdA","nonce","n"]`}}, "disclosure_invalid/registered-claim"},
		"with a key binding":      {forged{payload: sound, header: head, binding: `{"aud":"a","nonce":"n","iat":1,"sd_hash":"%HASH%"}`, holder: holder}, "malformed/sd-jwt"},
	} {
		if _, err := openVP(t, c.f.build(t, holder)); reason.CodeOf(err) != c.code && (err != nil || c.code != "") {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, c.code)
		}
	}
}

func digestIn(disclosure string) string { return digest(b64.EncodeToString([]byte(disclosure))) }
