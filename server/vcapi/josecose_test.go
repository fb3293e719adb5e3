package vcapi

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const envelopingID = "https://kurs.example/issuer"

// testMethod writes a verification method with both keys, as the suite has it.
func testMethod(t *testing.T, kind key.Type) []byte {
	t.Helper()
	private, err := key.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	text, err := private.MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	var d []byte
	switch k := parsed.(crypto.Signer).(type) {
	case ed25519.PrivateKey:
		d = k.Seed()
	case *ecdsa.PrivateKey:
		if d, err = k.Bytes(); err != nil {
			t.Fatal(err)
		}
	}
	public := string(private.Public().JWK())
	public = strings.Replace(public, "{", `{"kid":"`+private.Public().Thumbprint()+`",`, 1)
	secret := strings.Replace(public, "{", `{"d":"`+base64.RawURLEncoding.EncodeToString(d)+`",`, 1)
	return fmt.Appendf(nil, `{"id":"%s#key-1","type":"JsonWebKey","controller":"%s","publicKeyJwk":%s,"secretKeyJwk":%s}`, envelopingID, envelopingID, public, secret)
}

func newEnveloping(t *testing.T) *Enveloping {
	t.Helper()
	e, err := NewEnveloping([]suites.Context{}, func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const (
	envelopedCredential = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"` + envelopingID + `","credentialSubject":{"id":"did:example:kari","name":"Kari","description":["a","b"]}}`
	envelopedShown      = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + envelopingID + `","verifiableCredential":[` +
		`{"@context":"https://www.w3.org/ns/credentials/v2","type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,eyJh.e30.AA"}]}`
)

func TestEnveloping(t *testing.T) {
	t.Parallel()
	e := newEnveloping(t)
	other := testMethod(t, key.P256)
	for _, kind := range []key.Type{key.Ed25519, key.P256, key.P384, key.P521} {
		method := testMethod(t, kind)
		for _, feature := range []string{"credential_jose", "credential_sdjwt", "credential_cose", "presentation_jose", "presentation_sdjwt", "presentation_cose"} {
			test := EnvelopingTest{Feature: feature, Input: []byte(envelopedCredential), Key: method}
			if test.isPresentation() {
				test.Input = []byte(envelopedShown)
			}
			switch feature {
			case "credential_sdjwt":
				test.Paths = []string{"credentialSubject.name", "credentialSubject.description[0]"}
			case "presentation_sdjwt":
				test.Paths = []string{"holder", "verifiableCredential[0]"}
			}
			signed, err := e.Issue(t.Context(), test)
			if err != nil {
				t.Errorf("%s %s: %v", feature, kind, err)
				continue
			}
			if n := bytes.Count(signed, []byte("~")); len(test.Paths) > 0 && n != len(test.Paths)+1 {
				t.Errorf("%s: %d disclosures", feature, n-1)
			}
			verify := EnvelopingTest{Feature: feature, Input: append(signed, '\n'), Key: method}
			if err := e.Verify(t.Context(), verify); err != nil {
				t.Errorf("%s %s: %v", feature, kind, err)
			}
			verify.Key = other
			if err := e.Verify(t.Context(), verify); reason.CodeOf(err).Class() != reason.Invalid {
				t.Errorf("%s %s with another key: %v", feature, kind, err)
			}
			verify.Key, verify.Feature = method, strings.NewReplacer("credential", "presentation", "presentation", "credential").Replace(feature)
			if err := e.Verify(t.Context(), verify); err == nil {
				t.Errorf("%s passes as %s", feature, verify.Feature)
			}
		}
	}
}

func TestEnvelopingRefuses(t *testing.T) {
	t.Parallel()
	e := newEnveloping(t)
	method := testMethod(t, key.P256)
	replaced := func(doc, old, new string) []byte { return []byte(strings.Replace(doc, old, new, 1)) }
	for name, c := range map[string]struct {
		test EnvelopingTest
		code reason.Code
	}{
		"no feature":               {EnvelopingTest{Feature: "credential_xml", Input: []byte(envelopedCredential), Key: method}, reason.Usage},
		"a member that is foreign": {EnvelopingTest{Feature: "credential_jose", Input: replaced(envelopedCredential, `"issuer"`, `"more":1,"issuer"`), Key: method}, "malformed/data-model"},
		"a term that is undefined": {EnvelopingTest{Feature: "credential_cose", Input: replaced(envelopedCredential, `"name"`, `"more"`), Key: method}, "unsigned_data/undefined-term"},
		"no issuer":                {EnvelopingTest{Feature: "credential_cose", Input: replaced(envelopedCredential, `"issuer":"`+envelopingID+`",`, ``), Key: method}, "malformed/data-model"},
		"not enveloped":            {EnvelopingTest{Feature: "presentation_jose", Input: replaced(envelopedShown, "EnvelopedVerifiableCredential", "VerifiableCredential"), Key: method}, "wrong_type/envelope"},
		"not a data: URL":          {EnvelopingTest{Feature: "presentation_cose", Input: replaced(envelopedShown, "data:application/vc+jwt,", "https://kurs.example/"), Key: method}, "wrong_type/envelope"},
		"another kind of data":     {EnvelopingTest{Feature: "presentation_sdjwt", Input: replaced(envelopedShown, "vc+jwt", "vc+cose"), Key: method}, "wrong_type/envelope"},
		"a path to nothing":        {EnvelopingTest{Feature: "credential_sdjwt", Input: []byte(envelopedCredential), Key: method, Paths: []string{"a[7].b"}}, "disclosure_invalid/pointer"},
		"no key":                   {EnvelopingTest{Feature: "credential_jose", Input: []byte(envelopedCredential), Key: []byte(`{}`)}, "key_invalid/jwk"},
		"no private key":           {EnvelopingTest{Feature: "credential_jose", Input: []byte(envelopedCredential), Key: bytes.Replace(method, []byte("secretKeyJwk"), []byte("x"), 1)}, "key_invalid/jwk"},
	} {
		if _, err := e.Issue(t.Context(), c.test); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v (%s), not %s", name, err, reason.CodeOf(err), c.code)
		}
	}
	for name, c := range map[string]struct {
		feature, input string
		code           reason.Code
	}{
		"COSE in hexadecimal": {"credential_cose", "d2845840", reason.Malformed},
		"COSE not in base64":  {"credential_cose", "d2-8", reason.Malformed},
		"JSON without proof":  {"credential_jose", envelopedCredential, reason.NoProof},
		"nothing":             {"credential_jose", "", reason.Malformed},
	} {
		err := e.Verify(t.Context(), EnvelopingTest{Feature: c.feature, Input: []byte(c.input), Key: method})
		if reason.CodeOf(err).Coarse() != string(c.code) {
			t.Errorf("%s: %v (%s), not %s", name, err, reason.CodeOf(err), c.code)
		}
	}
}

// TestEnvelopingLenience: what the suite has in its tokens passes here, and
// nowhere else.
func TestEnvelopingLenience(t *testing.T) {
	t.Parallel()
	e := newEnveloping(t)
	raw := testMethod(t, key.Ed25519)
	m, err := readMethod(raw)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := m.signer()
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding
	token := func(kid, iat string) []byte {
		t.Helper()
		text := b64.EncodeToString([]byte(`{"alg":"EdDSA","kid":"`+kid+`","typ":"vc+jwt"}`)) + "." + b64.EncodeToString([]byte(strings.Replace(envelopedCredential, "{", `{"iat":`+iat+`,`, 1)))
		signature, err := signer.Sign(t.Context(), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return []byte(text + "." + b64.EncodeToString(signature))
	}
	strict, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token []byte
		code  reason.Code // here
	}{
		"iat a text":            {token(m.id, `"2010-01-01T19:23:24Z"`), ""},
		"kid a bare name":       {token(m.keyID, `1`), ""},
		"iat no time":           {token(m.id, `"yesterday"`), reason.MalformedClaims},
		"kid another bare name": {token("key-1", `1`), "key_invalid/unknown-key"},
	} {
		err := e.Verify(t.Context(), EnvelopingTest{Feature: "credential_jose", Input: c.token, Key: raw})
		if code := reason.CodeOf(err); code != c.code && (err != nil || c.code != "") {
			t.Errorf("%s: %v (%s), not %s", name, err, code, c.code)
		}
		if _, err := strict.Open(input(t, c.token)); err == nil {
			t.Errorf("%s passes everywhere", name)
		}
	}
}

func input(t *testing.T, raw []byte) *proof.Input {
	t.Helper()
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}
