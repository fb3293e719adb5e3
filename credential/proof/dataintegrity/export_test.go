package dataintegrity

import (
	"context"
	"encoding/hex"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/selective"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// ECDSASDWith is ECDSASD with the secrets of a test vector.
func ECDSASDWith(p *jsonld.Processor, hmacKey []byte, scoped key.Signer) proof.Suite {
	return ECDSASDFrom(p, func() ([]byte, key.Signer, error) { return hmacKey, scoped, nil })
}

// ECDSASDFrom is ECDSASD with another source of secrets.
func ECDSASDFrom(p *jsonld.Processor, secrets func() ([]byte, key.Signer, error)) proof.Suite {
	s := ECDSASD(p).(*ecdsaSD)
	s.secrets = secrets
	return s
}

// SDValue is a proof value of ecdsa-sd-2023, of either kind.
type SDValue struct {
	Signature, PublicKey, HMACKey string // hexadecimal
	Signatures                    []string
	Labels                        map[string]string
	Pointers                      []string
	Indexes                       []int
}

// ParseSD reads a proof value.
func ParseSD(text string) (SDValue, bool, error) {
	raw, base, err := openValue(text, "")
	if err != nil {
		return SDValue{}, base, err
	}
	texts := func(list [][]byte) []string {
		out := make([]string, len(list))
		for i, b := range list {
			out[i] = hex.EncodeToString(b)
		}
		return out
	}
	if base {
		v, err := decodeBase(raw, "")
		return SDValue{Signature: hex.EncodeToString(v.signature), PublicKey: hex.EncodeToString(v.publicKey), HMACKey: hex.EncodeToString(v.hmacKey),
			Signatures: texts(v.signatures), Pointers: v.mandatory}, true, err
	}
	v, err := decodeDerived(raw, "")
	return SDValue{Signature: hex.EncodeToString(v.signature), PublicKey: hex.EncodeToString(v.publicKey), Signatures: texts(v.signatures), Labels: v.labels, Indexes: v.mandatory}, false, err
}

// EncodeSD writes a proof value again.
func EncodeSD(v SDValue, base bool) (string, error) {
	bin := func(s string) []byte { b, _ := hex.DecodeString(s); return b }
	var signatures [][]byte
	for _, s := range v.Signatures {
		signatures = append(signatures, bin(s))
	}
	if base {
		return (&sdBase{bin(v.Signature), bin(v.PublicKey), bin(v.HMACKey), signatures, v.Pointers}).encode(), nil
	}
	return (&sdDerived{bin(v.Signature), bin(v.PublicKey), signatures, v.Labels, v.Indexes}).encode()
}

// CheckShown is what a holder's program does before it shows a document that is
// to mean these quads.
func CheckShown(ctx context.Context, p *jsonld.Processor, doc *strictjson.Value, quads []byte) error {
	s := EdDSARDFC(p).(*suite)
	return s.checkShown(ctx, &selective.Revealed{Document: doc, NQuads: quads})
}
