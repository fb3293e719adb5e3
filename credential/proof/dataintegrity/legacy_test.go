package dataintegrity_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

// byDID finds keys that follow from their id.
type byDID struct{}

func (byDID) Key(ctx context.Context, method string, _ proof.Purpose) (proof.Key, error) {
	base, _, _ := strings.Cut(method, "#")
	doc, err := did.Mux{"key": did.Key{}, "jwk": did.JWK{}}.Resolve(ctx, base)
	if err != nil {
		return proof.Key{}, err
	}
	m, ok := doc.Method(method)
	if !ok {
		return proof.Key{}, reason.New("key_invalid/unknown-key", method, "no such method")
	}
	return proof.Key{Public: m.Public, ID: m.ID, Controller: doc.ID}, m.Err
}

func legacySet(t testing.TB, extra ...jsonld.Extra) proof.Set {
	p := newProcessor(t, extra...)
	return proof.Set{dataintegrity.Ed25519Signature2018(p), dataintegrity.JSONWebSignature2020(p), dataintegrity.EcdsaSecp256k1Signature2019(p)}
}

// verifyFirst verifies the first proof of a document.
func verifyFirst(ctx context.Context, set proof.Set, raw []byte, keys proof.Keys) (*proof.Secured, *proof.Proven, error) {
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return nil, nil, err
	}
	opened, err := set.Open(in)
	if err != nil {
		return nil, nil, err
	}
	proven, err := set.Verify(ctx, opened[0], keys)
	return opened[0], proven, err
}

// legacyDocuments are by other programs, and one was signed for people in 2023.
func legacyDocuments(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{"jff plugfest 3": testcorpus.Read(t, "other/jff/signed_badge_example-p3.json")}
	names, err := filepath.Glob("testdata/legacy/*.json")
	if err != nil || len(names) < 6 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if out[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestLegacyByOthers verifies what other programs signed. No leaf of it can be
// changed, and each place is told to be covered.
func TestLegacyByOthers(t *testing.T) {
	t.Parallel()
	set := legacySet(t)
	for name, raw := range legacyDocuments(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secured, proven, err := verifyFirst(t.Context(), set, raw, byDID{})
			if err != nil || !secured.Legacy || len(proven.Contexts) == 0 {
				t.Fatal(err)
			}
			suite, err := set.Suite(secured.Suite)
			if err != nil {
				t.Fatal(err)
			}
			places, err := suite.(proof.Coverer).Cover(t.Context(), secured, proven.Contexts)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range places {
				if p.State == proof.Unprotected && p.Why != proof.ContextOnly {
					t.Errorf("%s is not covered: %s", p.At, p.Why)
				}
			}
			changed := 0
			for _, p := range places {
				text, ok := secured.Input.Document.Lookup(p.At).Text()
				if !ok || len(text) < 2 || p.At == "/proof/jws" {
					continue
				}
				other := text[:len(text)-1] + string(text[len(text)-1]^1)
				mutated := bytes.Replace(raw, []byte(`"`+text+`"`), []byte(`"`+other+`"`), 1)
				if bytes.Equal(mutated, raw) {
					continue
				}
				changed++
				if _, _, err := verifyFirst(t.Context(), set, mutated, byDID{}); err == nil {
					t.Errorf("%s can be changed to %q", p.At, other)
				}
			}
			if changed < 15 {
				t.Errorf("only %d changes were tried", changed)
			}
		})
	}
}

// TestLegacyRefuses has headers and forms that are not these suites'.
func TestLegacyRefuses(t *testing.T) {
	t.Parallel()
	set := legacySet(t)
	text, err := os.ReadFile("testdata/legacy/ed25519-2018.json")
	if err != nil {
		t.Fatal(err)
	}
	raw := string(text)
	doc, err := strictjson.ParseObject(text, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	jws, _ := doc.Lookup("/proof/jws").Text()
	_, signature, _ := strings.Cut(jws, "..")
	head := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) + ".." + signature }
	for name, c := range map[string]struct {
		jws  string
		code reason.Code
	}{
		"with its payload":     {strings.Replace(jws, "..", ".e30.", 1), reason.MalformedProofValue},
		"no signature":         {strings.TrimSuffix(jws, signature), reason.BadSignature},
		"spare bits":           {jws[:len(jws)-1] + "x", reason.MalformedProofValue},
		"a line break":         {jws[:len(jws)-4] + `\n` + jws[len(jws)-4:], reason.MalformedProofValue},
		"padded":               {jws + "==", reason.MalformedProofValue},
		"alg none":             {head(`{"alg":"none","b64":false,"crit":["b64"]}`), "unsupported_alg/key-mismatch"},
		"another algorithm":    {head(`{"alg":"ES256","b64":false,"crit":["b64"]}`), "unsupported_alg/key-mismatch"},
		"no algorithm":         {head(`{"b64":false,"crit":["b64"],"kid":"k"}`), reason.MalformedProofValue},
		"b64 not said":         {head(`{"alg":"EdDSA","crit":["b64"],"kid":"k"}`), reason.MalformedProofValue},
		"b64 a text":           {head(`{"alg":"EdDSA","b64":"false","crit":["b64"]}`), reason.MalformedProofValue},
		"a break in its head":  {jws[:10] + `\n` + jws[10:], reason.MalformedProofValue},
		"b64 true":             {head(`{"alg":"EdDSA","b64":true,"crit":["b64"]}`), reason.MalformedProofValue},
		"no crit":              {head(`{"alg":"EdDSA","b64":false}`), reason.MalformedProofValue},
		"more is critical":     {head(`{"alg":"EdDSA","b64":false,"crit":["b64","exp"]}`), reason.MalformedProofValue},
		"something else":       {head(`{"alg":"EdDSA","b64":false,"crit":["exp"]}`), reason.MalformedProofValue},
		"a key of its own":     {head(`{"alg":"EdDSA","b64":false,"crit":["b64"],"jwk":{}}`), reason.MalformedProofValue},
		"alg twice":            {head(`{"alg":"EdDSA","alg":"EdDSA","b64":false,"crit":["b64"]}`), reason.MalformedProofValue},
		"a header of old":      {head(`{"crit":["b64"],"alg":"EdDSA","b64":false}`), reason.BadSignature},
		"without end":          {jws + strings.Repeat("A", 4096), reason.MalformedProofValue},
		"of another signature": {jws[:len(jws)-20] + strings.Repeat("A", 20), reason.BadSignature},
	} {
		_, _, err := verifyFirst(t.Context(), set, []byte(strings.Replace(raw, jws, c.jws, 1)), byDID{})
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	// The key of one suite is no key of another, whatever the algorithm.
	other := strings.Replace(raw, `"Ed25519Signature2018"`, `"EcdsaSecp256k1Signature2019"`, 1)
	if _, _, err := verifyFirst(t.Context(), set, []byte(other), byDID{}); reason.CodeOf(err) != "key_invalid/key-type" {
		t.Error(err)
	}
	method, _ := doc.Lookup("/proof/verificationMethod").Text()
	contexts := string(doc.Get("@context").AppendJSON(nil))
	for name, c := range map[string]struct {
		old, with string
		code      reason.Code
	}{
		"a method that is not there": {method[strings.IndexByte(method, '#'):] + `"`, `#other"`, "key_invalid/unknown-key"},
		"an undefined member":        {`"issuer":`, `"grade": "A", "issuer":`, "unsigned_data/undefined-term"},
		"the document's context":     {`"type": "Ed25519Signature2018"`, `"@context": ` + contexts + `, "type": "Ed25519Signature2018"`, ""},
		"a context of its own":       {`"type": "Ed25519Signature2018"`, `"@context": "https://w3id.org/security/v2", "type": "Ed25519Signature2018"`, "unsigned_data/proof-context"},
	} {
		if strings.Count(raw, c.old) < 1 {
			t.Fatalf("%s: there is no %s", name, c.old)
		}
		if _, _, err := verifyFirst(t.Context(), set, []byte(strings.Replace(raw, c.old, c.with, -1)), byDID{}); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
	// Nothing beside the signature may stand in the proof unsigned.
	beside := strings.Replace(raw, `"type": "Ed25519Signature2018"`, `"type": "Ed25519Signature2018", "proofValue": "z1"`, 1)
	if _, _, err := verifyFirst(t.Context(), set, []byte(beside), byDID{}); reason.CodeOf(err) != reason.BadSignature {
		t.Error(err)
	}
	// And nobody signs so any more.
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	for _, suite := range set {
		if _, err := suite.Sign(t.Context(), []byte(`{}`), private.Signer("did:example:a#k"), proof.Params{Purpose: proof.AssertionMethod}); reason.CodeOf(err) != "unsupported_alg/verify-only" {
			t.Error(suite.ID(), err)
		}
	}
}

// TestLegacyRSA signs with PS256, for which no program was at hand. PKCS #1
// v1.5, which everything else here has for RSA, does not hold.
func TestLegacyRSA(t *testing.T) {
	t.Parallel()
	set, p := legacySet(t), newProcessor(t)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.FromCrypto(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	const contexts = `{"@context":["https://www.w3.org/2018/credentials/v1","https://w3id.org/security/suites/jws-2020/v1"],`
	const document = contexts + `"id":"urn:uuid:1","type":["VerifiableCredential"],"issuer":"did:example:a","issuanceDate":"2021-01-01T00:00:00Z","credentialSubject":{"id":"did:example:b"}}`
	const options = `"type":"JsonWebSignature2020","created":"2021-01-01T00:00:00Z","proofPurpose":"assertionMethod","verificationMethod":"did:example:a#k"`
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"PS256","b64":false,"crit":["b64"]}`))
	input := []byte(head + ".")
	for _, text := range []string{contexts + options + `}`, document} {
		input = append(input, canonicalHash(t, p, text)...)
	}
	sum := sha256.Sum256(input)
	pss, err := rsa.SignPSS(rand.Reader, private, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: sha256.Size})
	if err != nil {
		t.Fatal(err)
	}
	old, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	for want, signature := range map[reason.Code][]byte{"": pss, reason.BadSignature: old} {
		raw := strings.TrimSuffix(document, "}") + `,"proof":{` + options + `,"jws":"` + head + ".." + base64.RawURLEncoding.EncodeToString(signature) + `"}}`
		if _, _, err := verifyFirst(t.Context(), set, []byte(raw), oneKey{public}); reason.CodeOf(err) != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestLegacyUnderSecurityV2 signs as the first programs did, which read the
// options of a proof under a context of their own.
func TestLegacyUnderSecurityV2(t *testing.T) {
	t.Parallel()
	older := terms(`, "later": "https://terms.example/later"`)
	set, p := legacySet(t, terms(""), older), newProcessor(t, older)
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	// The creator is a term of the suites' context alone, and later one of an older
	// edition of the document's.
	document := `{"@context":["https://www.w3.org/2018/credentials/v1","` + termsAt + `"],"id":"urn:uuid:1","type":["VerifiableCredential"],"later":"a","issuer":"` + id + `","issuanceDate":"2021-01-01T00:00:00Z","credentialSubject":{"id":"did:example:b"}}`
	options := `"type":"Ed25519Signature2018","created":"2021-01-01T00:00:00Z","proofPurpose":"assertionMethod","creator":"did:example:c","verificationMethod":"` + method + `"`
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","b64":false,"crit":["b64"]}`))
	input := []byte(head + ".")
	for _, text := range []string{`{"@context":"https://w3id.org/security/v2",` + options + `}`, document} {
		input = append(input, canonicalHash(t, p, text)...)
	}
	signature, err := private.Signer(method).Sign(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	signed := strings.TrimSuffix(document, "}") + `,"proof":{` + options + `,"jws":"` + head + ".." + base64.RawURLEncoding.EncodeToString(signature) + `"}}`
	secured, proven, err := verifyFirst(t.Context(), set, []byte(signed), byDID{})
	if err != nil {
		t.Fatal(err)
	}
	places, err := set[0].(proof.Coverer).Cover(t.Context(), secured, proven.Contexts)
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range places {
		if place.State == proof.Unprotected && place.Why != proof.ContextOnly {
			t.Errorf("%+v", place)
		}
	}
	for _, change := range [][2]string{{"2021-01-01T00:00:00Z\",\"proofPurpose", "2021-01-02T00:00:00Z\",\"proofPurpose"}, {"did:example:b", "did:example:c"}, {`"proofPurpose":"assertionMethod"`, `"proofPurpose":"authentication"`}} {
		if _, _, err := verifyFirst(t.Context(), set, []byte(strings.Replace(signed, change[0], change[1], 1)), byDID{}); err == nil {
			t.Errorf("%q can be changed", change[0])
		}
	}
}

func canonicalHash(t *testing.T, p *jsonld.Processor, text string) []byte {
	t.Helper()
	doc, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	selections, err := p.Selections(doc)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := p.Hash(t.Context(), doc, selections[0], rdfc.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// FuzzLegacy: whatever stands in a proof, only the one signature holds.
func FuzzLegacy(f *testing.F) {
	raw, err := os.ReadFile("testdata/legacy/ed25519-2018.json")
	if err != nil {
		f.Fatal(err)
	}
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		f.Fatal(err)
	}
	right, _ := doc.Lookup("/proof/jws").Text()
	set := legacySet(f)
	for _, seed := range []string{right, "..", "e30..AA", right + "\n", base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"PS256","b64":false,"crit":["b64"]}`)) + "..AA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, jws string) {
		changed := doc.With("proof", doc.Get("proof").With("jws", strictjson.String(jws)))
		_, _, err := verifyFirst(t.Context(), set, changed.AppendJSON(nil), byDID{})
		if (err == nil) != (jws == right) || reason.CodeOf(err) == reason.Internal {
			t.Errorf("%q: %v", jws, err)
		}
	})
}
