package key

import (
	"crypto"
	"math/big"

	"github.com/kompetansebevis/bevis/reason"
)

// secpPublic is an uncompressed point of secp256k1 (SEC 1 section 2.3.3).
type secpPublic [secpBytes]byte

const (
	secpBytes = 65
	secpSize  = 32 // of a coordinate
)

// secpField is the order of the field that coordinates are of: 2^256 - 2^32 -
// 977 (SEC 2 section 2.4.1).
func secpField() *big.Int {
	return new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1<<32+977))
}

// Equal is for [Public.Equal].
func (k secpPublic) Equal(other crypto.PublicKey) bool { return other == crypto.PublicKey(k) }

// fromCompressedSecp256k1 takes a point in its shorter form only, where that is
// the one form that a key has.
func fromCompressedSecp256k1(raw []byte) (Public, error) {
	if len(raw) != 1+secpSize {
		return Public{}, reason.New("key_invalid/length", "", "a compressed key on secp256k1 has %d bytes, this has %d", 1+secpSize, len(raw))
	}
	return fromSecp256k1(raw)
}

// fromSecp256k1 takes a point, compressed or not. That it lies on the curve is
// checked here; the curve has no subgroup that a point could hide in. Nothing
// of this is secret, so plain arithmetic will do.
func fromSecp256k1(raw []byte) (Public, error) {
	bad := reason.New("key_invalid/point", "", "not a point on secp256k1")
	field := secpField()
	compressed := len(raw) == 1+secpSize && raw[0]&^1 == 2
	if !compressed && (len(raw) != secpBytes || raw[0] != 4) {
		return Public{}, bad
	}
	x := new(big.Int).SetBytes(raw[1 : 1+secpSize])
	if x.Cmp(field) >= 0 {
		return Public{}, bad
	}
	square := new(big.Int).Exp(x, big.NewInt(3), field) // y² = x³ + 7
	square.Mod(square.Add(square, big.NewInt(7)), field)
	var y *big.Int
	if compressed {
		if y = new(big.Int).ModSqrt(square, field); y == nil {
			return Public{}, bad
		}
		if y.Bit(0) != uint(raw[0]&1) {
			y.Sub(field, y)
		}
	} else if y = new(big.Int).SetBytes(raw[1+secpSize:]); y.Cmp(field) >= 0 || new(big.Int).Exp(y, big.NewInt(2), field).Cmp(square) != 0 {
		return Public{}, bad
	}
	k := secpPublic{4}
	x.FillBytes(k[1 : 1+secpSize])
	y.FillBytes(k[1+secpSize:])
	return Public{Secp256k1, k}, nil
}

// Secp256k1 returns a key on that curve as an uncompressed point of 65 bytes,
// nil for keys of other types.
func (p Public) Secp256k1() []byte {
	k, ok := p.key.(secpPublic)
	if !ok {
		return nil
	}
	return k[:]
}
