package dataintegrity_test

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

var update = flag.Bool("update", false, "write what is told of places to testdata/cover")

// termsAt is the context that the documents below are read by, beside that of
// the standard.
const termsAt = "https://terms.example/v1"

// hardAt is one of a kind under which the parts of documents cannot be told
// apart.
const hardAt = "https://terms.example/hard/v1"

func hard() jsonld.Extra {
	return extra(hardAt, `{"@context": {"heldBy": {"@reverse": "https://terms.example/holds"}}}`)
}

func extra(address, text string) jsonld.Extra {
	sum := sha256.Sum256([]byte(text))
	return jsonld.Extra{URL: address, Bytes: []byte(text), SHA256: hex.EncodeToString(sum[:])}
}

func terms(more string) jsonld.Extra {
	return extra(termsAt, `{"@context": {"@version": 1.1, "id": "@id", "type": "@type",
	  "said": "https://terms.example/said", "also": "https://terms.example/also", "note": "https://terms.example/note",
	  "knows": "https://terms.example/knows", "Course": {"@id": "https://terms.example/Course", "@context": {"grade": "https://terms.example/grade"}},
	  "order": {"@id": "https://terms.example/order", "@container": "@list"},
	  "raw": {"@id": "https://terms.example/raw", "@type": "@json"},
	  "names": {"@id": "https://terms.example/names", "@container": "@language"},
	  "first": "http://www.w3.org/1999/02/22-rdf-syntax-ns#first",
	  "link": {"@id": "https://terms.example/link", "@type": "@id"},
	  "byNumber": {"@id": "https://terms.example/byNumber", "@container": "@index"}`+more+`}}`)
}

// told is the map of a document's places by one of its proofs: how many are
// protected, and a line for each of the others.
func told(t testing.TB, suite proof.Suite, raw []byte, contexts []proof.Context, of int) string {
	t.Helper()
	places, err := cover(t, suite, raw, contexts, of)
	if err != nil {
		return fmt.Sprintf("error %s at %q\n", reason.CodeOf(err), reason.AtOf(err))
	}
	var b strings.Builder
	protected := map[proof.Why]int{}
	for _, p := range places {
		if p.State == proof.Protected && p.Detail == "" {
			protected[p.Why]++
			continue
		}
		fmt.Fprintf(&b, "%s %s %s", p.At, p.State, p.Why)
		if p.Detail != "" {
			fmt.Fprintf(&b, " %s", p.Detail)
		}
		b.WriteByte('\n')
	}
	return fmt.Sprintf("%d places, protected: %v\n", len(places), protected) + b.String()
}

func cover(t testing.TB, suite proof.Suite, raw []byte, contexts []proof.Context, of int) ([]proof.Place, error) {
	t.Helper()
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := suite.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(opened) <= of {
		t.Fatalf("%d proofs of %s in %s", len(opened), suite.ID(), raw)
	}
	return suite.(proof.Coverer).Cover(t.Context(), opened[of], contexts)
}

// TestCover compares what is told of each place of a document with what is
// written down for it. That it is true of documents is for TestEveryMember of
// verifier, which changes each place.
func TestCover(t *testing.T) {
	t.Parallel()
	processor := newProcessor(t, terms(""), hard())
	rdf, text := dataintegrity.EdDSARDFC(processor), dataintegrity.EdDSAJCS(processor)
	signer := newSigner(t)
	sign := func(suite proof.Suite, document []byte, p proof.Params) []byte {
		t.Helper()
		p.Purpose, p.Created = proof.AssertionMethod, created
		signed, err := suite.Sign(t.Context(), document, signer, p)
		if err != nil {
			t.Fatalf("%v: %s", err, document)
		}
		return []byte(strings.ReplaceAll(string(signed), signer.ID(), "did:example:signer#key"))
	}
	document := func(members string) []byte {
		return []byte(`{"@context": ["https://www.w3.org/ns/credentials/v2", "` + termsAt + `"], "id": "urn:example:document", "type": "VerifiableCredential", ` + members + `}`)
	}
	hardly := func(members string) []byte {
		return document(`"knows": {"@context": "` + hardAt + `", "said": "h"}, ` + members)
	}
	// What is signed goes through with something changed after it.
	changed := func(raw []byte, old, with string) []byte {
		t.Helper()
		if strings.Count(string(raw), old) != 1 {
			t.Fatalf("%q is not in it once: %s", old, raw)
		}
		return []byte(strings.Replace(string(raw), old, with, 1))
	}
	single := func(raw []byte) []byte { // the proof not in an array
		doc := mustDoc(t, raw)
		return doc.With("proof", doc.Lookup("/proof/0")).AppendJSON(nil)
	}
	plain := document(`"said": "a"`)
	rich := document(`"said": ["a", "a", "b"], "also": [], "link": "urn:example:other", "order": ["A", "B", "A"], "raw": {"x": [1, {"y": 2}], "@context": "` + termsAt + `"},
		"knows": [{"id": "urn:example:kari", "said": "c"}, {"id": "urn:example:kari", "said": ["c", "d"]}, {"type": "Course", "grade": 5}, {"id": "urn:example:bare"}, {}, {"note": []}],
		"names": {"nb": "Kurs", "en": ["Course", "Class"]}, "note": [{"@value": "Kurs", "@language": "nb"}, {"@value": "Course", "@language": "en", "@context": "` + termsAt + `"}],
		"credentialSubject": {"@context": "` + termsAt + `", "first": "not in a list", "order": [{"said": "in"}, {"id": "urn:example:item"}, ["p", "q"]]}`)
	chain := sign(rdf, sign(rdf, sign(rdf, plain, proof.Params{ProofID: "urn:example:one"}), proof.Params{ProofID: "urn:example:two"}), proof.Params{ProofID: "urn:example:three", Previous: []string{"urn:example:two"}})
	textChain := sign(text, sign(rdf, sign(rdf, plain, proof.Params{ProofID: "urn:example:one"}), proof.Params{ProofID: "urn:example:two"}), proof.Params{Previous: []string{"urn:example:two"}})
	signedText := sign(text, plain, proof.Params{})
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"undefined%d": %d, `, i, i)
		}
		return b.String()
	}
	whole := func(members string) []byte {
		return sign(rdf, document(members), proof.Params{})
	}
	for name, tt := range map[string]struct {
		suite proof.Suite
		raw   []byte
		of    int
	}{
		"meaning":                      {rdf, sign(rdf, rich, proof.Params{}), 0},
		"meaning, proof alone":         {rdf, single(sign(rdf, plain, proof.Params{Challenge: "c", Domains: []string{"a.example", "b.example"}})), 0},
		"meaning, a set":               {rdf, sign(rdf, sign(rdf, plain, proof.Params{}), proof.Params{}), 1},
		"meaning, a chain":             {rdf, chain, 2},
		"meaning, a chain's first":     {rdf, chain, 0},
		"meaning, said in a proof":     {rdf, changed(chain, `"id":"urn:example:two"`, `"id":"urn:example:two","domain":["x","x"]`), 2},
		"meaning, proof's own context": {rdf, changed(sign(rdf, plain, proof.Params{}), `"proof":[{`, `"proof":[{"@context":["https://www.w3.org/ns/credentials/v2","`+termsAt+`"],`), 0},
		"meaning, said twice in proof": {rdf, changed(sign(rdf, plain, proof.Params{Domains: []string{"a.example", "b.example"}}), `"b.example"`, `"a.example"`), 0},
		"undefined":                    {rdf, changed(whole(`"said": "a", "knows": {"said": "b"}`), `"said": "b"`, `"said":"b","no such/term~":{"x":[1]},"and":[]`), 0},
		"undefined in a list":          {rdf, changed(whole(`"knows": [{"said": "b"}, {"said": "c", "note": "d"}], "said": "a"`), `"said": "c"`, `"undefined":1,"said":"c"`), 0},
		"undefined in the proof":       {rdf, changed(sign(rdf, plain, proof.Params{}), `"cryptosuite"`, `"undefined":{"deep":1},"cryptosuite"`), 0},
		"not signed":                   {rdf, changed(whole(`"said": ["a", "b"], "knows": {"id": "urn:example:k", "said": "c"}`), `"a", "b"`, `"a",null,"b"`), 0},
		"not signed, an id":            {rdf, changed(whole(`"said": "a", "knows": {"id": "urn:example:k", "said": "c"}`), `"urn:example:k"`, `"relative"`), 0},
		"nothing left":                 {rdf, []byte(`{"@context": "` + termsAt + `", "undefined": 1, "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "verificationMethod": "did:example:signer#key", "proofPurpose": "assertionMethod", "proofValue": "z1"}}`), 0},
		"as many as are looked for":    {rdf, changed(sign(rdf, plain, proof.Params{}), `"said"`, many(63)+`"said"`), 0},
		"one more":                     {rdf, changed(sign(rdf, plain, proof.Params{}), `"said"`, many(64)+`"said"`), 0},
		"a list of one":                {rdf, whole(`"order": {"id": "urn:example:k", "said": "c"}, "knows": {"id": "urn:example:k", "said": "c"}`), 0},
		"empty lists":                  {rdf, whole(`"order": [], "said": "a", "also": [[]], "knows": {"order": []}`), 0},
		"an unknown context":           {rdf, changed(sign(rdf, plain, proof.Params{}), `"`+termsAt+`"`, `"https://unknown.example/v1"`), 0},
		"a bad value":                  {rdf, changed(whole(`"said": "a"`), `"said":"a"`, `"said":{"@value":"a","@type":7}`), 0},
		"no places":                    {rdf, sign(rdf, hardly(`"also": [], "said": [{"@value": "a", "@language": "nb"}]`), proof.Params{}), 0},
		"no places, said twice":        {rdf, sign(rdf, hardly(`"also": ["x", "x"], "note": []`), proof.Params{}), 0},
		"no places, undefined":         {rdf, changed(sign(rdf, hardly(`"note": "n"`), proof.Params{}), `"note"`, `"undefined":1,"note"`), 0},
		"text":                         {text, sign(text, rich, proof.Params{}), 0},
		"text, contexts behind":        {text, changed(signedText, `["https://www.w3.org/ns/credentials/v2", "`+termsAt+`"]`, `["https://www.w3.org/ns/credentials/v2","`+termsAt+`","https://www.w3.org/ns/credentials/examples/v2"]`), 0},
		"text, a chain":                {text, textChain, 0},
		"text, beside another":         {text, sign(rdf, sign(text, plain, proof.Params{}), proof.Params{}), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := told(t, tt.suite, tt.raw, nil, tt.of)
			file := filepath.Join("testdata", "cover", strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(name)+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("of %s\ngot\n%swant\n%s", tt.raw, got, want)
			}
		})
	}
}

// TestCoverByEdition: places are told by the edition of a context that the proof
// was verified with, and by the newest where that is not known.
func TestCoverByEdition(t *testing.T) {
	t.Parallel()
	newest, older := terms(""), terms(`, "later": "https://terms.example/later"`)
	processor := newProcessor(t, newest, older)
	old := dataintegrity.EdDSARDFC(newProcessor(t, older))
	suite := dataintegrity.EdDSARDFC(processor)
	signed, err := old.Sign(t.Context(), []byte(`{"@context": ["https://www.w3.org/ns/credentials/v2", "`+termsAt+`"], "id": "urn:example:d", "type": "VerifiableCredential", "later": "a"}`), newSigner(t), proof.Params{Purpose: proof.AssertionMethod})
	if err != nil {
		t.Fatal(err)
	}
	in, err := proof.Read(signed, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := old.Open(in)
	if err != nil || len(opened) != 1 {
		t.Fatal(opened, err)
	}
	proven, err := old.Verify(t.Context(), opened[0], didKeys{})
	if err != nil || len(proven.Contexts) != 2 {
		t.Fatal(proven, err)
	}
	used := func(e jsonld.Extra) []proof.Context {
		return []proof.Context{proven.Contexts[0], {URL: e.URL, SHA256: e.SHA256}}
	}
	for name, tt := range map[string]struct {
		contexts []proof.Context
		covered  bool
	}{
		"its edition":       {used(older), true},
		"the newest":        {used(newest), false},
		"not known":         {nil, false},
		"of one more":       {append(used(older), used(older)[1]), false},
		"of another length": {used(older)[:1], false},
		"of another URL":    {[]proof.Context{used(older)[0], {URL: "https://other.example", SHA256: older.SHA256}}, false},
	} {
		places, err := cover(t, suite, signed, tt.contexts, 0)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, p := range places {
			if p.At == "/later" && (p.State == proof.Protected) != tt.covered {
				t.Errorf("%s: %s %s", name, p.State, p.Why)
			}
		}
	}
}

// TestCoverOlderSignatures: options of a proof that were read under a context of
// their own are told by that.
func TestCoverOlderSignatures(t *testing.T) {
	t.Parallel()
	set := legacySet(t)
	raw, err := os.ReadFile("testdata/legacy/ed25519-2018.json")
	if err != nil {
		t.Fatal(err)
	}
	sec, proven, err := verifyFirst(t.Context(), set, raw, byDID{})
	if err != nil {
		t.Fatal(err)
	}
	suite, err := set.Suite(sec.Suite)
	if err != nil {
		t.Fatal(err)
	}
	places, err := suite.(proof.Coverer).Cover(t.Context(), sec, proven.Contexts)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]proof.Place{}
	for _, p := range places {
		found[p.At] = p
	}
	for at, state := range map[string]proof.State{"/proof/jws": proof.OwnValue, "/proof": proof.OwnValue, "/proof/created": proof.Protected, "/issuer": proof.Protected} {
		if p, ok := found[at]; !ok || p.State != state {
			t.Errorf("%s: %v", at, p)
		}
	}
}

// TestCoverInPart tells of what a holder shows.
func TestCoverInPart(t *testing.T) {
	t.Parallel()
	suite, discloser, _ := disclosing(t)
	shown, err := discloser.Disclose(t.Context(), signBase(t, suite, partial, always()), proof.Disclosure{Pointers: []string{"/name"}})
	if err != nil {
		t.Fatal(err)
	}
	places, err := cover(t, suite, shown, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places {
		if p.State == proof.Unprotected && p.Why != proof.ContextOnly {
			t.Errorf("%s is not covered: %s", p.At, p.Why)
		}
	}
	if len(places) < 20 {
		t.Error(places)
	}
}
