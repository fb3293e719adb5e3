package key

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"

	"filippo.io/edwards25519"

	"github.com/kompetansebevis/bevis/reason"
)

// The verifiable random function ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381
// section 5.5): for a key and an input there is exactly one output; only the
// private key can compute it, and whoever has the public key can check it by a
// proof. Without a proof the output looks random even to who knows the public
// key and the input.
const (
	vrfSuite     = 0x03
	vrfEncode    = 0x01 // domain separators of RFC 9381 section 5
	vrfChallenge = 0x02
	vrfOutput    = 0x03
	vrfCLen      = 16
	vrfProofLen  = 32 + vrfCLen + 32
)

// ProveVRF returns the proof of the key's random output for alpha, 80 bytes;
// [Public.VerifyVRF] turns it into the output. Only Ed25519 keys do this
// (key_invalid/type), and only those in memory. Alpha is no secret: the time
// that this takes depends on it.
//
// Two proofs for the same alpha differ, their output does not. RFC 9381
// section 5.4.2.2 would make the nonce of a proof as Ed25519 makes that of a
// signature, from the same secret: a signature over the 32 bytes of the
// encoded point would then have the nonce of the proof, and the two together
// give the private key away. Keys here do sign for others, so the nonce has a
// domain of its own, and fresh randomness in it.
func (p *Private) ProveVRF(alpha []byte) ([]byte, error) {
	k, ok := p.key.(ed25519.PrivateKey)
	if !ok {
		return nil, reason.New("key_invalid/type", "", "only an Ed25519 key in memory has a random function")
	}
	return proveVRF(k, alpha, separateNonce)
}

// proveVRF is RFC 9381 section 5.1; nonce gets the secret of section 5.4.2.2
// and the encoded point.
func proveVRF(k ed25519.PrivateKey, alpha []byte, nonce func(secret, h []byte) ([]byte, error)) ([]byte, error) {
	public := k[ed25519.SeedSize:]
	hashed := sha512.Sum512(k.Seed())
	x, err := new(edwards25519.Scalar).SetBytesWithClamping(hashed[:32])
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	h := encodeToCurve(public, alpha)
	if h == nil {
		return nil, reason.New(reason.Internal, "", "the input has no point")
	}
	gamma := new(edwards25519.Point).ScalarMult(x, h)
	wide, err := nonce(hashed[32:], h.Bytes())
	if err != nil {
		return nil, err
	}
	n, err := new(edwards25519.Scalar).SetUniformBytes(wide)
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	u, v := new(edwards25519.Point).ScalarBaseMult(n), new(edwards25519.Point).ScalarMult(n, h)
	short, c, err := challengeVRF(public, h.Bytes(), gamma.Bytes(), u.Bytes(), v.Bytes())
	if err != nil {
		return nil, err
	}
	s := new(edwards25519.Scalar).MultiplyAdd(c, x, n)
	return append(append(gamma.Bytes(), short...), s.Bytes()...), nil
}

// separateNonce is random, and where the system's randomness failed it would
// still be secret and another one for each point. What it hashes begins with
// a text of more than 32 bytes where Ed25519 has its secret.
func separateNonce(secret, h []byte) ([]byte, error) {
	var fresh [32]byte
	if _, err := rand.Read(fresh[:]); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return nonceOf(fresh[:], secret, h), nil
}

func nonceOf(fresh, secret, h []byte) []byte {
	d := sha512.New()
	d.Write([]byte("bevis ECVRF-EDWARDS25519-SHA512-TAI nonce v1\n"))
	d.Write(fresh)
	d.Write(secret)
	d.Write(h)
	return d.Sum(nil)
}

// VerifyVRF checks that proof was made by the key for alpha, and returns the
// output, 64 bytes (RFC 9381 section 5.3). The key was validated when it was
// read (section 5.4.5), so not even who chose it badly on purpose has two
// outputs for one alpha. Errors are key_invalid/type and bad_signature.
func (p Public) VerifyVRF(alpha, proof []byte) ([]byte, error) {
	k, ok := p.key.(ed25519.PublicKey)
	if !ok {
		return nil, reason.New("key_invalid/type", "", "only Ed25519 keys have a random function")
	}
	bad := reason.New(reason.BadSignature, "", "the proof of the random output does not hold")
	if len(proof) != vrfProofLen {
		return nil, bad
	}
	y, gamma, h := decodePoint(k), decodePoint(proof[:32]), encodeToCurve(k, alpha)
	s, err := new(edwards25519.Scalar).SetCanonicalBytes(proof[32+vrfCLen:])
	if err != nil || y == nil || gamma == nil || h == nil {
		return nil, bad
	}
	said := proof[32 : 32+vrfCLen]
	c, err := scalarOf(said)
	if err != nil {
		return nil, bad
	}
	// The points are negated and not c: a point may have a part of small
	// order, on which the negative modulo the group's order is another number.
	u := new(edwards25519.Point).VarTimeDoubleScalarBaseMult(c, new(edwards25519.Point).Negate(y), s)
	v := new(edwards25519.Point).VarTimeMultiScalarMult(
		[]*edwards25519.Scalar{s, c}, []*edwards25519.Point{h, new(edwards25519.Point).Negate(gamma)})
	found, _, err := challengeVRF(k, h.Bytes(), proof[:32], u.Bytes(), v.Bytes())
	if err != nil || !bytes.Equal(found, said) {
		return nil, bad
	}
	d := sha512.New()
	d.Write([]byte{vrfSuite, vrfOutput})
	d.Write(new(edwards25519.Point).MultByCofactor(gamma).Bytes())
	d.Write([]byte{0})
	return d.Sum(nil), nil
}

// encodeToCurve tries and increments (RFC 9381 section 5.4.1.1), nil in the
// one of 2^256 cases in which no try is a point.
func encodeToCurve(public, alpha []byte) *edwards25519.Point {
	for ctr := range 256 {
		d := sha512.New()
		d.Write([]byte{vrfSuite, vrfEncode})
		d.Write(public)
		d.Write(alpha)
		d.Write([]byte{byte(ctr), 0})
		h := decodePoint(d.Sum(nil)[:32])
		if h == nil {
			continue
		}
		if h.MultByCofactor(h); h.Equal(edwards25519.NewIdentityPoint()) == 0 {
			return h
		}
	}
	return nil
}

// decodePoint reads the one encoding of a point (RFC 8032 section 5.1.3), nil
// when it is none.
func decodePoint(raw []byte) *edwards25519.Point {
	point, err := new(edwards25519.Point).SetBytes(raw)
	if err != nil || !bytes.Equal(point.Bytes(), raw) {
		return nil
	}
	return point
}

// challengeVRF is RFC 9381 section 5.4.3.
func challengeVRF(points ...[]byte) (short []byte, c *edwards25519.Scalar, err error) {
	d := sha512.New()
	d.Write([]byte{vrfSuite, vrfChallenge})
	for _, p := range points {
		d.Write(p)
	}
	d.Write([]byte{0})
	short = d.Sum(nil)[:vrfCLen]
	c, err = scalarOf(short)
	return short, c, err
}

func scalarOf(short []byte) (*edwards25519.Scalar, error) {
	var wide [32]byte
	copy(wide[:], short)
	c, err := new(edwards25519.Scalar).SetCanonicalBytes(wide[:])
	return c, reason.Wrap(reason.Internal, "", err)
}
