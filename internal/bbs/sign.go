package bbs

import (
	"context"

	bls "github.com/cloudflare/circl/ecc/bls12381"

	"github.com/kompetansebevis/bevis/reason"
)

// Sign returns the signature of the key over a header, which every proof has
// to show, and messages, of which a proof shows what its maker wants (section
// 3.5.1). It is the same each time. Errors are resource_limit/messages and
// canceled.
func (s *Suite) Sign(ctx context.Context, key *SecretKey, header []byte, messages [][]byte) ([]byte, error) {
	st, err := s.statement(ctx, key.public, header, messages)
	if err != nil {
		return nil, err
	}
	// e = hash of the key, the messages and the domain (section 3.6.1).
	in := appendScalar(nil, &key.scalar)
	for i := range st.messages {
		in = appendScalar(in, &st.messages[i])
	}
	e, err := hashToScalar(appendScalar(in, &st.domain), apiID+"H2S_")
	if err != nil {
		return nil, err
	}
	b, err := s.commitment(ctx, st)
	if err != nil {
		return nil, err
	}
	var a bls.G1
	var inverse bls.Scalar
	inverse.Add(&key.scalar, &e)
	inverse.Inv(&inverse)
	a.ScalarMult(&inverse, &b)
	if a.IsIdentity() || e.IsZero() != 0 {
		return nil, reason.New(reason.Internal, "", "the signature came out as nothing") // one in 2^250
	}
	return appendScalar(appendPoint(nil, &a), &e), nil
}

// Verify checks a signature over a header and all messages (section 3.5.2).
// Errors are malformed/proof-value, resource_limit/messages, canceled and
// bad_signature.
func (s *Suite) Verify(ctx context.Context, key *PublicKey, signature, header []byte, messages [][]byte) error {
	sig, err := readSignature(signature)
	if err != nil {
		return err
	}
	st, err := s.statement(ctx, key, header, messages)
	if err != nil {
		return err
	}
	b, err := s.commitment(ctx, st)
	if err != nil {
		return err
	}
	return sig.check(key, b)
}

// check is the equation of a signature: h(A, W) h(A e - B, BP2) = 1.
func (sig *signature) check(key *PublicKey, b bls.G1) error {
	var right bls.G1
	right.ScalarMult(&sig.e, &sig.a)
	b.Neg()
	right.Add(&right, &b)
	if !bls.ProdPairFrac([]*bls.G1{&sig.a, &right}, []*bls.G2{&key.point, bls.G2Generator()}, []int{1, 1}).IsIdentity() {
		return reason.New(reason.BadSignature, "", "the BBS signature does not match")
	}
	return nil
}

// statement is what a signature is about, as the scalars and points that it is
// worked out with.
type statement struct {
	generators []generator // Q_1, H_1, …
	messages   []bls.Scalar
	domain     bls.Scalar
}

func (s *Suite) statement(ctx context.Context, key *PublicKey, header []byte, messages [][]byte) (*statement, error) {
	if err := checkCount(len(messages)); err != nil {
		return nil, err
	}
	st := &statement{}
	var err error
	if st.messages, err = messageScalars(ctx, messages); err != nil {
		return nil, err
	}
	if st.generators, err = s.generators(ctx, len(messages)); err != nil {
		return nil, err
	}
	st.domain, err = domain(key, st.generators, header)
	return st, err
}

// commitment is B = P1 + Q_1 domain + H_1 msg_1 + …, in constant time.
func (s *Suite) commitment(ctx context.Context, st *statement) (bls.G1, error) {
	b := s.p1
	err := addTo(ctx, &b, &st.generators[0].point, &st.domain)
	for i := 0; i < len(st.messages) && err == nil; i++ {
		err = addTo(ctx, &b, &st.generators[1+i].point, &st.messages[i])
	}
	return b, err
}

// addTo adds k times p to sum, in constant time.
func addTo(ctx context.Context, sum, p *bls.G1, k *bls.Scalar) error {
	if err := ctx.Err(); err != nil {
		return reason.Wrap(reason.Canceled, "", err)
	}
	var product bls.G1
	product.ScalarMult(k, p)
	sum.Add(sum, &product)
	return nil
}
