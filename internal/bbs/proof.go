package bbs

import (
	"context"
	"crypto/rand"
	"encoding/binary"

	bls "github.com/cloudflare/circl/ecc/bls12381"

	"github.com/kompetansebevis/bevis/reason"
)

// ProofRequest says what is to be proven.
type ProofRequest struct {
	Key                *PublicKey
	Signature          []byte
	Header             []byte   // as it was signed
	PresentationHeader []byte   // bound to this proof, such as the receiver's nonce
	Messages           [][]byte // all that were signed
	Disclosed          []int    // which of them are shown: indexes, each larger than the one before
}

// ProofGen proves knowledge of a signature over the header and the messages,
// of which it reveals those disclosed (section 3.5.3). The signature is checked
// on the way, so that no proof leaves here that nobody accepts. Errors are
// malformed/indexes, malformed/proof-value, resource_limit/messages, canceled
// and bad_signature.
func (s *Suite) ProofGen(ctx context.Context, r ProofRequest) ([]byte, error) {
	return s.proofGen(ctx, r, randomScalars)
}

// randomScalars is calculate_random_scalars (section 4.2.1). Whoever could
// guess them would learn the hidden messages.
func randomScalars(n int) ([]bls.Scalar, error) {
	out := make([]bls.Scalar, n)
	for i := range out {
		for out[i].IsZero() != 0 {
			var wide [expandLen]byte
			if _, err := rand.Read(wide[:]); err != nil {
				return nil, reason.Wrap(reason.Internal, "", err)
			}
			var err error
			if out[i], err = reduce(wide[:]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// proofGen is CoreProofGen (section 3.6.3) with random scalars from outside,
// for the published test vectors.
func (s *Suite) proofGen(ctx context.Context, r ProofRequest, random func(n int) ([]bls.Scalar, error)) ([]byte, error) {
	sig, err := readSignature(r.Signature)
	if err != nil {
		return nil, err
	}
	hidden, err := complement(r.Disclosed, len(r.Messages))
	if err != nil {
		return nil, err
	}
	st, err := s.statement(ctx, r.Key, r.Header, r.Messages)
	if err != nil {
		return nil, err
	}
	b, err := s.commitment(ctx, st)
	if err != nil {
		return nil, err
	}
	if err := sig.check(r.Key, b); err != nil {
		return nil, err
	}
	blind, err := random(5 + len(hidden))
	if err != nil {
		return nil, err
	}
	if len(blind) != 5+len(hidden) {
		return nil, reason.New(reason.Internal, "", "%d random scalars for %d", len(blind), 5+len(hidden))
	}
	p := &parts{}
	c := commitments{domain: st.domain}
	if err := c.init(ctx, p, sig, b, st, hidden, blind); err != nil {
		return nil, err
	}
	shown := make([]bls.Scalar, len(r.Disclosed))
	for i, at := range r.Disclosed {
		shown[i] = st.messages[at]
	}
	if p.challenge, err = c.challenge(p, shown, r.Disclosed, r.PresentationHeader); err != nil {
		return nil, err
	}
	p.finalize(sig, st, hidden, blind)
	return p.octets(), nil
}

// commitments are the points T1 and T2 and the domain, which a proof does not
// carry: its maker and its receiver work them out in two ways.
type commitments struct {
	t1, t2 bls.G1
	domain bls.Scalar
}

// init is ProofInit (section 3.7.1): blind holds r1, r2, e~, r1~, r3~ and one
// m~ for each hidden message.
func (c *commitments) init(ctx context.Context, p *parts, sig signature, b bls.G1, st *statement, hidden []int, blind []bls.Scalar) error {
	r1, r2, e, r1Tilde, r3Tilde := &blind[0], &blind[1], &blind[2], &blind[3], &blind[4]
	p.d.ScalarMult(r2, &b)
	var both, minus bls.Scalar
	both.Mul(r1, r2)
	p.aBar.ScalarMult(&both, &sig.a)
	minus.Set(&sig.e)
	minus.Neg()
	p.bBar.ScalarMult(r1, &p.d)
	if err := addTo(ctx, &p.bBar, &p.aBar, &minus); err != nil {
		return err
	}
	c.t1.ScalarMult(e, &p.aBar)
	if err := addTo(ctx, &c.t1, &p.d, r1Tilde); err != nil {
		return err
	}
	c.t2.ScalarMult(r3Tilde, &p.d)
	for i, at := range hidden {
		if err := addTo(ctx, &c.t2, &st.generators[1+at].point, &blind[5+i]); err != nil {
			return err
		}
	}
	return nil
}

// finalize is ProofFinalize (section 3.7.2).
func (p *parts) finalize(sig signature, st *statement, hidden []int, blind []bls.Scalar) {
	// answer returns start + value * challenge.
	answer := func(start, value *bls.Scalar) (out bls.Scalar) {
		out.Mul(value, &p.challenge)
		out.Add(&out, start)
		return out
	}
	var r1, r3 bls.Scalar
	r1.Set(&blind[0])
	r1.Neg()
	r3.Inv(&blind[1])
	r3.Neg()
	p.e, p.r1, p.r3 = answer(&blind[2], &sig.e), answer(&blind[3], &r1), answer(&blind[4], &r3)
	for i, at := range hidden {
		p.hidden = append(p.hidden, answer(&blind[5+i], &st.messages[at]))
	}
}

// challenge is ProofChallengeCalculate (section 3.7.4).
func (c *commitments) challenge(p *parts, shown []bls.Scalar, indexes []int, presentationHeader []byte) (bls.Scalar, error) {
	in := binary.BigEndian.AppendUint64(nil, uint64(len(indexes)))
	for i, at := range indexes {
		in = appendScalar(binary.BigEndian.AppendUint64(in, uint64(at)), &shown[i])
	}
	for _, point := range []*bls.G1{&p.aBar, &p.bBar, &p.d, &c.t1, &c.t2} {
		in = appendPoint(in, point)
	}
	in = appendPrefixed(appendScalar(in, &c.domain), presentationHeader)
	return hashToScalar(in, apiID+"H2S_")
}

// complement returns which of n messages are not among the given ones, whose
// indexes must ascend.
func complement(indexes []int, n int) ([]int, error) {
	for i, at := range indexes {
		if at < 0 || at >= n || i > 0 && at <= indexes[i-1] {
			return nil, reason.New("malformed/indexes", "", "indexes of disclosed messages ascend and are less than %d", n)
		}
	}
	out := make([]int, 0, n-len(indexes))
	for at, next := 0, indexes; at < n; at++ {
		if len(next) > 0 && next[0] == at {
			next = next[1:]
			continue
		}
		out = append(out, at)
	}
	return out, nil
}
