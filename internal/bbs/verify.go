package bbs

import (
	"context"

	bls "github.com/cloudflare/circl/ecc/bls12381"

	"github.com/kompetansebevis/bevis/reason"
)

// Shown is a proof with what it is said to prove.
type Shown struct {
	Key                *PublicKey
	Proof              []byte
	Header             []byte
	PresentationHeader []byte
	Messages           [][]byte // those disclosed
	Indexes            []int    // of each among all that were signed, each larger than the one before
}

// ProofVerify checks a proof (section 3.5.4). Nothing in it is secret, and the
// time that this takes depends on everything. Errors are malformed/indexes,
// malformed/proof-value, resource_limit/messages, canceled and bad_signature.
func (s *Suite) ProofVerify(ctx context.Context, shown Shown) error {
	if len(shown.Messages) != len(shown.Indexes) {
		return reason.New("malformed/indexes", "", "%d messages are disclosed under %d indexes", len(shown.Messages), len(shown.Indexes))
	}
	n, err := Hidden(len(shown.Proof))
	if err != nil {
		return err
	}
	total := n + len(shown.Indexes)
	if err := checkCount(total); err != nil {
		return err
	}
	hidden, err := complement(shown.Indexes, total)
	if err != nil {
		return err
	}
	p, err := readProof(shown.Proof)
	if err != nil {
		return err
	}
	messages, err := messageScalars(ctx, shown.Messages)
	if err != nil {
		return err
	}
	generators, err := s.generators(ctx, total)
	if err != nil {
		return err
	}
	var c commitments
	if c.domain, err = domain(shown.Key, generators, shown.Header); err != nil {
		return err
	}
	if err := s.verifyInit(ctx, &c, p, generators, messages, shown.Indexes, hidden); err != nil {
		return err
	}
	challenge, err := c.challenge(p, messages, shown.Indexes, shown.PresentationHeader)
	if err != nil {
		return err
	}
	if challenge.IsEqual(&p.challenge) == 0 ||
		!bls.ProdPairFrac([]*bls.G1{&p.aBar, &p.bBar}, []*bls.G2{&shown.Key.point, bls.G2Generator()}, []int{1, -1}).IsIdentity() {
		return reason.New(reason.BadSignature, "", "the BBS proof does not match")
	}
	return nil
}

// verifyInit is ProofVerifyInit (section 3.7.3).
func (s *Suite) verifyInit(ctx context.Context, c *commitments, p *parts, generators []generator, messages []bls.Scalar, indexes, hidden []int) error {
	var err error
	if c.t1, err = sum(ctx, []term{{&p.bBar, &p.challenge}, {&p.aBar, &p.e}, {&p.d, &p.r1}}); err != nil {
		return err
	}
	// T2 = (P1 + Q_1 domain + …) challenge + D r3 + …, multiplied out so that
	// there is one sum.
	times := func(k *bls.Scalar) *bls.Scalar {
		var out bls.Scalar
		out.Mul(k, &p.challenge)
		return &out
	}
	terms := []term{{&s.p1, &p.challenge}, {&generators[0].point, times(&c.domain)}, {&p.d, &p.r3}}
	for i, at := range indexes {
		terms = append(terms, term{&generators[1+at].point, times(&messages[i])})
	}
	for i, at := range hidden {
		terms = append(terms, term{&generators[1+at].point, &p.hidden[i]})
	}
	c.t2, err = sum(ctx, terms)
	return err
}

// term is a point to be multiplied.
type term struct {
	point *bls.G1
	times *bls.Scalar
}

// together is how many terms share their doublings. More gain little, and
// cancelling is noticed between them.
const together = 64

// sum adds up terms by Straus' method with windows of four bits. It takes the
// time that the scalars make it take.
func sum(ctx context.Context, terms []term) (out bls.G1, err error) {
	out.SetIdentity()
	for len(terms) > 0 {
		if err := ctx.Err(); err != nil {
			return out, reason.Wrap(reason.Canceled, "", err)
		}
		n := min(len(terms), together)
		part := straus(terms[:n])
		out.Add(&out, &part)
		terms = terms[n:]
	}
	return out, nil
}

func straus(terms []term) (out bls.G1) {
	tables := make([][16]bls.G1, len(terms))
	digits := make([][]byte, len(terms))
	for i, t := range terms {
		table := &tables[i]
		table[1] = *t.point
		for j := 2; j < 16; j++ {
			if j%2 == 0 {
				table[j] = table[j/2]
				table[j].Double()
			} else {
				table[j].Add(&table[j-1], t.point)
			}
		}
		digits[i] = appendScalar(nil, t.times)
	}
	out.SetIdentity()
	for at := 0; at < 2*scalarBytes; at++ {
		for range 4 {
			out.Double()
		}
		for i := range terms {
			digit := digits[i][at/2]
			if at%2 == 0 {
				digit >>= 4
			}
			if digit &= 15; digit != 0 {
				out.Add(&out, &tables[i][digit])
			}
		}
	}
	return out
}
