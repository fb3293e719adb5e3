//go:build peers

package peers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// TestEmploymentVector signs the one vector of the EdDSA cryptosuites whose
// context is not a part of bevis: the citizenship vocabulary, which the peers'
// package of that name holds. The signature is deterministic.
func TestEmploymentVector(t *testing.T) {
	ready(t)
	root := testcorpus.Path(t, "vc-di-eddsa", "TestVectors")
	const address = "https://w3id.org/citizenship/v4rc1"
	context, err := os.ReadFile("node_modules/@digitalbazaar/citizenship-context/contexts/v4rc1.jsonld")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(context)
	set, err := suites.All(suites.Context{URL: address, Bytes: context, SHA256: hex.EncodeToString(sum[:])})
	if err != nil {
		t.Fatal(err)
	}
	parse := func(name string) *strictjson.Value {
		t.Helper()
		raw, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	pair, signed := parse("keyPair.json"), parse("eddsa-rdfc-2022/employ/signedDataInt.json")
	secret, _ := pair.Get("privateKeyMultibase").Text()
	_, raw, err := multibase.Decode(secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.FromSeed(raw[2:34]) // behind the two bytes that say what it is
	if err != nil {
		t.Fatal(err)
	}
	suite, err := set.Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		t.Fatal(err)
	}
	method, _ := signed.Lookup("/proof/verificationMethod").Text()
	created, _ := signed.Lookup("/proof/created").Text()
	at, err := time.Parse(time.RFC3339, created)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := suite.Sign(t.Context(), parse("employmentAuth.json").Raw(), private.Signer(method), proof.Params{Purpose: proof.AssertionMethod, Created: at})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := strictjson.ParseObject(ours, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := signed.Lookup("/proof/proofValue").Text()
	if got, _ := doc.Lookup("/proof/0/proofValue").Text(); got != want {
		t.Errorf("proofValue %s, want %s", got, want)
	}
}
