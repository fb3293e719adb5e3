package secp256k1_test

import (
	"crypto/sha256"
	"testing"

	lib "github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"github.com/kompetansebevis/bevis/internal/secp256k1"
)

// TestVerify: the signature holds for its message and key, with either s, and
// nothing else does.
func TestVerify(t *testing.T) {
	t.Parallel()
	private, err := lib.GeneratePrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	other, err := lib.GeneratePrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	msg := []byte("a message")
	hash := sha256.Sum256(msg)
	signed := ecdsa.Sign(private, hash[:])
	r, s := signed.R(), signed.S()
	join := func(r, s lib.ModNScalar) []byte {
		a, b := r.Bytes(), s.Bytes()
		return append(a[:], b[:]...)
	}
	point := private.PubKey().SerializeUncompressed()
	sig := join(r, s)
	if !secp256k1.Verify(point, msg, sig) || !secp256k1.Verify(private.PubKey().SerializeCompressed(), msg, sig) {
		t.Fatal("the right one does not hold")
	}
	high := s
	if !secp256k1.Verify(point, msg, join(r, *high.Negate())) {
		t.Error("the other s does not hold")
	}
	var zero lib.ModNScalar
	large := make([]byte, 64)
	for i := range large {
		large[i] = 0xff
	}
	for name, c := range map[string]struct{ point, msg, sig []byte }{
		"another message": {point, []byte("another"), sig},
		"another key":     {other.PubKey().SerializeUncompressed(), msg, sig},
		"no key":          {nil, msg, sig},
		"r of zero":       {point, msg, join(zero, s)},
		"s of zero":       {point, msg, join(r, zero)},
		"both too large":  {point, msg, large},
		"short":           {point, msg, sig[:63]},
		"long":            {point, msg, append(sig[:64:64], 0)},
		"nothing":         {point, msg, nil},
		"turned round":    {point, msg, join(s, r)},
	} {
		if secp256k1.Verify(c.point, c.msg, c.sig) {
			t.Errorf("%s holds", name)
		}
	}
}
