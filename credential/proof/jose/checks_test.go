package jose_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestSignRefusesEach: what a form cannot say is refused, each by itself, and so
// is what Open would refuse.
func TestSignRefusesEach(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	asserts := func(change func(*proof.Params)) proof.Params {
		p := proof.Params{Purpose: proof.AssertionMethod}
		change(&p)
		return p
	}
	shown := func(change func(*proof.Params)) proof.Params {
		p := proof.Params{Purpose: proof.Authentication}
		change(&p)
		return p
	}
	without := func(text string) string { return strings.Replace(badge, text, "", 1) }
	with := func(member string) string { return strings.Replace(badge, `"id":"urn`, member+`,"id":"urn`, 1) }
	for name, c := range map[string]struct {
		suite    proof.Suite
		document string
		params   proof.Params
		code     reason.Code
	}{
		"what can be kept back":  {jose.VC(), badge, asserts(func(p *proof.Params) { p.Disclosable = []string{"/id"} }), "usage/params"},
		"a proof with an id":     {jose.VC(), badge, asserts(func(p *proof.Params) { p.ProofID = "urn:p" }), "usage/params"},
		"a proof upon another":   {jose.VC(), badge, asserts(func(p *proof.Params) { p.Previous = []string{"urn:p"} }), "usage/params"},
		"a challenge":            {jose.VC(), badge, asserts(func(p *proof.Params) { p.Challenge = "c" }), "usage/params"},
		"a domain":               {jose.VC(), badge, asserts(func(p *proof.Params) { p.Domains = []string{"a.example"} }), "usage/params"},
		"kept back, shown":       {jose.VP(), presentation, shown(func(p *proof.Params) { p.Disclosable = []string{"/id"} }), "usage/params"},
		"a proof's id, shown":    {jose.VP(), presentation, shown(func(p *proof.Params) { p.ProofID = "urn:p" }), "usage/params"},
		"no JSON":                {jose.VC(), `{`, asserts(func(*proof.Params) {}), reason.MalformedJSON},
		"a claim of another":     {jose.VC(), with(`"iss":"did:example:other"`), asserts(func(*proof.Params) {}), "issuer_mismatch/iss"},
		"a subject of another":   {jose.VC(), with(`"sub":"did:example:other"`), asserts(func(*proof.Params) {}), "holder_mismatch/sub"},
		"a claim that it adds":   {jose.OpenBadge(), with(`"sub":"did:example:kari"`), asserts(func(*proof.Params) {}), reason.Conflict},
		"a badge of no id":       {jose.OpenBadge(), without(`"id":"urn:uuid:5",`), asserts(func(*proof.Params) {}), reason.MalformedClaims},
		"a badge of no issuer":   {jose.OpenBadge(), without(`"id":"did:example:issuer",`), asserts(func(*proof.Params) {}), reason.MalformedClaims},
		"a badge for two":        {jose.OpenBadge(), strings.Replace(strings.Replace(badge, `"credentialSubject":{`, `"credentialSubject":[{"name":"n"},{`, 1), `} }`, `}]}`, 1), asserts(func(*proof.Params) {}), reason.MalformedClaims},
		"a badge of no day":      {jose.OpenBadge(), without(`"validFrom":"2026-01-01T00:00:00Z",`), asserts(func(*proof.Params) {}), reason.MalformedClaims},
		"a badge of a wrong day": {jose.OpenBadge(), strings.Replace(badge, "2026-01-01T00:00:00Z", "yesterday", 1), asserts(func(*proof.Params) {}), reason.MalformedClaims},
		"a badge of a wrong end": {jose.OpenBadge(), strings.Replace(badge, "2030-01-01T00:00:00Z", "tomorrow", 1), asserts(func(*proof.Params) {}), reason.MalformedClaims},
	} {
		if _, err := c.suite.Sign(t.Context(), []byte(c.document), signer, c.params); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// TestClaimsAdded: what stands beside the document is what was asked for, and
// nothing that was not.
func TestClaimsAdded(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	at := time.Unix(1780315195, 0)
	for name, c := range map[string]struct {
		suite    proof.Suite
		document string
		params   proof.Params
		want     string
	}{
		"a credential":               {jose.VC(), badge, proof.Params{Purpose: proof.AssertionMethod}, `{}`},
		"when it was made":           {jose.VC(), badge, proof.Params{Purpose: proof.AssertionMethod, Created: at}, `{"iat":1780315195}`},
		"a badge":                    {jose.OpenBadge(), badge, proof.Params{Purpose: proof.AssertionMethod}, `{"exp":1893456000,"iss":"did:example:issuer","jti":"urn:uuid:5","nbf":1767225600,"sub":"did:example:kari"}`},
		"a badge without end":        {jose.OpenBadge(), strings.Replace(badge, `"validUntil":"2030-01-01T00:00:00Z",`, "", 1), proof.Params{Purpose: proof.AssertionMethod}, `{"iss":"did:example:issuer","jti":"urn:uuid:5","nbf":1767225600,"sub":"did:example:kari"}`},
		"a presentation to nobody":   {jose.VP(), presentation, proof.Params{Purpose: proof.Authentication}, `{}`},
		"a presentation to one":      {jose.VP(), presentation, proof.Params{Purpose: proof.Authentication, Domains: []string{"a.example"}}, `{"aud":"a.example"}`},
		"a presentation to two":      {jose.VP(), presentation, proof.Params{Purpose: proof.Authentication, Domains: []string{"a.example", "b.example"}}, `{"aud":["a.example","b.example"]}`},
		"a presentation with an end": {jose.VP(), presentation, proof.Params{Purpose: proof.Authentication, Challenge: "c", Expires: at}, `{"exp":1780315195,"nonce":"c"}`},
	} {
		out, err := c.suite.Sign(t.Context(), []byte(c.document), signer, c.params)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		payload, err := b64.DecodeString(strings.Split(string(out), ".")[1])
		if err != nil {
			t.Fatal(err)
		}
		all, added := map[string]any{}, map[string]any{}
		if err := json.Unmarshal(payload, &all); err != nil {
			t.Fatal(err)
		}
		for _, claim := range []string{"iss", "sub", "jti", "aud", "nonce", "iat", "nbf", "exp"} {
			if v, ok := all[claim]; ok {
				added[claim] = v
			}
		}
		if got, _ := json.Marshal(added); string(got) != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestHeads: the type of a token and that of what is in it agree, and the key is
// the one that is named where one is named and brought.
func TestHeads(t *testing.T) {
	t.Parallel()
	signer, other := newSigner(t, key.Ed25519), newSigner(t, key.Ed25519)
	jwk := func(s key.Signer) string { return `"jwk":` + string(s.Public().JWK()) }
	const plain = `{"iss":"did:x:i","vc":{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:x:i","credentialSubject":{"id":"did:x:s"}}}`
	for name, c := range map[string]struct {
		header, payload string
		code            reason.Code
	}{
		"a credential":                        {`"typ":"vc+jwt","cty":"vc","kid":"KID"`, badge, ""},
		"an old type of content":              {`"typ":"vc+jwt","cty":"vc+ld+json","kid":"KID"`, badge, ""},
		"a presentation in a credential":      {`"typ":"vc+jwt","cty":"vp","kid":"KID"`, badge, "wrong_type/cty"},
		"a token in a credential":             {`"typ":"vc+jwt","cty":"JWT","kid":"KID"`, badge, "wrong_type/cty"},
		"the older form under the newer type": {`"typ":"vc+jwt","kid":"KID"`, plain, "malformed/vc-claim"},
		"a presentation":                      {`"typ":"vp+jwt","cty":"vp","kid":"KID"`, presentation, ""},
		"a credential in a presentation":      {`"typ":"vp+jwt","cty":"vc","kid":"KID"`, presentation, "wrong_type/cty"},
		"a badge whose key is named":          {`"typ":"JWT","kid":"KID"`, plain, ""},
		"a badge whose key is named and here": {`"typ":"JWT","kid":"KID",` + jwk(signer), plain, ""},
		"a badge with the key of another":     {`"typ":"JWT","kid":"KID",` + jwk(other), plain, jwsKeyInHeader},
		"a badge whose key is only here":      {`"typ":"JWT",` + jwk(signer), plain, "key_unavailable/controller-document"},
		"both at once":                        {`"typ":"vc+jwt","kid":"KID"`, strings.Replace(badge, `"type":["VerifiableCredential"`, `"type":["VerifiableCredential","VerifiablePresentation"`, 1), "wrong_type/payload"},
		"a badge with another's key, only":    {`"typ":"JWT",` + jwk(other), plain, reason.BadSignature},
		"a badge with a key for secrets":      {`"typ":"JWT",` + strings.Replace(jwk(signer), `"kty"`, `"use":"enc","kty"`, 1), plain, "key_invalid/not-a-signing-key"},
		"a badge with a key that is none":     {`"typ":"JWT","jwk":{"kty":"OKP"}`, plain, "key_invalid/type"},
		"a badge with an end of its own":      {`"typ":"JWT","kid":"KID"`, `{"exp":1893456000,` + badge[1:strings.Index(badge, `"validUntil"`)] + badge[strings.Index(badge, `"credentialSubject"`):], ""},
		"a subject that is a number":          {`"typ":"JWT","kid":"KID"`, strings.Replace(plain, `{"iss"`, `{"sub":7,"iss"`, 1), reason.MalformedClaims},
	} {
		if _, err := verify(t, []byte(token(t, signer, `{"alg":"EdDSA",`+c.header+`}`, c.payload)), signer); reason.CodeOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

const jwsKeyInHeader reason.Code = "key_invalid/key-in-header"

// TestCover: a signature over text covers all of it, and of what is no token of
// the suite nothing is said.
func TestCover(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	in := func(text string) *proof.Input {
		in, err := proof.Read([]byte(text), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	good := token(t, signer, header, badge)
	cover := func(s proof.Suite, sec *proof.Secured) ([]proof.Place, error) {
		return s.(proof.Coverer).Cover(t.Context(), sec, nil)
	}
	places, err := cover(jose.VC(), &proof.Secured{Input: in(good)})
	if err != nil || len(places) < 10 {
		t.Fatalf("%v, %v", places, err)
	}
	for _, p := range places {
		if p.State != proof.Protected && (p.Part != proof.PartSignature || p.State != proof.OwnValue) {
			t.Errorf("%+v", p)
		}
	}
	for name, c := range map[string]struct {
		suite proof.Suite
		sec   *proof.Secured
		code  reason.Code
	}{
		"nothing":                   {jose.VC(), &proof.Secured{}, reason.NoProof},
		"of another suite":          {jose.VP(), &proof.Secured{Input: in(good)}, "unsupported_alg/suite"},
		"what the suite would deny": {jose.VC(), &proof.Secured{Input: in(token(t, signer, header, presentation))}, "wrong_type/payload"},
	} {
		if places, err := cover(c.suite, c.sec); reason.CodeOf(err) != c.code || places != nil {
			t.Errorf("%s: %v, %v", name, places, err)
		}
	}
}

// TestJSONForms: the forms of tokens that are no compact ones are told from
// documents, and documents from them.
func TestJSONForms(t *testing.T) {
	t.Parallel()
	const form, encrypted = "malformed/jws-json", "unsupported_alg/encrypted"
	for text, code := range map[string]reason.Code{
		`{"payload":"x","signatures":[]}`:           form,
		`{"payload":"x","signature":"x"}`:           form,
		`{"payload":"x","protected":"x"}`:           form,
		`{"payload":"x"}`:                           "",
		`{"signatures":[],"protected":"x"}`:         "",
		`{"ciphertext":"x","recipients":[]}`:        encrypted,
		`{"ciphertext":"x","encrypted_key":"x"}`:    encrypted,
		`{"ciphertext":"x","protected":"x"}`:        encrypted,
		`{"ciphertext":"x"}`:                        "",
		`{"recipients":[],"encrypted_key":"x"}`:     "",
		`{"type":["VerifiableCredential"],"a":"b"}`: "",
	} {
		in, err := proof.Read([]byte(text), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, suite := range set {
			if opened, err := suite.Open(in); reason.CodeOf(err) != code || (err == nil) != (code == "") || len(opened) != 0 {
				t.Errorf("%s, %s: %v %v", suite.ID(), text, opened, err)
			}
		}
	}
}

// TestVerifyWhatIsGiven: what counts is the token that is given, whoever read it
// before and whatever was read.
func TestVerifyWhatIsGiven(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, key.Ed25519)
	good := token(t, signer, header, badge)
	forgery := good[:strings.LastIndexByte(good, '.')+1] + strings.Repeat("A", 86)
	read := func(text string) *proof.Input {
		in, err := proof.Read([]byte(text), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	open := func(text string) *proof.Secured {
		secured, err := jose.VC().Open(read(text))
		if err != nil {
			t.Fatal(err)
		}
		return secured[0]
	}
	exchanged, broken := open(good), open(good)
	exchanged.Input, broken.Input = read(forgery), read(good+"=")
	for name, c := range map[string]struct {
		suite proof.Suite
		sec   *proof.Secured
		code  reason.Code
	}{
		"as it was opened":         {jose.VC(), open(good), ""},
		"never opened":             {jose.VC(), &proof.Secured{Input: read(good)}, ""},
		"nothing":                  {jose.VC(), nil, reason.NoProof},
		"no token":                 {jose.VC(), &proof.Secured{}, reason.NoProof},
		"by another suite":         {jose.OpenBadge(), open(good), "unsupported_alg/suite"},
		"another token by now":     {jose.VC(), exchanged, reason.BadSignature},
		"a broken token by now":    {jose.VC(), broken, reason.MalformedBase64},
		"a forgery, never opened":  {jose.VC(), &proof.Secured{Input: read(forgery)}, reason.BadSignature},
		"a forgery, as was opened": {jose.VC(), open(forgery), reason.BadSignature},
	} {
		if _, err := c.suite.Verify(t.Context(), c.sec, oneKey{signer}); reason.CodeOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}
