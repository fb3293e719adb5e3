package dataintegrity_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// citizenshipTerms are the terms of https://w3id.org/citizenship/v4rc1 that
// the vectors use: without them, or with another meaning, no canonical form
// would be that of the vectors.
const citizenshipTerms = `{"@context": {
	"@version": 1.1,
	"schema": "https://schema.org/", "cz": "https://w3id.org/citizenship#", "xsd": "http://www.w3.org/2001/XMLSchema#",
	"Person": "schema:Person", "PermanentResident": "cz:PermanentResident", "PermanentResidentCard": "cz:PermanentResidentCard",
	"PermanentResidentCardCredential": "cz:PermanentResidentCardCredential", "EmployablePerson": "cz:EmployablePerson",
	"EmploymentAuthorizationDocument": "cz:EmploymentAuthorizationDocument",
	"EmploymentAuthorizationDocumentCredential": "cz:EmploymentAuthorizationDocumentCredential",
	"image": {"@id": "schema:image", "@type": "@id"}, "additionalName": "schema:additionalName", "birthCountry": "cz:birthCountry",
	"birthDate": {"@id": "schema:birthDate", "@type": "xsd:dateTime"}, "familyName": "schema:familyName", "gender": "schema:gender",
	"givenName": "schema:givenName", "commuterClassification": "cz:commuterClassification",
	"permanentResidentCard": {"@id": "cz:permanentResidentCard", "@type": "@id"},
	"residentSince": {"@id": "cz:residentSince", "@type": "xsd:dateTime"}, "identifier": "schema:identifier",
	"lprCategory": "cz:lprCategory", "lprNumber": "cz:lprNumber",
	"employmentAuthorizationDocument": {"@id": "cz:employmentAuthorizationDocument", "@type": "@id"}
}}`

func vectorContexts(t testing.TB) []jsonld.Extra {
	sum := sha256.Sum256([]byte(citizenshipTerms))
	return []jsonld.Extra{exampleContext(t),
		{URL: "https://w3id.org/citizenship/v4rc1", Bytes: []byte(citizenshipTerms), SHA256: hex.EncodeToString(sum[:])}}
}

// deterministic signs as the makers of the vectors did: with the nonce of
// RFC 6979.
type deterministic struct {
	public key.Public
	secret *ecdsa.PrivateKey
	id     string
}

func (d deterministic) Public() key.Public { return d.public }
func (d deterministic) ID() string         { return d.id }

func (d deterministic) Sign(_ context.Context, msg []byte) ([]byte, error) {
	var der []byte
	var err error
	size := 32
	if d.public.Type() == key.P384 {
		size = 48
		sum := sha512.Sum384(msg)
		der, err = d.secret.Sign(nil, sum[:], hashP384)
	} else {
		sum := sha256.Sum256(msg)
		der, err = d.secret.Sign(nil, sum[:], hashP256)
	}
	if err != nil {
		return nil, err
	}
	var sig struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &sig); err != nil {
		return nil, err
	}
	out := make([]byte, 2*size)
	sig.R.FillBytes(out[:size])
	sig.S.FillBytes(out[size:])
	return out, nil
}

// vectorPair reads a pair of Multikeys; the secret ones have the types 0x1306
// and 0x1307.
func vectorPair(t testing.TB, raw []byte, path ...string) deterministic {
	t.Helper()
	var pair struct{ PublicKeyMultibase, SecretKeyMultibase string }
	for _, name := range path {
		var inner map[string]json.RawMessage
		if err := json.Unmarshal(raw, &inner); err != nil {
			t.Fatal(err)
		}
		raw = inner[name]
	}
	if err := json.Unmarshal(raw, &pair); err != nil {
		t.Fatal(err)
	}
	_, secret, err := multibase.Decode(pair.SecretKeyMultibase)
	if err != nil {
		t.Fatal(err)
	}
	curve := elliptic.P256()
	if secret[0] == 0x87 {
		curve = elliptic.P384()
	}
	private, err := ecdsa.ParseRawPrivateKey(curve, secret[2:])
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.FromCrypto(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	text, err := public.Multikey()
	if err != nil || text != pair.PublicKeyMultibase {
		t.Fatalf("the secret belongs to %s, not to %s (%v)", text, pair.PublicKeyMultibase, err)
	}
	return deterministic{public, private, "did:key:" + text + "#" + text}
}

// ecdsaVectors are the folders of the vectors, with the file of the unsigned
// document.
func ecdsaVectors() []struct{ id, keys, folder, suffix, unsigned string } {
	return []struct{ id, keys, folder, suffix, unsigned string }{
		{"ecdsa-rdfc-2019", "p256KeyPair.json", "ecdsa-rdfc-2019-p256", "ECDSAP256", "unsigned.json"},
		{"ecdsa-rdfc-2019", "p384KeyPair.json", "ecdsa-rdfc-2019-p384", "ECDSAP384", "unsigned.json"},
		{"ecdsa-rdfc-2019", "p256KeyPair.json", "ecdsa-rdfc-2019-p256/employ", "ECDSAP256", "employmentAuth.json"},
		{"ecdsa-rdfc-2019", "p384KeyPair.json", "ecdsa-rdfc-2019-p384/employ", "ECDSAP384", "employmentAuth.json"},
		{"ecdsa-jcs-2019", "p256KeyPair.json", "ecdsa-jcs-2019-p256", "JCSECDSAP256", "unsigned.json"},
		{"ecdsa-jcs-2019", "p384KeyPair.json", "ecdsa-jcs-2019-p384", "JCSECDSAP384", "unsigned.json"},
	}
}

// TestECDSASteps compares every step of the vectors of the ECDSA cryptosuites
// on its own, and the proof that the suite makes with what theirs is.
func TestECDSASteps(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t, "vc-di-ecdsa", "TestVectors")
	processor := newProcessor(t, vectorContexts(t)...)
	set := proof.Set{dataintegrity.ECDSARDFC(processor), dataintegrity.ECDSAJCS(processor)}
	for _, v := range ecdsaVectors() {
		t.Run(v.folder+" "+v.id, func(t *testing.T) {
			t.Parallel()
			signer := vectorPair(t, read(t, root, v.keys))
			parsed := func(path ...string) *strictjson.Value {
				t.Helper()
				doc, err := strictjson.ParseObject(read(t, append([]string{root}, path...)...), strictjson.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				return doc
			}
			hash := rdfc.SHA256
			sum := func(text []byte) []byte { s := sha256.Sum256(text); return s[:] }
			if signer.public.Type() == key.P384 {
				hash = rdfc.SHA384
				sum = func(text []byte) []byte { s := sha512.Sum384(text); return s[:] }
			}
			canonical := func(doc *strictjson.Value) []byte {
				t.Helper()
				var text []byte
				var err error
				if v.id == "ecdsa-jcs-2019" {
					text, err = jcs.Append(nil, doc)
				} else {
					var selections []jsonld.Selection
					if selections, err = processor.Selections(doc); err == nil {
						text, _, err = processor.Canonicalize(t.Context(), doc, selections[0], hash)
					}
				}
				if err != nil {
					t.Fatal(err)
				}
				return text
			}
			step := func(name, got string) {
				t.Helper()
				if want := string(read(t, root, v.folder, name+v.suffix+".txt")); got != want {
					t.Errorf("%s: %.200s\nwant %.200s", name, got, want)
				}
			}
			document := canonical(parsed(v.unsigned))
			config := canonical(parsed(v.folder, "proofConfig"+v.suffix+".json"))
			combined := append(sum(config), sum(document)...)
			signature, err := signer.Sign(t.Context(), combined)
			if err != nil {
				t.Fatal(err)
			}
			step("canonDoc", string(document))
			step("docHash", hex.EncodeToString(sum(document)))
			step("proofCanon", string(config))
			step("proofHash", hex.EncodeToString(sum(config)))
			step("combinedHash", hex.EncodeToString(combined))
			step("sigHex", hex.EncodeToString(signature))

			signed := parsed(v.folder, "signed"+v.suffix+".json")
			if err := verifyAll(t, set, signed.Raw()); err != nil {
				t.Error(err)
			}
			want, _ := signed.Lookup("/proof/proofValue").Text()
			created, _ := signed.Lookup("/proof/created").Text()
			at, err := time.Parse(time.RFC3339, created)
			if err != nil {
				t.Fatal(err)
			}
			suite, err := set.Suite(proof.ID(v.id))
			if err != nil {
				t.Fatal(err)
			}
			ours, err := suite.Sign(t.Context(), read(t, root, v.unsigned), signer, proof.Params{Purpose: proof.AssertionMethod, Created: at})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(ours), `"proofValue":"`+want+`"`) {
				t.Errorf("not the proof value %s: %s", want, ours)
			}
			step("sigBTC58", want)
		})
	}
}
