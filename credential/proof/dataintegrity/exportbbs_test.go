package dataintegrity

import (
	"encoding/hex"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jsonld"
)

// BBSWith is BBS with the secret of a test vector.
func BBSWith(p *jsonld.Processor, hmacKey []byte) proof.Suite {
	return BBSFrom(p, func() ([]byte, error) { return hmacKey, nil })
}

// BBSFrom is BBS with another source of its secret.
func BBSFrom(p *jsonld.Processor, secrets func() ([]byte, error)) proof.Suite {
	s := BBS(p).(*bbsSuite)
	s.secrets = secrets
	return s
}

// ShuffledLabels are the labels of bbs-2023.
func ShuffledLabels(hmacKey []byte, canonical []string) map[string]string {
	return shuffledLabels(hmacKey)(canonical)
}

// BBSValue is a proof value of bbs-2023, of either kind.
type BBSValue struct {
	Signature, Header, PublicKey, HMACKey string // hexadecimal
	Pointers                              []string
	Proof, Presentation                   string // hexadecimal
	Labels                                map[string]string
	Indexes, Chosen                       []int
}

// ParseBBS reads a proof value.
func ParseBBS(text string) (BBSValue, bool, error) {
	base, derived, err := readBBS(text, "")
	enc := hex.EncodeToString
	switch {
	case err != nil:
		return BBSValue{}, false, err
	case base != nil:
		return BBSValue{Signature: enc(base.signature), Header: enc(base.header), PublicKey: enc(base.publicKey), HMACKey: enc(base.hmacKey), Pointers: base.mandatory}, true, nil
	}
	return BBSValue{Proof: enc(derived.proof), Presentation: enc(derived.presentation), Labels: derived.labels, Indexes: derived.mandatory, Chosen: derived.chosen}, false, nil
}

// EncodeBBS writes a proof value again.
func EncodeBBS(v BBSValue, base bool) (string, error) {
	bin := func(s string) []byte { b, _ := hex.DecodeString(s); return b }
	if base {
		return (&bbsBase{bin(v.Signature), bin(v.Header), bin(v.PublicKey), bin(v.HMACKey), v.Pointers}).encode(), nil
	}
	return (&bbsDerived{bin(v.Proof), v.Labels, v.Indexes, v.Chosen, bin(v.Presentation)}).encode()
}
