package dataintegrity_test

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/asn1"
	"math/big"
	"testing"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

func signerOf(t testing.TB, kind key.Type) key.Signer {
	t.Helper()
	private, err := key.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	_, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return private.Signer(method)
}

func base58(t testing.TB, raw []byte) *strictjson.Value {
	t.Helper()
	text, err := multibase.Encode(multibase.Base58BTC, raw)
	if err != nil {
		t.Fatal(err)
	}
	return strictjson.String(text)
}

// TestECDSASignatures tries every other way to write a signature, and
// signatures that are none.
func TestECDSASignatures(t *testing.T) {
	t.Parallel()
	p := newProcessor(t)
	set := proof.Set{dataintegrity.ECDSARDFC(p), dataintegrity.ECDSAJCS(p), dataintegrity.EdDSARDFC(p), dataintegrity.EdDSAJCS(p)}
	for _, suite := range set[:2] {
		for _, kind := range []key.Type{key.P256, key.P384} {
			signed, err := suite.Sign(t.Context(), []byte(badge), signerOf(t, kind), proof.Params{Purpose: proof.AssertionMethod, Created: created})
			if err != nil {
				t.Fatal(err)
			}
			doc, err := strictjson.ParseObject(signed, strictjson.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			good := doc.Get("proof").Items()[0]
			text, _ := good.Get("proofValue").Text()
			_, raw, err := multibase.Decode(text)
			if err != nil {
				t.Fatal(err)
			}
			half := len(raw) / 2
			r, s := new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])
			k, err := (didKeys{}).Key(t.Context(), methodOf(good), proof.AssertionMethod)
			if err != nil {
				t.Fatal(err)
			}
			n := k.Public.Crypto().(*ecdsa.PublicKey).Curve.Params().N
			der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
			if err != nil {
				t.Fatal(err)
			}
			// joined writes r||s.
			joined := func(r, s *big.Int) *strictjson.Value {
				out := make([]byte, 2*half)
				r.FillBytes(out[:half])
				s.FillBytes(out[half:])
				return base58(t, out)
			}
			other := map[key.Type]key.Type{key.P256: key.P384, key.P384: key.P256}[kind]
			if err := verifyAll(t, set, doc.With("proof", good.With("proofValue", joined(r, new(big.Int).Sub(n, s)))).AppendJSON(nil)); err != nil {
				t.Errorf("%s %s: the standard allows the other s: %v", suite.ID(), kind, err)
			}
			zero := new(big.Int)
			for name, tt := range map[string]struct {
				proof *strictjson.Value
				code  reason.Code
			}{
				"DER":                 {good.With("proofValue", base58(t, der)), reason.MalformedProofValue},
				"cut":                 {good.With("proofValue", base58(t, raw[:len(raw)-1])), reason.MalformedProofValue},
				"a byte more":         {good.With("proofValue", base58(t, append(bytes.Clone(raw), 0))), reason.MalformedProofValue},
				"a zero before":       {good.With("proofValue", base58(t, append([]byte{0}, raw...))), reason.MalformedProofValue},
				"nothing":             {good.With("proofValue", strictjson.String("z")), reason.MalformedProofValue},
				"base64url":           {good.With("proofValue", strictjson.String("u"+text[1:])), reason.MalformedProofValue},
				"base58 with a 0":     {good.With("proofValue", strictjson.String("z0"+text[2:])), reason.MalformedProofValue},
				"all zero":            {good.With("proofValue", joined(zero, zero)), reason.BadSignature},
				"r is zero":           {good.With("proofValue", joined(zero, s)), reason.BadSignature},
				"s is zero":           {good.With("proofValue", joined(r, zero)), reason.BadSignature},
				"r is n":              {good.With("proofValue", joined(n, s)), reason.BadSignature},
				"s is n":              {good.With("proofValue", joined(r, n)), reason.BadSignature},
				"r and s exchanged":   {good.With("proofValue", joined(s, r)), reason.BadSignature},
				"the other length":    {good.With("proofValue", base58(t, make([]byte, 160-2*half))), reason.MalformedProofValue},
				"the other curve":     {good.With("verificationMethod", strictjson.String(signerOf(t, other).ID())), reason.MalformedProofValue},
				"another key":         {good.With("verificationMethod", strictjson.String(signerOf(t, kind).ID())), reason.BadSignature},
				"an Ed25519 key":      {good.With("verificationMethod", strictjson.String(newSigner(t).ID())), "key_invalid/key-type"},
				"a key on P-521":      {good.With("verificationMethod", strictjson.String(signerOf(t, key.P521).ID())), "key_invalid/key-type"},
				"as an EdDSA suite":   {good.With("cryptosuite", strictjson.String("eddsa-rdfc-2022")), ""},
				"as EdDSA of the JCS": {good.With("cryptosuite", strictjson.String("eddsa-jcs-2022")), ""},
				"suite in capitals":   {good.With("cryptosuite", strictjson.String("ECDSA-rdfc-2019")), "unsupported_alg/suite"},
			} {
				err := verifyAll(t, set, doc.With("proof", tt.proof).AppendJSON(nil))
				if tt.code == "" && kind == key.P256 {
					tt.code = "key_invalid/key-type"
				} else if tt.code == "" {
					tt.code = reason.MalformedProofValue // an EdDSA signature is shorter
				}
				if reason.CodeOf(err) != tt.code {
					t.Errorf("%s %s, %s: %v (%s), want %s", suite.ID(), kind, name, err, reason.CodeOf(err), tt.code)
				}
			}
		}
		for _, kind := range []key.Type{key.Ed25519, key.P521, key.RSA} {
			private, err := key.Generate(kind)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := suite.Sign(t.Context(), []byte(badge), private.Signer("did:x:y#z"), proof.Params{Purpose: proof.AssertionMethod}); reason.CodeOf(err) != "key_invalid/key-type" {
				t.Errorf("%s with a key of type %s: %v", suite.ID(), kind, err)
			}
		}
	}
}

func methodOf(p *strictjson.Value) string {
	method, _ := p.Get("verificationMethod").Text()
	return method
}
