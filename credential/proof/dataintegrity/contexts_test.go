package dataintegrity_test

import (
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// TestProofContexts: a proof may name the contexts that it was made under. Over
// the text others may come behind them, and are then not covered; over the
// meaning they are the document's.
func TestProofContexts(t *testing.T) {
	t.Parallel()
	p := newProcessor(t, terms(""))
	const v2 = "https://www.w3.org/ns/credentials/v2"
	signer := newSigner(t)
	sign := func(suite proof.Suite, contexts string) []byte {
		t.Helper()
		signed, err := suite.Sign(t.Context(), []byte(`{"@context":`+contexts+`,"id":"urn:example:d","type":"VerifiableCredential","issuer":"did:example:i","credentialSubject":{"id":"urn:example:s"}}`), signer, proof.Params{Purpose: proof.AssertionMethod, Created: created})
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	text, meaning := dataintegrity.EdDSAJCS(p), dataintegrity.EdDSARDFC(p)
	single, both := `["`+v2+`"]`, `["`+v2+`","`+termsAt+`"]`
	signedText, signedMeaning := sign(text, single), sign(meaning, single)
	document := func(raw []byte, contexts string) []byte {
		return []byte(strings.Replace(string(raw), `{"@context":`+single+`,"id":`, `{"@context":`+contexts+`,"id":`, 1))
	}
	inProof := func(raw []byte, contexts string) []byte {
		doc := mustDoc(t, raw)
		list, err := strictjson.Parse([]byte(contexts), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return doc.With("proof", doc.Lookup("/proof/0").With("@context", list)).AppendJSON(nil)
	}
	for name, tt := range map[string]struct {
		suite proof.Suite
		raw   []byte
		code  reason.Code
	}{
		"text":                               {text, signedText, ""},
		"text, one behind":                   {text, document(signedText, both), ""},
		"text, one before":                   {text, document(signedText, `["`+termsAt+`","`+v2+`"]`), "unsigned_data/proof-context"},
		"text, another in its place":         {text, document(signedText, `["`+termsAt+`"]`), "unsigned_data/proof-context"},
		"text, none":                         {text, document(signedText, `[]`), "unsigned_data/proof-context"},
		"text, not in a list":                {text, document(signedText, `"`+v2+`"`), ""},
		"text, the proof's not in a list":    {text, inProof(signedText, `"`+v2+`"`), reason.BadSignature},
		"text, more in the proof than there": {text, inProof(signedText, both), "unsigned_data/proof-context"},
		"text, one that is not known":        {text, document(sign(text, both), `["`+v2+`","`+termsAt+`","https://unknown.example/v1"]`), ""},
		"text, signed under an unknown one":  {dataintegrity.EdDSAJCS(newProcessor(t)), sign(text, both), "unsafe_context/unknown"},
		"meaning":                            {meaning, signedMeaning, ""},
		"meaning, the same in the proof":     {meaning, inProof(signedMeaning, single), ""},
		"meaning, more in the proof":         {meaning, inProof(signedMeaning, both), "unsigned_data/proof-context"},
		"meaning, one behind":                {meaning, document(signedMeaning, both), ""},
		"meaning, one that is not known":     {meaning, document(signedMeaning, `["`+v2+`","https://unknown.example/v1"]`), "unsafe_context/unknown"},
	} {
		in, err := proof.Read(tt.raw, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		opened, err := tt.suite.Open(in)
		if err != nil || len(opened) != 1 {
			t.Fatal(name, err)
		}
		proven, err := tt.suite.Verify(t.Context(), opened[0], didKeys{})
		if reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, tt.code)
		}
		if err == nil && tt.suite == text && len(proven.Document.Get("@context").List()) != len(opened[0].Proof.Get("@context").List()) {
			t.Errorf("%s: contexts are given out that nobody signed: %s", name, proven.Document.Get("@context").AppendJSON(nil))
		}
		if err == nil && len(proven.Contexts) == 0 {
			t.Errorf("%s: by which contexts is not said", name)
		}
	}
}

// TestEditionThatSaysMost: of the errors of several editions that of the
// signature is told, if one of them got so far.
func TestEditionThatSaysMost(t *testing.T) {
	t.Parallel()
	newest, older := terms(""), terms(`, "later": "https://terms.example/later"`)
	signed, err := dataintegrity.EdDSARDFC(newProcessor(t, older)).Sign(t.Context(), []byte(`{"@context":["https://www.w3.org/ns/credentials/v2","`+termsAt+`"],"id":"urn:example:d","type":"VerifiableCredential","later":"a"}`), newSigner(t), proof.Params{Purpose: proof.AssertionMethod})
	if err != nil {
		t.Fatal(err)
	}
	tampered := []byte(strings.Replace(string(signed), `"later":"a"`, `"later":"b"`, 1))
	undefined := []byte(strings.Replace(string(signed), `"later":"a"`, `"never":"b"`, 1))
	for name, tt := range map[string]struct {
		editions []jsonld.Extra
		raw      []byte
		code     reason.Code
		at       string
	}{
		"the older one":                {[]jsonld.Extra{newest, older}, signed, "", ""},
		"tampered, newest first":       {[]jsonld.Extra{newest, older}, tampered, reason.BadSignature, "/proof/0"},
		"tampered, older first":        {[]jsonld.Extra{older, newest}, tampered, reason.BadSignature, "/proof/0"},
		"tampered, one edition":        {[]jsonld.Extra{older}, tampered, reason.BadSignature, "/proof/0"},
		"undefined in either":          {[]jsonld.Extra{newest, older}, undefined, "unsigned_data/undefined-term", "/never"},
		"undefined in the only one":    {[]jsonld.Extra{newest}, signed, "unsigned_data/undefined-term", "/later"},
		"undefined in the newest also": {[]jsonld.Extra{newest, newest, older}, signed, "", ""},
	} {
		suite := dataintegrity.EdDSARDFC(newProcessor(t, tt.editions...))
		err := verifyAll(t, proof.Set{suite}, tt.raw)
		if reason.CodeOf(err) != tt.code || reason.AtOf(err) != tt.at {
			t.Errorf("%s: %s at %q (%v), want %s at %q", name, reason.CodeOf(err), reason.AtOf(err), err, tt.code, tt.at)
		}
	}
}
