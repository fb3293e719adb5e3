package bbs

import (
	bls "github.com/cloudflare/circl/ecc/bls12381"

	"github.com/kompetansebevis/bevis/reason"
)

// readPoint reads a compressed point of G1. circl refuses what is not compressed
// at this length, not in its one form, not on the curve, or not in the
// subgroup; the identity is refused here.
func readPoint(octets []byte) (p bls.G1, ok bool) {
	ok = len(octets) == pointBytes && p.SetBytes(octets) == nil && !p.IsIdentity()
	return p, ok
}

// readScalar reads a scalar from 1 to the order less one.
func readScalar(octets []byte) (s bls.Scalar, ok bool) {
	ok = len(octets) == scalarBytes && s.UnmarshalBinary(octets) == nil && s.IsZero() == 0
	return s, ok
}

// appendScalar appends the 32 bytes of a scalar.
func appendScalar(dst []byte, s *bls.Scalar) []byte {
	octets, _ := s.MarshalBinary() // never an error
	return append(dst, octets...)
}

func appendPoint(dst []byte, p *bls.G1) []byte { return append(dst, p.BytesCompressed()...) }

// SignatureBytes is the length of a signature.
const SignatureBytes = pointBytes + scalarBytes

type signature struct {
	a bls.G1
	e bls.Scalar
}

// readSignature is octets_to_signature (section 4.2.4.3).
func readSignature(octets []byte) (sig signature, err error) {
	var okA, okE bool
	if len(octets) == SignatureBytes {
		sig.a, okA = readPoint(octets[:pointBytes])
		sig.e, okE = readScalar(octets[pointBytes:])
	}
	if !okA || !okE {
		return sig, reason.New(reason.MalformedProofValue, "", "not a BBS signature: a point of the subgroup and a scalar")
	}
	return sig, nil
}

// proofFloor is the length of a proof that hides no message.
const proofFloor = 3*pointBytes + 4*scalarBytes

// MaxProofBytes is the length of the longest proof.
const MaxProofBytes = proofFloor + MaxMessages*scalarBytes

// parts are what a proof is made of, in the order of its octets.
type parts struct {
	aBar, bBar, d bls.G1
	e, r1, r3     bls.Scalar
	hidden        []bls.Scalar // one for each message that is not disclosed
	challenge     bls.Scalar
}

// octets is proof_to_octets (section 4.2.4.4).
func (p *parts) octets() []byte {
	out := make([]byte, 0, proofFloor+len(p.hidden)*scalarBytes)
	out = appendPoint(appendPoint(appendPoint(out, &p.aBar), &p.bBar), &p.d)
	out = appendScalar(appendScalar(appendScalar(out, &p.e), &p.r1), &p.r3)
	for i := range p.hidden {
		out = appendScalar(out, &p.hidden[i])
	}
	return appendScalar(out, &p.challenge)
}

// Hidden returns how many messages a proof of that length hides. Errors are
// malformed/proof-value and resource_limit/messages.
func Hidden(length int) (int, error) {
	if length < proofFloor || (length-proofFloor)%scalarBytes != 0 {
		return 0, reason.New(reason.MalformedProofValue, "", "a BBS proof has %d bytes and %d for each hidden message, this has %d", proofFloor, scalarBytes, length)
	}
	n := (length - proofFloor) / scalarBytes
	return n, checkCount(n)
}

// readProof is octets_to_proof (section 4.2.4.5).
func readProof(octets []byte) (*parts, error) {
	n, err := Hidden(len(octets))
	if err != nil {
		return nil, err
	}
	p := &parts{hidden: make([]bls.Scalar, n)}
	for _, point := range []*bls.G1{&p.aBar, &p.bBar, &p.d} {
		var ok bool
		if *point, ok = readPoint(octets[:pointBytes]); !ok {
			return nil, reason.New(reason.MalformedProofValue, "", "the BBS proof holds what is no point of the subgroup")
		}
		octets = octets[pointBytes:]
	}
	scalars := []*bls.Scalar{&p.e, &p.r1, &p.r3}
	for i := range p.hidden {
		scalars = append(scalars, &p.hidden[i])
	}
	for _, scalar := range append(scalars, &p.challenge) {
		var ok bool
		if *scalar, ok = readScalar(octets[:scalarBytes]); !ok {
			return nil, reason.New(reason.MalformedProofValue, "", "the BBS proof holds a scalar that is zero or not reduced")
		}
		octets = octets[scalarBytes:]
	}
	return p, nil
}
