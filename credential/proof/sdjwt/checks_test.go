package sdjwt_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestClaims: claims that are registered and members that say the same agree, and
// where a token does not say a thing the document may.
func TestClaims(t *testing.T) {
	t.Parallel()
	issuer, other := newParty(t, key.Ed25519), newParty(t, key.Ed25519)
	vc := `{"alg":"EdDSA","kid":"` + issuer.ID() + `","typ":"vc+sd-jwt"}`
	ld := func(more, members string) string {
		return payload(issuer, more+`,"ld":{"type":["VerifiableCredential"]`+members+`}`)
	}
	said := func(more string) string {
		return `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"` + issuer.did + `"` + more + `}`
	}
	for name, c := range map[string]struct {
		token forged
		code  reason.Code
		want  string // id, issuer, beginning, end and subjects of what is secured
	}{
		"linked":                         {forged{payload: ld("", "")}, "", " " + issuer.did + " 2026-01-01T00:00:00Z  "},
		"linked, with an end":            {forged{payload: ld(`,"exp":1893456000`, "")}, "", " " + issuer.did + " 2026-01-01T00:00:00Z 2030-01-01T00:00:00Z "},
		"linked, times of its own":       {forged{payload: ld("", `,"validFrom":"2026-02-01T00:00:00Z"`)}, "", " " + issuer.did + " 2026-02-01T00:00:00Z  "},
		"linked, without a beginning":    {forged{payload: `{"iss":"` + issuer.did + `","vct":"v","ld":{"type":["VerifiableCredential"]}}`}, "", " " + issuer.did + "   "},
		"linked, the same id":            {forged{payload: ld(`,"jti":"urn:a"`, `,"id":"urn:a"`)}, "", "urn:a " + issuer.did + " 2026-01-01T00:00:00Z  "},
		"linked, an id in the token":     {forged{payload: ld(`,"jti":"urn:a"`, "")}, "", " " + issuer.did + " 2026-01-01T00:00:00Z  "},
		"linked, jti a number":           {forged{payload: ld(`,"jti":7`, "")}, reason.MalformedClaims, ""},
		"linked, sub a number":           {forged{payload: ld(`,"sub":7`, `,"credentialSubject":{"id":"did:x:a"}`)}, reason.MalformedClaims, ""},
		"linked, the same subject":       {forged{payload: ld(`,"sub":"did:x:b"`, `,"credentialSubject":[{"id":"did:x:a"},{"id":"did:x:b"}]`)}, "", " " + issuer.did + " 2026-01-01T00:00:00Z  did:x:a did:x:b"},
		"linked, a subject of no name":   {forged{payload: ld(`,"sub":"did:x:b"`, `,"credentialSubject":{}`)}, "", " " + issuer.did + " 2026-01-01T00:00:00Z  "},
		"linked, and vp":                 {forged{payload: ld(`,"vp":{}`, "")}, "malformed/vc-claim", ""},
		"plain, and vc":                  {forged{payload: payload(issuer, `,"vc":{"type":["VerifiableCredential"]}`)}, "malformed/vc-claim", ""},
		"the issuer is empty":            {forged{payload: `{"iss":"","vct":"v"}`}, reason.MalformedClaims, ""},
		"the issuer is a number":         {forged{payload: `{"iss":7,"vct":"v"}`}, reason.MalformedClaims, ""},
		"the type is a number":           {forged{payload: `{"iss":"` + issuer.did + `","vct":7}`}, reason.MalformedClaims, ""},
		"plain, about an id":             {forged{payload: payload(issuer, `,"id":"did:x:a"`)}, "", " " + issuer.did + " 2026-01-01T00:00:00Z  did:x:a"},
		"plain, about sub and no id":     {forged{payload: payload(issuer, `,"id":"did:x:a","sub":"did:x:b"`)}, "", " " + issuer.did + " 2026-01-01T00:00:00Z  did:x:b"},
		"plain, in vc+sd-jwt":            {forged{header: vc, payload: payload(issuer, `,"sub":"did:x:b"`)}, "", " " + issuer.did + " 2026-01-01T00:00:00Z  did:x:b"},
		"a document":                     {forged{header: vc, payload: said(`,"id":"urn:a"`)}, "", "urn:a " + issuer.did + "   "},
		"a document without a context":   {forged{header: vc, payload: strings.Replace(said(`,"id":"urn:a"`), `"@context":["https://www.w3.org/ns/credentials/v2"],`, "", 1)}, "", "urn:a " + issuer.did + "   "},
		"a document without a type":      {forged{header: vc, payload: strings.Replace(said(`,"id":"urn:a"`), `"type":["VerifiableCredential"],`, "", 1)}, "", "urn:a " + issuer.did + "   "},
		"a document, iss a number":       {forged{header: vc, payload: said(`,"iss":7`)}, reason.MalformedClaims, ""},
		"a document, iss of another":     {forged{header: vc, payload: said(`,"iss":"` + other.did + `"`)}, "issuer_mismatch/iss", ""},
		"a document, without an issuer":  {forged{header: vc, payload: `{"@context":[],"type":["VerifiableCredential"]}`}, "", "    "},
		"a part of the document's proof": {forged{header: vc, payload: said(`,"cnf":{"a":[{"b":[{"...":"abc"}]}]}`)}, "disclosure_invalid/registered-claim", ""},
	} {
		s, _, err := verify(t, c.token.build(t, issuer))
		if reason.CodeOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, want %s", name, err, c.code)
			continue
		}
		if err != nil {
			continue
		}
		text := func(member string) string {
			text, _ := s.Document.Get(member).Text()
			return text
		}
		var subjects []string
		for _, v := range s.Document.Get("credentialSubject").List() {
			if id := credential.ID(v); id != "" {
				subjects = append(subjects, id)
			}
		}
		if got := strings.Join([]string{text("id"), text("issuer"), text("validFrom"), text("validUntil"), strings.Join(subjects, " ")}, " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		for _, v := range s.Document.Get("credentialSubject").List() {
			ids := 0
			for _, m := range v.Members() {
				if m.Name == "id" {
					ids++
				}
			}
			if ids > 1 {
				t.Errorf("%s: a subject of %d ids", name, ids)
			}
		}
		for _, m := range s.Document.Members() {
			if m.Value == nil {
				t.Errorf("%s: %s is put in without a value", name, m.Name)
			}
		}
	}
}

// naming is keys that know a holder by one name of its key.
type naming struct {
	method string
	public key.Public
	keys
}

func (n naming) Key(ctx context.Context, method string, purpose proof.Purpose) (proof.Key, error) {
	if method == n.method {
		return proof.Key{Public: n.public, ID: method, Controller: "did:web:kari.example"}, nil
	}
	return n.keys.Key(ctx, method, purpose)
}

// TestBindingByName: a holder's key may be named in the credential in place of
// standing there; then it is asked for, and only by a DID with a fragment.
func TestBindingByName(t *testing.T) {
	t.Parallel()
	issuer, holder, other := newParty(t, key.Ed25519), newParty(t, key.P256), newParty(t, key.P256)
	const method = "did:web:kari.example#k"
	const claims = `{"iat":1780315195,"aud":"a","nonce":"n","sd_hash":"%HASH%"MORE}`
	for name, c := range map[string]struct {
		kid, more, binding string
		by                 key.Signer
		code               reason.Code
		expires            time.Time
	}{
		"as it should be":       {kid: method, expires: time.Unix(1780315195, 0).Add(sdjwt.DefaultBindingAge)},
		"with an end":           {kid: method, more: `,"exp":1780315200`, expires: time.Unix(1780315200, 0)},
		"an end that is a text": {kid: method, more: `,"exp":"1780315200"`, code: reason.MalformedClaims},
		"by another":            {kid: method, by: other, code: "holder_mismatch/key"},
		"no fragment":           {kid: "did:web:kari.example", code: "key_unavailable/confirmation"},
		"no DID":                {kid: "https://kari.example#k", code: "key_unavailable/confirmation"},
		"a key that is not had": {kid: "did:web:ola.example#k", code: "key_invalid/unknown-method"},
		"no claims":             {kid: method, binding: `[]`, code: reason.MalformedJWS},
	} {
		f := forged{payload: payload(issuer, `,"cnf":{"kid":"`+c.kid+`"}`), binding: strings.Replace(claims, "MORE", c.more, 1), holder: holder}
		if c.by != nil {
			f.holder = c.by
		}
		if c.binding != "" {
			f.binding = c.binding
		}
		s, err := opened(t, f.build(t, issuer), naming{method: method, public: holder.Public()})
		if reason.CodeOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, want %s", name, err, c.code)
			continue
		}
		if err == nil && (s.Method != method || s.Holder != "did:web:kari.example" || !s.Expires.Equal(c.expires)) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestPlacesOfChoices: what a holder may keep back is told by its place in the
// document, and what has none there is not.
func TestPlacesOfChoices(t *testing.T) {
	t.Parallel()
	issuer := newParty(t, key.Ed25519)
	hidden := func(name, value string) string { return `["c2FsdC1vbmU","` + name + `",` + value + `]` }
	grade, ld := hidden("grade", `"A"`), hidden("ld", `{"type":["VerifiableCredential"]}`)
	for name, c := range map[string]struct {
		token forged
		want  string
	}{
		"claims":             {forged{payload: payload(issuer, `,"_sd":[`+quoted(given, grade)+`]`), disclosures: []string{given, grade}}, "/credentialSubject/given_name /credentialSubject/grade"},
		"of special letters": {forged{payload: payload(issuer, `,"_sd":[`+quoted(hidden("a/b~c", "1"))+`]`), disclosures: []string{hidden("a/b~c", "1")}}, "/credentialSubject/a~1b~0c"},
		"of its own id":      {forged{payload: payload(issuer, `,"_sd":[`+quoted(hidden("jti", `"urn:a"`), hidden("sub", `"did:x:a"`))+`]`), disclosures: []string{hidden("jti", `"urn:a"`), hidden("sub", `"did:x:a"`)}}, "/credentialSubject/id /id"},
		"of no place":        {forged{payload: payload(issuer, `,"_sd":[`+quoted(hidden("iat", "1"))+`]`), disclosures: []string{hidden("iat", "1")}}, ""},
		"linked":             {forged{payload: payload(issuer, `,"ld":{"type":["VerifiableCredential"],"_sd":[`+quoted(grade)+`]}`), disclosures: []string{grade}}, "/grade"},
		"beside what is":     {forged{payload: payload(issuer, `,"ld":{"type":["VerifiableCredential"]},"_sd":[`+quoted(hidden("ldx", "1"), given)+`]`), disclosures: []string{hidden("ldx", "1"), given}}, ""},
		"all that is linked": {forged{payload: payload(issuer, `,"_sd":[`+quoted(ld)+`]`), disclosures: []string{ld}}, ""},
	} {
		if got := strings.Join(pointers(t, sdjwt.DC(), c.token.build(t, issuer)), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// opened verifies all proofs of a token, with such keys, and returns the last.
func opened(t *testing.T, token string, keys proof.Keys) (*proof.Secured, error) {
	t.Helper()
	set := proof.Set{sdjwt.DC(), sdjwt.VC()}
	in, err := proof.Read([]byte(token), strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	secured, err := set.Open(in)
	if err != nil {
		return nil, err
	}
	for _, s := range secured {
		if _, err := set.Verify(t.Context(), s, keys); err != nil {
			return s, err
		}
	}
	return secured[len(secured)-1], nil
}
