package dataintegrity_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

func suites(t testing.TB, extra ...jsonld.Extra) proof.Set {
	t.Helper()
	p := newProcessor(t, extra...)
	return proof.Set{dataintegrity.EdDSARDFC(p), dataintegrity.EdDSAJCS(p), dataintegrity.Ed25519Signature2020(p)}
}

// didKeys finds keys of did:key methods, for any purpose.
type didKeys struct{}

func (didKeys) Key(ctx context.Context, method string, _ proof.Purpose) (proof.Key, error) {
	id, _, _ := strings.Cut(method, "#")
	d, err := did.Key{}.Resolve(ctx, id)
	if err != nil {
		return proof.Key{}, err
	}
	m, ok := d.Method(method)
	if !ok {
		return proof.Key{}, reason.New("key_invalid/unknown-key", method, "no such method")
	}
	return proof.Key{Public: m.Public, ID: m.ID, Controller: m.Controller}, nil
}

func read(t testing.TB, path ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func exampleContext(t testing.TB) jsonld.Extra {
	raw := read(t, testcorpus.Path(t, "contexts", "credentials-examples-v2.jsonld"))
	sum := sha256.Sum256(raw)
	return jsonld.Extra{URL: "https://www.w3.org/ns/credentials/examples/v2", Bytes: raw, SHA256: hex.EncodeToString(sum[:])}
}

func verifyAll(t testing.TB, set proof.Set, raw []byte) error {
	t.Helper()
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return err
	}
	secured, err := set.Open(in)
	if err != nil {
		return err
	}
	for _, s := range secured {
		if _, err := set.Verify(t.Context(), s, didKeys{}); err != nil {
			return err
		}
	}
	return nil
}

// TestW3CVectors signs what the test vectors of the EdDSA cryptosuites sign
// and compares the result, which is deterministic, and verifies theirs.
func TestW3CVectors(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t, "vc-di-eddsa", "TestVectors")
	set := suites(t, exampleContext(t))
	var pair struct{ PublicKeyMultibase, PrivateKeyMultibase, SecretKeyMultibase string }
	if err := json.Unmarshal(read(t, root, "keyPair.json"), &pair); err != nil {
		t.Fatal(err)
	}
	signer := vectorKey(t, pair.PublicKeyMultibase, pair.PrivateKeyMultibase+pair.SecretKeyMultibase)
	for _, tt := range []struct {
		id     proof.ID
		signed string
	}{
		{dataintegrity.EdDSARDFC2022, "eddsa-rdfc-2022/signedDataInt.json"},
		{dataintegrity.EdDSAJCS2022, "eddsa-jcs-2022/signedJCS.json"},
		{dataintegrity.Ed25519Signature2020ID, "Ed25519Signature2020/signedEdSig.json"},
	} {
		raw := read(t, root, tt.signed)
		if err := verifyAll(t, set, raw); err != nil {
			t.Errorf("%s: %v", tt.signed, err)
		}
		if tt.id == dataintegrity.Ed25519Signature2020ID {
			continue // verified only
		}
		want, err := strictjson.ParseObject(raw, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		created, _ := want.Lookup("/proof/created").Text()
		at, err := time.Parse(time.RFC3339, created)
		if err != nil {
			t.Fatal(err)
		}
		suite, err := set.Suite(tt.id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := suite.Sign(t.Context(), read(t, root, "unsigned.json"), signer, proof.Params{Purpose: proof.AssertionMethod, Created: at})
		if err != nil {
			t.Fatalf("%s: %v", tt.id, err)
		}
		ours, err := strictjson.ParseObject(got, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		a, _ := ours.Lookup("/proof/0/proofValue").Text()
		if b, _ := want.Lookup("/proof/proofValue").Text(); a != b {
			t.Errorf("%s: proofValue %s, want %s", tt.id, a, b)
		}
	}
}

func vectorKey(t testing.TB, public, secret string) key.Signer {
	t.Helper()
	seed, err := decodeSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := private.Public().Multikey(); text != public {
		t.Fatalf("the secret belongs to %s, not to %s", text, public)
	}
	return private.Signer("did:key:" + public + "#" + public)
}

// TestW3CSetsAndChains verifies the vectors of section 2.2 of the test
// vectors: proof sets and chains, up to a proof that covers a proof that
// covers two.
func TestW3CSetsAndChains(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t, "vc-di-eddsa", "TestVectors", "proof-set-chain")
	set := suites(t, exampleContext(t))
	for _, name := range []string{"signedProofSet1.json", "signedProofSet2.json", "signedProofChain1.json", "signedProofChain2.json"} {
		raw := read(t, root, name)
		if err := verifyAll(t, set, raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// A proof that another covers cannot be changed behind its back.
		if strings.Contains(name, "Chain") {
			changed := bytes.Replace(raw, []byte(`"created": "2023-02-24T23:36:38Z"`), []byte(`"created": "2023-02-24T23:36:39Z"`), 1)
			if err := verifyAll(t, set, changed); reason.CodeOf(err) != reason.BadSignature {
				t.Errorf("%s, changed: %v", name, err)
			}
		}
	}
}

const badge = `{
  "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
  "id": "urn:uuid:5f0c0e9e-1111-4222-8333-0a0b0c0d0e0f",
  "type": ["VerifiableCredential", "OpenBadgeCredential"],
  "name": "Kurs i maskinlæring",
  "issuer": {"id": "did:example:issuer", "type": ["Profile"], "name": "Prøve"},
  "validFrom": "2026-01-01T00:00:00Z",
  "credentialSubject": {"id": "did:example:kari", "type": ["AchievementSubject"], "achievement": {"id": "urn:uuid:6", "type": ["Achievement"], "name": "Kurs", "description": "B", "criteria": {"narrative": "Eksamen"}}}
}`

func newSigner(t testing.TB) key.Signer {
	t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	_, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return private.Signer(method)
}

var created = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestRoundTripAndTampering(t *testing.T) {
	t.Parallel()
	set := suites(t)
	for _, id := range []proof.ID{dataintegrity.EdDSARDFC2022, dataintegrity.EdDSAJCS2022} {
		suite, err := set.Suite(id)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := suite.Sign(t.Context(), []byte(badge), newSigner(t), proof.Params{
			Purpose: proof.AssertionMethod, Created: created, Expires: created.AddDate(1, 0, 0), Challenge: "c", Domains: []string{"a.example", "b.example"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := verifyAll(t, set, signed); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		// Every byte: none may be changed so that the document still holds
		// and says something else.
		for i := range signed {
			changed := bytes.Clone(signed)
			changed[i] ^= 1
			if verifyAll(t, set, changed) == nil && !sameJSON(t, signed, changed) {
				t.Errorf("%s: byte %d (%s) can be changed", id, i, signed[max(0, i-10):min(len(signed), i+10)])
			}
		}
	}
}

func sameJSON(t testing.TB, a, b []byte) bool {
	t.Helper()
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && jsonText(x) == jsonText(y)
}

func jsonText(v any) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}

func TestSetsAndChains(t *testing.T) {
	t.Parallel()
	set := suites(t)
	rdfc, _ := set.Suite(dataintegrity.EdDSARDFC2022)
	jcs, _ := set.Suite(dataintegrity.EdDSAJCS2022)
	sign := func(suite proof.Suite, document []byte, p proof.Params) []byte {
		t.Helper()
		p.Purpose, p.Created = proof.AssertionMethod, created
		out, err := suite.Sign(t.Context(), document, newSigner(t), p)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	one := sign(rdfc, []byte(badge), proof.Params{ProofID: "urn:proof:1"})
	two := sign(jcs, one, proof.Params{})
	chain := sign(rdfc, two, proof.Params{Previous: []string{"urn:proof:1"}})
	if err := verifyAll(t, set, chain); err != nil {
		t.Fatal(err)
	}
	if _, err := rdfc.Sign(t.Context(), one, newSigner(t), proof.Params{Purpose: proof.AssertionMethod, Previous: []string{"urn:proof:9"}}); reason.CodeOf(err) != reason.MalformedProofChain {
		t.Error(err)
	}
	looped := bytes.Replace(one, []byte(`"id":"urn:proof:1"`), []byte(`"id":"urn:proof:1","previousProof":"urn:proof:1"`), 1)
	if err := verifyAll(t, set, looped); reason.CodeOf(err) != reason.MalformedProofChain {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	set := suites(t)
	suite, _ := set.Suite(dataintegrity.EdDSARDFC2022)
	good, err := suite.Sign(t.Context(), []byte(badge), newSigner(t), proof.Params{Purpose: proof.AssertionMethod, Created: created})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := strictjson.ParseObject(good, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p := doc.Get("proof").Items()[0]
	str := strictjson.String
	value, _ := p.Get("proofValue").Text()
	for name, tt := range map[string]struct {
		proof *strictjson.Value
		code  reason.Code
	}{
		"null":              {strictjson.Null(), reason.MalformedProof},
		"string":            {str("x"), reason.MalformedProof},
		"empty object":      {strictjson.Object(), reason.NoProof},
		"empty array":       {strictjson.Array(), reason.NoProof},
		"no type":           {p.Without("type"), reason.MalformedProof},
		"no suite":          {p.Without("cryptosuite"), reason.MalformedProof},
		"unknown suite":     {p.With("cryptosuite", str("eddsa-rdfc-2099")), "unsupported_alg/suite"},
		"suite in capitals": {p.With("cryptosuite", str("EDDSA-RDFC-2022")), "unsupported_alg/suite"},
		"unknown type":      {p.With("type", str("RsaSignature2018")), "unsupported_alg/proof-type"},
		"suite confusion":   {p.With("cryptosuite", str("eddsa-jcs-2022")), reason.BadSignature},
		"no purpose":        {p.Without("proofPurpose"), "malformed/proof-purpose"},
		"purpose changed":   {p.With("proofPurpose", str("authentication")), reason.BadSignature},
		"created changed":   {p.With("created", str("2026-01-02T00:00:00Z")), reason.BadSignature},
		"created no date":   {p.With("created", str("2026-01-01")), reason.MalformedTime},
		"member added":      {p.With("grade", str("A")), "unsigned_data/undefined-term"},
		"relative method":   {p.With("verificationMethod", str("#key-1")), "key_invalid/verification-method"},
		"no fragment":       {p.With("verificationMethod", str("did:key:z6Mk")), "key_invalid/verification-method"},
		"method object":     {p.With("verificationMethod", strictjson.Object()), "key_invalid/verification-method"},
		"value in another":  {p.With("proofValue", str(inBase64(t, value))), reason.MalformedProofValue},
		"value base64url":   {p.With("proofValue", str("u"+value[1:])), reason.MalformedProofValue},
		"value with space":  {p.With("proofValue", str(" "+value)), reason.MalformedProofValue},
		"value cut":         {p.With("proofValue", str(value[:len(value)-4])), reason.MalformedProofValue},
		"value array":       {p.With("proofValue", strictjson.Array(str(value))), reason.MalformedProofValue},
		"value long":        {p.With("proofValue", str("z"+strings.Repeat("1", 1<<16))), reason.MalformedProofValue},
		"missing previous":  {p.With("previousProof", str("urn:x")), reason.MalformedProofChain},
		"context in proof":  {p.With("@context", str("https://www.w3.org/ns/credentials/v2")), "unsigned_data/proof-context"},
	} {
		err := verifyAll(t, set, doc.With("proof", tt.proof).AppendJSON(nil))
		if reason.CodeOf(err) != tt.code && reason.CodeOf(err).Coarse() != string(tt.code) {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, tt.code)
		}
	}
	if err := verifyAll(t, set, doc.Without("proof").AppendJSON(nil)); reason.CodeOf(err) != reason.NoProof {
		t.Error(err)
	}
}

// TestSignedOptions: what is asked for stands in the proof and is read again.
func TestSignedOptions(t *testing.T) {
	t.Parallel()
	end := created.AddDate(1, 0, 0)
	for _, suite := range suites(t)[:2] {
		signed, err := suite.Sign(t.Context(), []byte(badge), newSigner(t), proof.Params{Purpose: proof.Authentication, ProofID: "urn:example:p", Created: created, Expires: end, Challenge: "c", Domains: []string{"a.example", "b.example"}})
		if err != nil {
			t.Fatal(err)
		}
		in, err := proof.Read(signed, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		opened, err := suite.Open(in)
		if err != nil || len(opened) != 1 {
			t.Fatal(opened, err)
		}
		s := opened[0]
		if id, _ := s.Proof.Get("id").Text(); id != "urn:example:p" || !s.Created.Equal(created) || !s.Expires.Equal(end) || s.Purpose != proof.Authentication || s.Challenge != "c" || strings.Join(s.Domains, " ") != "a.example b.example" {
			t.Errorf("%s: %s", suite.ID(), s.Proof.AppendJSON(nil))
		}
	}
}

// TestLossless: what a signature over the meaning would not cover is told before
// anything is signed.
func TestLossless(t *testing.T) {
	t.Parallel()
	set := suites(t)
	for name, tt := range map[string]struct {
		set      proof.Set
		document string
		code     reason.Code
	}{
		"all of it":        {set, badge, ""},
		"behind another":   {append(proof.Set{dataintegrity.Whole(dataintegrity.ECDSASD(newProcessor(t)))}, set...), badge, ""},
		"a term of no one": {set, strings.Replace(badge, `"name": "Kurs i`, `"grade": "A", "name": "Kurs i`, 1), "unsigned_data/undefined-term"},
		"unknown context":  {set, strings.Replace(badge, `context-3.0.3.json"`, `context-9.json"`, 1), "unsafe_context/unknown"},
		"no such suite":    {set[:0], badge, reason.Usage},
	} {
		if err := dataintegrity.Lossless(t.Context(), tt.set, mustDoc(t, []byte(tt.document))); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// inBase64 writes a signature that is right in another base, which is not the
// one of the suites.
func inBase64(t testing.TB, value string) string {
	t.Helper()
	_, raw, err := multibase.Decode(value)
	if err != nil {
		t.Fatal(err)
	}
	text, err := multibase.Encode(multibase.Base64url, raw)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	set := suites(t)
	for _, suite := range set[:2] {
		for name, tt := range map[string]struct {
			document string
			code     reason.Code
		}{
			"undefined term":  {strings.Replace(badge, `"name": "Kurs i`, `"grade": "A", "name": "Kurs i`, 1), "unsigned_data/undefined-term"},
			"unknown context": {strings.Replace(badge, `context-3.0.3.json"`, `context-9.json"`, 1), "unsafe_context/unknown"},
			"no terms for it": {`{"@context":["https://www.w3.org/2018/credentials/v1"],"id":"urn:example:d","type":["VerifiableCredential"],"issuer":"did:example:i"}`, "unsigned_data/relative-type"},
			"two names":       {strings.Replace(badge, `"name": "Kurs i`, `"name": "x", "name": "Kurs i`, 1), reason.MalformedDuplicateMember},
		} {
			_, err := suite.Sign(t.Context(), []byte(tt.document), newSigner(t), proof.Params{Purpose: proof.AssertionMethod})
			if reason.CodeOf(err) != tt.code {
				t.Errorf("%s, %s: %v", suite.ID(), name, err)
			}
		}
		p256, err := key.Generate(key.P256)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := suite.Sign(t.Context(), []byte(badge), p256.Signer("did:x:y#z"), proof.Params{Purpose: proof.AssertionMethod}); reason.CodeOf(err) != "key_invalid/key-type" {
			t.Error(err)
		}
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := suite.Sign(canceled, []byte(badge), newSigner(t), proof.Params{Purpose: proof.AssertionMethod}); reason.CodeOf(err) != reason.Canceled {
			t.Error(err)
		}
	}
	if _, err := set[2].Sign(t.Context(), []byte(badge), newSigner(t), proof.Params{Purpose: proof.AssertionMethod}); reason.CodeOf(err) != "unsupported_alg/verify-only" {
		t.Error(err)
	}
}

func FuzzOpen(f *testing.F) {
	p := newProcessor(f)
	set := append(suites(f), dataintegrity.ECDSARDFC(p), dataintegrity.ECDSAJCS(p), dataintegrity.ECDSASD(p))
	for id, kind := range map[proof.ID]key.Type{dataintegrity.EdDSAJCS2022: key.Ed25519, dataintegrity.ECDSARDFC2019: key.P256, dataintegrity.ECDSAJCS2019: key.P384} {
		suite, err := set.Suite(id)
		if err != nil {
			f.Fatal(err)
		}
		signed, err := suite.Sign(f.Context(), []byte(badge), signerOf(f, kind), proof.Params{Purpose: proof.AssertionMethod, Created: created})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(signed)
	}
	f.Add([]byte(`{"proof":[{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := verifyAll(t, set, data); err != nil && reason.CodeOf(err).Class() == reason.Fault {
			t.Fatalf("no code: %v", err)
		}
	})
}
