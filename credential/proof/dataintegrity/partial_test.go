package dataintegrity_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// inPart are the suites that show in part, with a signer and the processor's
// contexts.
func inPart(t testing.TB, extra ...jsonld.Extra) map[proof.Suite]key.Signer {
	t.Helper()
	p := newProcessor(t, extra...)
	return map[proof.Suite]key.Signer{dataintegrity.ECDSASD(p): signerOf(t, key.P256), dataintegrity.BBS(p): bbsSigner(t)}
}

// TestShownInTheFormThatCame: what is shown has its proof as the document had it,
// alone or in a list.
func TestShownInTheFormThatCame(t *testing.T) {
	t.Parallel()
	for suite, signer := range inPart(t) {
		base := signBBS(t, suite, partial, signer, always())
		alone := mustDoc(t, base).With("proof", mustDoc(t, base).Lookup("/proof/0")).AppendJSON(nil)
		for raw, kind := range map[string]strictjson.Kind{string(base): strictjson.KindArray, string(alone): strictjson.KindObject} {
			shown, err := suite.(proof.Discloser).Disclose(t.Context(), []byte(raw), proof.Disclosure{})
			if err != nil {
				t.Fatal(suite.ID(), err)
			}
			if got := mustDoc(t, shown).Get("proof").Kind(); got != kind {
				t.Errorf("%s: the proof of %s is %s", suite.ID(), kind, got)
			}
			if err := verifyAll(t, proof.Set{suite}, shown); err != nil {
				t.Errorf("%s: %v", suite.ID(), err)
			}
		}
	}
}

// TestHolderRefuses: what a holder's program does not take apart.
func TestHolderRefuses(t *testing.T) {
	t.Parallel()
	whole := dataintegrity.EdDSARDFC(newProcessor(t))
	for suite, signer := range inPart(t) {
		base := signBBS(t, suite, partial, signer, always())
		first, err := whole.Sign(t.Context(), []byte(partial), newSigner(t), proof.Params{Purpose: proof.AssertionMethod, ProofID: "urn:example:one"})
		if err != nil {
			t.Fatal(err)
		}
		covering := mustDoc(t, base).With("proof", strictjson.Array(mustDoc(t, first).Lookup("/proof/0"), mustDoc(t, base).Lookup("/proof/0").With("previousProof", strictjson.String("urn:example:one"))))
		value := func(v *strictjson.Value) *strictjson.Value {
			return mustDoc(t, base).With("proof", mustDoc(t, base).Lookup("/proof/0").With("proofValue", v))
		}
		unknown := bytes.Replace(base, []byte("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"), []byte("https://unknown.example/v1"), 2)
		for name, tt := range map[string]struct {
			raw  []byte
			code reason.Code
		}{
			"a proof over another proof": {covering.AppendJSON(nil), reason.MalformedProofChain},
			"a value that is a number":   {value(strictjson.Int(1)).AppendJSON(nil), reason.MalformedProofValue},
			"a value in base58":          {value(strictjson.String("z1")).AppendJSON(nil), reason.MalformedProofValue},
			"a value that is cut":        {value(strictjson.String(valueIn(t, base)[:len(valueIn(t, base))-8])).AppendJSON(nil), reason.MalformedProofValue},
			"an unknown context":         {unknown, "unsafe_context/unknown"},
			"a proof without a method":   {mustDoc(t, base).With("proof", mustDoc(t, base).Lookup("/proof/0").Without("verificationMethod")).AppendJSON(nil), "key_invalid/verification-method"},
		} {
			if _, err := suite.(proof.Discloser).Disclose(t.Context(), tt.raw, proof.Disclosure{}); reason.CodeOf(err) != tt.code {
				t.Errorf("%s, %s to show: %v", suite.ID(), name, err)
			}
			if _, err := suite.(proof.Discloser).Choices(t.Context(), tt.raw); reason.CodeOf(err) != tt.code {
				t.Errorf("%s, %s to choose from: %v", suite.ID(), name, err)
			}
		}
		if _, err := suite.Sign(t.Context(), []byte(strings.ReplaceAll(partial, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", "https://unknown.example/v1")), signer, proof.Params{Purpose: proof.AssertionMethod, Mandatory: always()}); reason.CodeOf(err) != "unsafe_context/unknown" {
			t.Errorf("%s signs under an unknown context: %v", suite.ID(), err)
		}
		if _, err := suite.Sign(t.Context(), []byte(`{"@context":[],"proof":5}`), signer, proof.Params{Purpose: proof.AssertionMethod, Mandatory: always()}); reason.CodeOf(err) != reason.MalformedProof {
			t.Errorf("%s signs beside a proof that is none: %v", suite.ID(), err)
		}
	}
}

// TestPartsByEdition: a document that says different things by different editions
// of a context is shown by the one that it was signed with.
func TestPartsByEdition(t *testing.T) {
	t.Parallel()
	newest := terms("")
	same := terms(`, "unused": "https://terms.example/unused"`)
	other := terms(`, "course": "https://terms.example/zz-course"`) // which sorts behind what is said
	later := terms(`, "course": "https://terms.example/course", "later": "https://terms.example/later"`)
	document := func(members string) string {
		return `{"@context": ["https://www.w3.org/ns/credentials/v2", "` + termsAt + `"], "id": "urn:example:d", "type": "VerifiableCredential", "issuer": "did:example:i", "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": {"id": "urn:example:s", ` + members + `}}`
	}
	for name, tt := range map[string]struct {
		editions []jsonld.Extra // the first is the newest
		by       jsonld.Extra   // that it was signed with
		members  string
		show     []string
	}{
		"all say the same":      {[]jsonld.Extra{newest, same}, same, `"said": "a", "also": "b"`, []string{"/credentialSubject/said"}},
		"the newest lacks it":   {[]jsonld.Extra{newest, same, later}, later, `"said": "a", "later": "b", "course": "c"`, []string{"/credentialSubject/later"}},
		"an older says another": {[]jsonld.Extra{later, other}, other, `"said": "a", "course": "b"`, []string{"/credentialSubject/said", "/credentialSubject/course"}},
		"an older lacks it":     {[]jsonld.Extra{later, newest}, later, `"said": "a", "later": "b"`, []string{"/credentialSubject/later"}},
	} {
		verifies := inPart(t, tt.editions...)
		for signs, signer := range inPart(t, tt.by) {
			base, err := signs.Sign(t.Context(), []byte(document(tt.members)), signer, proof.Params{Purpose: proof.AssertionMethod, Mandatory: []string{"/issuer"}})
			if err != nil {
				t.Fatal(name, err)
			}
			for suite := range verifies {
				if suite.ID() != signs.ID() {
					continue
				}
				choices, err := suite.(proof.Discloser).Choices(t.Context(), base)
				if err != nil || len(choices) < 3 {
					t.Errorf("%s, %s: %v, %v", name, suite.ID(), choices, err)
				}
				shown, err := suite.(proof.Discloser).Disclose(t.Context(), base, proof.Disclosure{Pointers: tt.show})
				if err == nil {
					err = verifyAll(t, proof.Set{suite}, shown)
				}
				if err != nil {
					t.Errorf("%s, %s: %v", name, suite.ID(), err)
				}
			}
		}
	}
}

// TestBaseOfNobody: where editions have to be told apart by the signature, a base
// proof whose key is none is refused.
func TestBaseOfNobody(t *testing.T) {
	t.Parallel()
	p := newProcessor(t, terms(`, "course": "https://terms.example/course"`), terms(`, "course": "https://terms.example/another"`))
	const document = `{"@context": ["https://www.w3.org/ns/credentials/v2", "` + termsAt + `"], "id": "urn:example:d", "type": "VerifiableCredential", "issuer": "did:example:i", "credentialSubject": {"course": "a"}}`
	bbsSuite, sdSuite := dataintegrity.BBS(p), dataintegrity.ECDSASD(p)
	mandatory := []string{"/issuer"}
	bbsBase, sdBase := signBBS(t, bbsSuite, document, bbsSigner(t), mandatory), signBase(t, sdSuite, document, mandatory)
	bbsValue, _, err := dataintegrity.ParseBBS(valueIn(t, bbsBase))
	if err != nil {
		t.Fatal(err)
	}
	sdValue, _, err := dataintegrity.ParseSD(valueIn(t, sdBase))
	if err != nil {
		t.Fatal(err)
	}
	bbsValue.PublicKey, sdValue.PublicKey = "c0"+strings.Repeat("00", 95), "802405"+strings.Repeat("00", 32)
	bbsText, err := dataintegrity.EncodeBBS(bbsValue, true)
	if err != nil {
		t.Fatal(err)
	}
	sdText, err := dataintegrity.EncodeSD(sdValue, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		suite proof.Suite
		base  []byte
		text  string
	}{{bbsSuite, bbsBase, bbsText}, {sdSuite, sdBase, sdText}} {
		if choices, err := tt.suite.(proof.Discloser).Choices(t.Context(), withValue(t, tt.base, tt.text)); reason.CodeOf(err) != "key_invalid/point" {
			t.Errorf("%s: %v, %v", tt.suite.ID(), choices, err)
		}
		if choices, err := tt.suite.(proof.Discloser).Choices(t.Context(), tt.base); err != nil || len(choices) == 0 {
			t.Errorf("%s: %v, %v", tt.suite.ID(), choices, err)
		}
	}
}

// TestShownIsRead: what is to be shown is read as its receiver will, and nothing
// is given away that says something else there.
func TestShownIsRead(t *testing.T) {
	t.Parallel()
	newest, older := terms(""), terms(`, "later": "https://terms.example/later"`)
	p := newProcessor(t, newest, older)
	const subject = "<urn:example:d> <https://terms.example/"
	for name, tt := range map[string]struct {
		members, quads string
		code           reason.Code
	}{
		"as it is":              {`"said":"a"`, subject + `said> "a" .` + "\n", ""},
		"by an older edition":   {`"later":"a"`, subject + `later> "a" .` + "\n", ""},
		"something else":        {`"said":"a"`, subject + `said> "b" .` + "\n", "disclosure_invalid/pointer"},
		"something more":        {`"said":"a"`, subject + `note> "a" .` + "\n" + subject + `said> "a" .` + "\n", "disclosure_invalid/pointer"},
		"nothing that is read":  {`"never":"a"`, "", "unsigned_data/undefined-term"},
		"under another context": {`"knows":{"@context":"https://unknown.example/v1"}`, "", "unsafe_context/unknown"},
	} {
		doc := mustDoc(t, fmt.Appendf(nil, `{"@context":%q,"id":"urn:example:d",%s}`, termsAt, tt.members))
		if err := dataintegrity.CheckShown(t.Context(), p, doc, []byte(tt.quads)); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
}

// TestLabelsThatAreNone: nothing is given out under labels that no reader takes.
func TestLabelsThatAreNone(t *testing.T) {
	t.Parallel()
	label := func(n int) string { return "u" + base64.RawURLEncoding.EncodeToString(make([]byte, n)) }
	for name, labels := range map[string]map[string]string{
		"a gap":         {"c14n1": label(32)},
		"too short":     {"c14n0": label(31)},
		"too long":      {"c14n0": label(33)},
		"no base64":     {"c14n0": "u" + strings.Repeat("!", 43)},
		"of other kind": {"c14n0": "b0"},
	} {
		if text, err := dataintegrity.EncodeSD(dataintegrity.SDValue{Labels: labels}, false); reason.CodeOf(err) != reason.Internal {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
	for name, labels := range map[string]map[string]string{"a gap": {"c14n1": "b0"}, "no number": {"c14n0": "bx"}, "of other kind": {"c14n0": label(32)}} {
		if text, err := dataintegrity.EncodeBBS(dataintegrity.BBSValue{Labels: labels}, false); reason.CodeOf(err) != reason.Internal {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
}
