package key

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/binary"
	"strings"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/reason"
)

// Codes of the multicodec table for public keys.
const (
	codecEd25519 = 0xed
	codecX25519  = 0xec
	codecP256    = 0x1200
	codecP384    = 0x1201
	codecP521    = 0x1202
	codecBLS     = 0xeb // BLS12-381 G2
	codecSecp    = 0xe7 // secp256k1
)

const longestMultikey = 144 // characters, with room for BLS12-381 G2

// Multikey returns the key as publicKeyMultibase writes it (Controlled
// Identifiers 1.0 section 2.2.2). RSA keys have no such form here.
func (p Public) Multikey() (string, error) {
	var codec uint64
	var raw []byte
	switch k := p.key.(type) {
	case ed25519.PublicKey:
		codec, raw = codecEd25519, k
	case *ecdsa.PublicKey:
		codec = codecP256
		switch p.typ {
		case P384:
			codec = codecP384
		case P521:
			codec = codecP521
		}
		point, err := k.Bytes()
		if err != nil {
			return "", reason.New("key_invalid/point", "", "the point is not on the curve")
		}
		size := (len(point) - 1) / 2
		raw = append([]byte{2 | point[2*size]&1}, point[1:1+size]...)
	case secpPublic:
		codec, raw = codecSecp, append([]byte{2 | k[secpBytes-1]&1}, k[1:1+secpSize]...)
	case blsPublic:
		codec, raw = codecBLS, k[:]
	default:
		return "", reason.New("key_invalid/type", "", "%s keys have no Multikey form", p.typ)
	}
	return multibase.Encode(multibase.Base58BTC, append(binary.AppendUvarint(nil, codec), raw...))
}

// ParseMultikey reads a key in base58btc: the prefix z, the code of the type
// as a minimal varint, and exactly as many bytes as the type has. Errors are
// key_invalid.
func ParseMultikey(s string) (Public, error) {
	if len(s) > longestMultikey || !strings.HasPrefix(s, "z") {
		return Public{}, reason.New("key_invalid/multikey", "", "not a key in base58btc")
	}
	_, raw, err := multibase.Decode(s)
	if err != nil {
		return Public{}, reason.New("key_invalid/multikey", "", "not a key in base58btc")
	}
	codec, n := binary.Uvarint(raw) // n is no length where there is no end, or too much
	if n != len(binary.AppendUvarint(nil, codec)) {
		return Public{}, reason.New("key_invalid/multikey", "", "the code of the key's type is not a minimal varint")
	}
	raw = raw[n:]
	switch codec {
	case codecEd25519:
		return fromEd25519(raw)
	case codecP256:
		return fromCompressed(P256, raw)
	case codecP384:
		return fromCompressed(P384, raw)
	case codecP521:
		return fromCompressed(P521, raw)
	case codecBLS:
		return FromBLS12381G2(raw)
	case codecSecp:
		return fromCompressedSecp256k1(raw)
	case codecX25519:
		return Public{}, reason.New("key_invalid/not-a-signing-key", "", "an X25519 key agrees on secrets and signs nothing")
	}
	return Public{}, reason.New("key_invalid/type", "", "keys of multicodec 0x%x are not accepted", codec)
}

// ParseBase58Secp256k1 reads a bare compressed point on secp256k1 in base58btc,
// as publicKeyBase58 of an EcdsaSecp256k1VerificationKey2019 has it.
func ParseBase58Secp256k1(s string) (Public, error) {
	if len(s) > longestMultikey {
		return Public{}, reason.New("key_invalid/multikey", "", "not a key in base58btc")
	}
	_, raw, err := multibase.Decode("z" + s)
	if err != nil {
		return Public{}, reason.New("key_invalid/multikey", "", "not a key in base58btc")
	}
	return fromCompressedSecp256k1(raw)
}

// ParseBase58Ed25519 reads a bare Ed25519 key in base58btc, without multibase
// prefix and type code, as the older publicKeyBase58 has it.
func ParseBase58Ed25519(s string) (Public, error) {
	if len(s) > longestMultikey {
		return Public{}, reason.New("key_invalid/multikey", "", "not a key in base58btc")
	}
	_, raw, err := multibase.Decode("z" + s)
	if err != nil {
		return Public{}, reason.New("key_invalid/multikey", "", "not a key in base58btc")
	}
	return fromEd25519(raw)
}
