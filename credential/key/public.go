package key

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"math/big"
	"slices"

	"filippo.io/edwards25519"

	"github.com/kompetansebevis/bevis/reason"
)

// Type is a type of key. The zero value is no key.
type Type uint8

// The types.
const (
	Unknown Type = iota
	Ed25519
	P256
	P384
	RSA
	BLS12381G2
	P521
	Secp256k1
)

// String returns the type's usual name.
func (t Type) String() string {
	switch t {
	case Ed25519:
		return "Ed25519"
	case P256:
		return "P-256"
	case P384:
		return "P-384"
	case P521:
		return "P-521"
	case Secp256k1:
		return "secp256k1"
	case RSA:
		return "RSA"
	case BLS12381G2:
		return "BLS12-381 G2"
	default:
		return "unknown"
	}
}

// Bounds of RSA moduli, in bits: shorter is weak, longer only costs the
// verifier time.
const (
	minRSABits = 2048
	maxRSABits = 8192
	minRSAExp  = 65537
)

// Public is a public key that was checked. It is immutable; the zero value
// verifies nothing.
type Public struct {
	typ Type
	key crypto.PublicKey // ed25519.PublicKey, *ecdsa.PublicKey, *rsa.PublicKey, blsPublic or secpPublic
}

// FromCrypto checks a key of the standard library: ed25519.PublicKey,
// *ecdsa.PublicKey on P-256, P-384 or P-521, *rsa.PublicKey. Errors are key_invalid.
func FromCrypto(public crypto.PublicKey) (Public, error) {
	switch k := public.(type) {
	case ed25519.PublicKey:
		return fromEd25519(k)
	case *ecdsa.PublicKey:
		t := P256
		switch {
		//lint:ignore SA1019 Bytes panics where a coordinate is absent
		case k == nil || k.X == nil || k.Y == nil:
			return Public{}, reason.New("key_invalid/point", "", "the key has no point")
		case k.Curve == elliptic.P384():
			t = P384
		case k.Curve == elliptic.P521():
			t = P521
		case k.Curve != elliptic.P256():
			return Public{}, reason.New("key_invalid/curve", "", "only the curves P-256, P-384 and P-521 are accepted")
		}
		raw, err := k.Bytes()
		if err != nil {
			return Public{}, reason.New("key_invalid/point", "", "the point is not on the curve")
		}
		return fromPoint(t, raw)
	case *rsa.PublicKey:
		if k == nil {
			return Public{}, reason.New("key_invalid/rsa-modulus", "", "the key has no modulus")
		}
		return fromRSA(k.N, k.E)
	}
	return Public{}, reason.New("key_invalid/type", "", "a key of this kind is not accepted")
}

// fromEd25519 refuses what crypto/ed25519 accepts: with a key of small order
// a signature can hold for any message, and a key in two forms has two names.
func fromEd25519(raw []byte) (Public, error) {
	if len(raw) != ed25519.PublicKeySize {
		return Public{}, reason.New("key_invalid/length", "", "an Ed25519 key has %d bytes, this has %d", ed25519.PublicKeySize, len(raw))
	}
	point, err := new(edwards25519.Point).SetBytes(raw)
	if err != nil || !canonicalY(raw) {
		return Public{}, reason.New("key_invalid/point", "", "not the canonical form of a point on the curve")
	}
	if new(edwards25519.Point).MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return Public{}, reason.New("key_invalid/small-order", "", "a key of small order: its signatures prove nothing")
	}
	return Public{Ed25519, ed25519.PublicKey(bytes.Clone(raw))}, nil
}

// canonicalY reports whether the y of an encoded point is less than 2^255 − 19
// (RFC 8032 section 5.1.3). The other part of being canonical, no sign for an x
// of zero, concerns points of small order alone.
func canonicalY(raw []byte) bool {
	if raw[0] < 0xED || raw[31]&0x7F != 0x7F {
		return true
	}
	return slices.ContainsFunc(raw[1:31], func(b byte) bool { return b != 0xFF })
}

func curveOf(t Type) elliptic.Curve {
	switch t {
	case P384:
		return elliptic.P384()
	case P521:
		return elliptic.P521()
	}
	return elliptic.P256()
}

// fromPoint reads an uncompressed point.
func fromPoint(t Type, raw []byte) (Public, error) {
	k, err := ecdsa.ParseUncompressedPublicKey(curveOf(t), raw)
	if err != nil {
		return Public{}, reason.New("key_invalid/point", "", "not a point on %s", t)
	}
	return Public{t, k}, nil
}

// fromCompressed reads a compressed point, as in a Multikey.
func fromCompressed(t Type, raw []byte) (Public, error) {
	curve := curveOf(t)
	x, y := elliptic.UnmarshalCompressed(curve, raw)
	if x == nil {
		return Public{}, reason.New("key_invalid/point", "", "not a compressed point on %s", t)
	}
	size := (curve.Params().BitSize + 7) / 8
	point := make([]byte, 1+2*size)
	point[0] = 4
	x.FillBytes(point[1 : 1+size])
	y.FillBytes(point[1+size:])
	return fromPoint(t, point)
}

func fromRSA(n *big.Int, e int) (Public, error) {
	if n == nil || n.Sign() < 0 || n.BitLen() < minRSABits || n.BitLen() > maxRSABits || n.Bit(0) == 0 {
		return Public{}, reason.New("key_invalid/rsa-modulus", "", "an RSA modulus is odd and has %d to %d bits", minRSABits, maxRSABits)
	}
	if weakModulus(n) {
		return Public{}, reason.New("key_invalid/rsa-modulus", "", "the RSA key was made by a library whose keys can be factored (ROCA)")
	}
	if e < minRSAExp || e&1 == 0 || int64(e) > 1<<31-1 {
		return Public{}, reason.New("key_invalid/rsa-exponent", "", "the RSA exponent is not an odd number from %d", minRSAExp)
	}
	return Public{RSA, &rsa.PublicKey{N: new(big.Int).Set(n), E: e}}, nil
}

// Type returns the type of the key, Unknown for the zero value.
func (p Public) Type() Type { return p.typ }

// Crypto returns the key as a type of the standard library, which has none for
// BLS12-381 and secp256k1. The caller must not change it.
func (p Public) Crypto() crypto.PublicKey { return p.key }

// Equal reports whether two keys are the same.
func (p Public) Equal(other Public) bool {
	k, ok := p.key.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(other.key)
}

// Verify checks a signature over msg in the form that the package comment
// gives for the key's type. The only error is bad_signature, which is what all
// signatures by types without such a form come to.
func (p Public) Verify(msg, sig []byte) error {
	ok := false
	switch k := p.key.(type) {
	case ed25519.PublicKey:
		ok = ed25519.Verify(k, msg, sig)
	case *ecdsa.PublicKey:
		size := (k.Curve.Params().BitSize + 7) / 8
		if len(sig) == 2*size {
			r, s := new(big.Int).SetBytes(sig[:size]), new(big.Int).SetBytes(sig[size:])
			ok = ecdsa.Verify(k, digest(p.typ, msg), r, s)
		}
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(k, crypto.SHA256, digest(p.typ, msg), sig) == nil
	}
	if !ok {
		return reason.New(reason.BadSignature, "", "the signature does not match")
	}
	return nil
}

func digest(t Type, msg []byte) []byte {
	switch t {
	case P384:
		sum := sha512.Sum384(msg)
		return sum[:]
	case P521:
		sum := sha512.Sum512(msg)
		return sum[:]
	}
	sum := sha256.Sum256(msg)
	return sum[:]
}
