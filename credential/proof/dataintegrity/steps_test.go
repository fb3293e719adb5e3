package dataintegrity_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// TestW3CSteps compares every step of the test vectors on its own: canonical
// forms, their hashes, what is signed, and the signature.
func TestW3CSteps(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t, "vc-di-eddsa", "TestVectors")
	processor := newProcessor(t, exampleContext(t))
	canonicalRDF := func(doc *strictjson.Value) ([]byte, error) {
		selections, err := processor.Selections(doc)
		if err != nil {
			return nil, err
		}
		text, _, err := processor.Canonicalize(t.Context(), doc, selections[0], rdfc.SHA256)
		return text, err
	}
	canonicalJSON := func(doc *strictjson.Value) ([]byte, error) { return jcs.Append(nil, doc) }
	var pair struct{ PublicKeyMultibase, PrivateKeyMultibase, SecretKeyMultibase string }
	if err := json.Unmarshal(read(t, root, "keyPair.json"), &pair); err != nil {
		t.Fatal(err)
	}
	signer := vectorKey(t, pair.PublicKeyMultibase, pair.PrivateKeyMultibase+pair.SecretKeyMultibase)
	for _, suite := range []struct {
		folder, suffix string
		canonical      func(*strictjson.Value) ([]byte, error)
	}{
		{"eddsa-rdfc-2022", "DataInt", canonicalRDF},
		{"eddsa-jcs-2022", "JCS", canonicalJSON},
		{"Ed25519Signature2020", "EdSig", canonicalRDF},
	} {
		step := func(name, got string) {
			t.Helper()
			if want := string(read(t, root, suite.folder, name+suite.suffix+".txt")); got != want {
				t.Errorf("%s/%s%s: %.200s\nwant %.200s", suite.folder, name, suite.suffix, got, want)
			}
		}
		parsed := func(path ...string) *strictjson.Value {
			t.Helper()
			doc, err := strictjson.ParseObject(read(t, append([]string{root}, path...)...), strictjson.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			return doc
		}
		document, err := suite.canonical(parsed("unsigned.json"))
		if err != nil {
			t.Fatal(err)
		}
		config, err := suite.canonical(parsed(suite.folder, "proofConfig"+suite.suffix+".json"))
		if err != nil {
			t.Fatal(err)
		}
		documentHash, configHash := sha256.Sum256(document), sha256.Sum256(config)
		combined := append(configHash[:], documentHash[:]...)
		signature, err := signer.Sign(t.Context(), combined)
		if err != nil {
			t.Fatal(err)
		}
		step("canonDoc", string(document))
		step("docHash", hex.EncodeToString(documentHash[:]))
		step("proofCanon", string(config))
		step("proofHash", hex.EncodeToString(configHash[:]))
		step("combinedHash", hex.EncodeToString(combined))
		step("sigHex", hex.EncodeToString(signature))
	}
}
