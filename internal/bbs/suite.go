package bbs

import (
	"context"
	"crypto"
	"encoding/binary"
	"sync"

	bls "github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/expander"

	"github.com/kompetansebevis/bevis/reason"
)

// The parameters of BLS12-381-SHA-256 (section 7.2.2 of the draft) and of the
// interface H2G_HM2S (section 3.5).
const (
	suiteID   = "BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_"
	apiID     = suiteID + "H2G_HM2S_"
	expandLen = 48

	pointBytes  = 48
	scalarBytes = 32
)

// MaxMessages is how many messages one signature may cover. Each costs its
// verifier a tenth of a millisecond.
const MaxMessages = 4096

// Suite is the ciphersuite with its constants. It is safe for concurrent use.
type Suite struct {
	p1 bls.G1 // P1

	// The generators are constants. They are worked out in order as far as
	// somebody needs them, because all of them cost a process half a second
	// that hardly any needs.
	mu    sync.Mutex
	seed  []byte // the value from which the next generator is hashed
	known []generator
}

// generator is a point with its octets, which are hashed more often than it is
// multiplied.
type generator struct {
	point  bls.G1
	octets []byte
}

// New returns the suite.
func New() *Suite {
	s := &Suite{seed: expand([]byte(apiID+"MESSAGE_GENERATOR_SEED"), apiID+"SIG_GENERATOR_SEED_", expandLen)}
	// P1 is made as the first generator would be, of a seed of its own (section
	// 7.2).
	seed := expand([]byte(apiID+"BP_MESSAGE_GENERATOR_SEED"), apiID+"SIG_GENERATOR_SEED_", expandLen)
	s.p1, _ = hashToCurve(seed, 1)
	return s
}

// hashToCurve returns generator number i, and the seed of the next.
func hashToCurve(seed []byte, i int) (p bls.G1, next []byte) {
	next = expand(binary.BigEndian.AppendUint64(seed, uint64(i)), apiID+"SIG_GENERATOR_SEED_", expandLen)
	p.Hash(next, []byte(apiID+"SIG_GENERATOR_DST_"))
	return p, next
}

// generators returns Q_1 and H_1 to H_n, the first n+1 points of
// create_generators (section 4.1.1).
func (s *Suite) generators(ctx context.Context, n int) ([]generator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.known) < n+1 {
		if err := ctx.Err(); err != nil {
			return nil, reason.Wrap(reason.Canceled, "", err)
		}
		var next generator
		next.point, s.seed = hashToCurve(s.seed, len(s.known)+1)
		next.octets = next.point.BytesCompressed()
		s.known = append(s.known, next)
	}
	return s.known[: n+1 : n+1], nil
}

// expand is expand_message_xmd with SHA-256 (RFC 9380 section 5.3.1). Tags
// have fewer than 256 bytes here.
func expand(msg []byte, tag string, n uint) []byte {
	return expander.NewExpanderMD(crypto.SHA256, []byte(tag)).Expand(msg, n)
}

// hashToScalar is section 4.2.2.
func hashToScalar(msg []byte, tag string) (bls.Scalar, error) {
	return reduce(expand(msg, tag, expandLen))
}

// reduce returns 48 bytes as a number modulo the order. It adds up three
// numbers of 16 bytes, so that no step depends on their value.
func reduce(wide []byte) (bls.Scalar, error) {
	var sum, shift bls.Scalar
	shift.SetUint64(1 << 32)
	shift.Sqr(&shift) // 2^64
	shift.Sqr(&shift) // 2^128
	for part := wide; len(part) >= 16; part = part[16:] {
		var padded [scalarBytes]byte
		copy(padded[16:], part[:16])
		var limb bls.Scalar
		if err := limb.UnmarshalBinary(padded[:]); err != nil {
			return sum, reason.Wrap(reason.Internal, "", err)
		}
		sum.Mul(&sum, &shift)
		sum.Add(&sum, &limb)
	}
	return sum, nil
}

// messageScalars is messages_to_scalars (section 4.1.2).
func messageScalars(ctx context.Context, messages [][]byte) ([]bls.Scalar, error) {
	out := make([]bls.Scalar, len(messages))
	for i, m := range messages {
		if err := ctx.Err(); err != nil {
			return nil, reason.Wrap(reason.Canceled, "", err)
		}
		var err error
		if out[i], err = hashToScalar(m, apiID+"MAP_MSG_TO_SCALAR_AS_HASH_"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// domain is calculate_domain (section 4.2.3).
func domain(key *PublicKey, generators []generator, header []byte) (bls.Scalar, error) {
	in := append([]byte(nil), key.octets...)
	in = binary.BigEndian.AppendUint64(in, uint64(len(generators)-1))
	for i := range generators {
		in = append(in, generators[i].octets...)
	}
	in = append(in, apiID...)
	in = appendPrefixed(in, header)
	return hashToScalar(in, apiID+"H2S_")
}

// appendPrefixed appends octets behind their length in eight bytes.
func appendPrefixed(dst, octets []byte) []byte {
	return append(binary.BigEndian.AppendUint64(dst, uint64(len(octets))), octets...)
}

func checkCount(n int) error {
	if n > MaxMessages {
		return reason.New("resource_limit/messages", "", "%d messages, the limit is %d", n, MaxMessages)
	}
	return nil
}
