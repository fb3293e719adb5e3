package key

import (
	"bytes"
	"crypto"
	"encoding/hex"

	"github.com/kompetansebevis/bevis/reason"
)

// blsPublic is a compressed point of BLS12-381 G2.
type blsPublic [blsBytes]byte

const (
	blsBytes = 96
	// blsField is the order of the field that coordinates are of.
	blsField = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"
)

// Equal is for [Public.Equal].
func (k blsPublic) Equal(other crypto.PublicKey) bool { return other == crypto.PublicKey(k) }

// FromBLS12381G2 takes a public key of BBS signatures: the 96 bytes of a
// compressed point (draft-irtf-cfrg-bbs-signatures section 4.2.4.6). Checked
// here is that these are the one form of what they say, and not the identity.
// That the point is on its curve and in its subgroup is for the cryptosuite to
// check before it uses the key, so that those who never meet one need not link
// the curve. Errors are key_invalid.
func FromBLS12381G2(octets []byte) (Public, error) {
	if len(octets) != blsBytes {
		return Public{}, reason.New("key_invalid/length", "", "a BLS12-381 G2 key has %d bytes, this has %d", blsBytes, len(octets))
	}
	field, err := hex.DecodeString(blsField)
	if err != nil {
		return Public{}, reason.Wrap(reason.Internal, "", err)
	}
	// The first three bits say that the point is compressed, that it is the
	// identity, and which of two points it is; then come two coordinates.
	first := append([]byte{octets[0] & 0x1f}, octets[1:blsBytes/2]...)
	if octets[0]&0xc0 != 0x80 || bytes.Compare(first, field) >= 0 || bytes.Compare(octets[blsBytes/2:], field) >= 0 {
		return Public{}, reason.New("key_invalid/point", "", "not a compressed point of BLS12-381 G2")
	}
	return Public{BLS12381G2, blsPublic(octets)}, nil
}

// BLS12381G2 returns the bytes that [FromBLS12381G2] took, nil for keys of
// other types.
func (p Public) BLS12381G2() []byte {
	k, ok := p.key.(blsPublic)
	if !ok {
		return nil
	}
	return k[:]
}
