package key

import (
	"crypto"

	"github.com/kompetansebevis/bevis/reason"
)

// blsPublic is a compressed point of BLS12-381 G2.
type blsPublic [blsBytes]byte

const (
	blsBytes = 96
	// blsField is the order of the field that coordinates are of, in as many bytes.
	blsField = "\x1a\x01\x11\xea\x39\x7f\xe6\x9a\x4b\x1b\xa7\xb6\x43\x4b\xac\xd7\x64\x77\x4b\x84\xf3\x85\x12\xbf" +
		"\x67\x30\xd2\xa0\xf6\xb0\xf6\x24\x1e\xab\xff\xfe\xb1\x53\xff\xff\xb9\xfe\xff\xff\xff\xff\xaa\xab"
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
	// The first three bits say that the point is compressed, that it is the
	// identity, and which of two points it is; then come two coordinates.
	first := string([]byte{octets[0] & 0x1f}) + string(octets[1:blsBytes/2])
	if octets[0]&0xc0 != 0x80 || first >= blsField || string(octets[blsBytes/2:]) >= blsField {
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
