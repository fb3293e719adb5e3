package secp256k1

import (
	"crypto/sha256"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// SignatureBytes is the length of a signature: r and s, one behind the other.
const SignatureBytes = 64

// Verify reports whether sig, r||s, is a signature over the SHA-256 of msg by
// the key, a point as key.Public.Secp256k1 has it. Both signatures that ECDSA
// has for one nonce hold, as with the other curves here.
func Verify(point, msg, sig []byte) bool {
	if len(sig) != SignatureBytes {
		return false
	}
	public, err := secp256k1.ParsePubKey(point)
	if err != nil {
		return false
	}
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(sig[:SignatureBytes/2]) || s.SetByteSlice(sig[SignatureBytes/2:]) || r.IsZero() || s.IsZero() {
		return false
	}
	hash := sha256.Sum256(msg)
	return ecdsa.NewSignature(&r, &s).Verify(hash[:], public)
}
