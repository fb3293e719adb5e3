package dataintegrity_test

import (
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// TestOpenSays: what is wrong with a proof's members is said of the first of
// them that is, with its place.
func TestOpenSays(t *testing.T) {
	t.Parallel()
	suite := dataintegrity.EdDSARDFC(newProcessor(t))
	if bbs, err := proof.Read([]byte(`{"id": "urn:example:d", "proof": {"type": "DataIntegrityProof", "cryptosuite": "bbs-2023"}}`), strictjson.Limits{}); err != nil {
		t.Fatal(err)
	} else if _, err := dataintegrity.BBS(newProcessor(t)).Open(bbs); reason.CodeOf(err) != "key_invalid/verification-method" {
		t.Error("of a suite that shows in part:", err)
	}
	if opened, err := suite.Open(&proof.Input{}); err != nil || opened != nil {
		t.Error("of no document:", opened, err)
	}
	const method = `"verificationMethod": "did:example:a#k"`
	const purpose = `"proofPurpose": "assertionMethod"`
	read := func(proofs ...string) (*proof.Input, error) {
		list := make([]string, len(proofs))
		for i, p := range proofs {
			list[i] = `{"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", ` + p + `}`
		}
		return proof.Read([]byte(`{"id": "urn:example:d", "proof": [`+strings.Join(list, ", ")+`]}`), strictjson.Limits{})
	}
	for name, tt := range map[string]struct {
		proofs []string
		code   reason.Code
		at     string
		says   string
	}{
		"no method":                  {[]string{purpose}, "key_invalid/verification-method", "/proof/0/verificationMethod", "names no verification method"},
		"no method and no purpose":   {[]string{`"created": "x"`}, "key_invalid/verification-method", "/proof/0/verificationMethod", "names no"},
		"a method that is a number":  {[]string{purpose + `, "verificationMethod": 5`}, "key_invalid/verification-method", "/proof/0/verificationMethod", "is a number, not a URL"},
		"a method without a scheme":  {[]string{purpose + `, "verificationMethod": "example#k"`}, "key_invalid/verification-method", "/proof/0/verificationMethod", "absolute"},
		"an empty scheme":            {[]string{purpose + `, "verificationMethod": ":example#k"`}, "key_invalid/verification-method", "/proof/0/verificationMethod", "absolute"},
		"no fragment":                {[]string{purpose + `, "verificationMethod": "did:example:a#"`}, "key_invalid/verification-method", "/proof/0/verificationMethod", "absolute"},
		"no purpose":                 {[]string{method}, "malformed/proof-purpose", "/proof/0/proofPurpose", "no purpose"},
		"a purpose that is a number": {[]string{method + `, "proofPurpose": 5`}, reason.MalformedProof, "/proof/0/proofPurpose", "not a string"},
		"no time":                    {[]string{method + `, ` + purpose + `, "expires": "soon"`}, reason.MalformedTime, "/proof/0/expires", ""},
		"a challenge in a list":      {[]string{method + `, ` + purpose + `, "challenge": ["c"]`}, reason.MalformedProof, "/proof/0/challenge", "not a string"},
		"a domain that is a number":  {[]string{method + `, ` + purpose + `, "domain": ["a.example", 5]`}, reason.MalformedProof, "/proof/0/domain", "array of strings"},
		"a previous one, a number":   {[]string{method + `, ` + purpose + `, "previousProof": 5`}, reason.MalformedProof, "/proof/0/previousProof", "array of strings"},
		"an id that is a number":     {[]string{method + `, ` + purpose + `, "id": 5`}, reason.MalformedProof, "/proof/0/id", "not a string"},
		"an id that is no URL":       {[]string{method + `, ` + purpose + `, "id": "http://["`}, reason.MalformedProof, "/proof/0/id", "no URL"},
		"a bad end and a bad id":     {[]string{method + `, ` + purpose + `, "expires": "soon", "id": "http://["`}, reason.MalformedTime, "/proof/0/expires", ""},
		"a bad end and challenge":    {[]string{method + `, ` + purpose + `, "expires": "soon", "challenge": 5`}, reason.MalformedTime, "/proof/0/expires", ""},
		"two with one id": {[]string{method + `, ` + purpose + `, "id": "urn:a"`, method + `, ` + purpose + `, "id": "urn:a"`},
			reason.MalformedProofChain, "/proof/1/id", "same id"},
		"itself": {[]string{method + `, ` + purpose + `, "id": "urn:a", "previousProof": "urn:a"`},
			reason.MalformedProofChain, "/proof/0/previousProof", "back to itself"},
		"itself by another": {[]string{method + `, ` + purpose + `, "id": "urn:a", "previousProof": "urn:b"`, method + `, ` + purpose + `, "id": "urn:b", "previousProof": ["urn:a"]`},
			reason.MalformedProofChain, "/proof/0/previousProof", "back to itself"},
		"one that another lacks": {[]string{method + `, ` + purpose + `, "previousProof": "urn:b"`, method + `, ` + purpose + `, "id": "urn:b", "previousProof": ["urn:c"]`},
			reason.MalformedProofChain, "/proof/0/previousProof", "not there"},
		"one with no name": {[]string{method + `, ` + purpose + `, "previousProof": ""`, method + `, ` + purpose},
			reason.MalformedProofChain, "/proof/0/previousProof", "not there"},
		"a ring of others": {[]string{method + `, ` + purpose + `, "previousProof": "urn:b"`, method + `, ` + purpose + `, "id": "urn:b", "previousProof": "urn:c"`,
			method + `, ` + purpose + `, "id": "urn:c", "previousProof": "urn:b"`}, reason.MalformedProofChain, "/proof/1/previousProof", "back to itself"},
	} {
		in, err := read(tt.proofs...)
		if err == nil {
			_, err = suite.Open(in)
		}
		if reason.CodeOf(err) != tt.code || reason.AtOf(err) != tt.at || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %s at %q (%v), want %s at %q", name, reason.CodeOf(err), reason.AtOf(err), err, tt.code, tt.at)
		}
	}
	// Two that name no id are two, and one that is named in two ways is covered once.
	in, err := read(method+`, `+purpose, method+`, `+purpose, method+`, `+purpose+`, "id": "urn:a"`, method+`, `+purpose+`, "previousProof": ["urn:a", "urn:a"]`)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := suite.Open(in)
	if err != nil || len(opened) != 4 {
		t.Fatal(len(opened), err)
	}
	for i, covered := range []int{0, 0, 0, 1} {
		if n := len(opened[i].Document.Get("proof").Items()); n != covered {
			t.Errorf("proof %d covers %d others", i, n)
		}
	}
}
