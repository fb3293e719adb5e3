package bbs

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	bls "github.com/cloudflare/circl/ecc/bls12381"

	"github.com/kompetansebevis/bevis/reason"
)

// The lengths of keys.
const (
	SecretKeyBytes = scalarBytes
	PublicKeyBytes = bls.G2SizeCompressed
)

// PublicKey is a point of G2 that was checked. It is immutable.
type PublicKey struct {
	point  bls.G2
	octets []byte
}

// ParsePublicKey reads a compressed point (octets_to_pubkey, section 4.2.4.6):
// on the curve, in the subgroup, not the identity. Errors are
// key_invalid/point.
func ParsePublicKey(octets []byte) (*PublicKey, error) {
	k := &PublicKey{octets: bytes.Clone(octets)}
	if len(octets) != PublicKeyBytes || k.point.SetBytes(octets) != nil || k.point.IsIdentity() {
		return nil, reason.New("key_invalid/point", "", "not a compressed point of the subgroup of BLS12-381 G2")
	}
	return k, nil
}

// Bytes returns the 96 bytes of the compressed point.
func (k *PublicKey) Bytes() []byte { return bytes.Clone(k.octets) }

// SecretKey is a scalar with its public key. It never prints itself.
type SecretKey struct {
	scalar bls.Scalar
	public *PublicKey
}

// GenerateKey makes a new key.
func GenerateKey() (*SecretKey, error) {
	var material [48]byte
	if _, err := rand.Read(material[:]); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return KeyGen(material[:], nil)
}

// KeyGen derives a key from secret material of at least 32 bytes, and from
// info, of at most 65,535, which tells several keys of one material apart
// (section 3.4.1). Errors are key_invalid/length.
func KeyGen(material, info []byte) (*SecretKey, error) {
	return keyGen(material, info, suiteID+"KEYGEN_DST_")
}

func keyGen(material, info []byte, tag string) (*SecretKey, error) {
	if len(material) < 32 || len(info) > 65535 {
		return nil, reason.New("key_invalid/length", "", "a key is made of at least 32 bytes, and at most 65535 bytes beside them")
	}
	in := append([]byte(nil), material...)
	in = append(binary.BigEndian.AppendUint16(in, uint16(len(info))), info...)
	scalar, err := hashToScalar(in, tag)
	if err != nil {
		return nil, err
	}
	if scalar.IsZero() != 0 {
		return nil, reason.New("key_invalid/scalar", "", "the material gives no key")
	}
	return newSecretKey(scalar), nil
}

// ParseSecretKey reads the 32 bytes of a scalar from 1 to the order less one.
// Errors are key_invalid/scalar.
func ParseSecretKey(octets []byte) (*SecretKey, error) {
	scalar, ok := readScalar(octets)
	if !ok {
		return nil, reason.New("key_invalid/scalar", "", "not the scalar of a BLS12-381 key")
	}
	return newSecretKey(scalar), nil
}

// newSecretKey works out the public key (SkToPk, section 3.4.2).
func newSecretKey(scalar bls.Scalar) *SecretKey {
	k := &SecretKey{scalar: scalar, public: &PublicKey{}}
	k.public.point.ScalarMult(&scalar, bls.G2Generator())
	k.public.octets = k.public.point.BytesCompressed()
	return k
}

// Public returns the public key.
func (k *SecretKey) Public() *PublicKey { return k.public }

// Bytes returns the 32 bytes of the scalar.
func (k *SecretKey) Bytes() []byte { return appendScalar(nil, &k.scalar) }

// Format writes what the key is for every verb, never the key.
func (k *SecretKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, "secret BLS12-381 key") }
