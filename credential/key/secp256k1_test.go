package key_test

import (
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// TestSecp256k1 reads the example of the did:key method, whose JWK is printed
// beside it there, and writes it again in each form.
func TestSecp256k1(t *testing.T) {
	t.Parallel()
	const (
		multikey = "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"
		jwk      = `{"crv":"secp256k1","kty":"EC","x":"h0wVx_2iDlOcblulc8E5iEw1EYh5n1RYtLQfeSTyNc0","y":"O2EATIGbu6DezKFptj5scAIRntgfecanVNXxat1rnwE"}`
	)
	fromMultikey, err := key.ParseMultikey(multikey)
	if err != nil {
		t.Fatal(err)
	}
	fromJWK, err := key.ParseJWK(parse(t, jwk))
	if err != nil || !fromJWK.ForSignatures() || !fromJWK.Public.Equal(fromMultikey) {
		t.Fatal(err)
	}
	if string(fromMultikey.JWK()) != jwk || len(fromMultikey.Secp256k1()) != 65 || fromMultikey.Type().String() != "secp256k1" {
		t.Errorf("%s", fromMultikey.JWK())
	}
	if again, err := fromJWK.Public.Multikey(); again != multikey || err != nil {
		t.Error(again, err)
	}
	// Nothing verifies with it but the suites that are for it.
	if err := fromMultikey.Verify([]byte("x"), make([]byte, 64)); reason.CodeOf(err) != reason.BadSignature {
		t.Error(err)
	}
	if (key.Public{}).Secp256k1() != nil {
		t.Error("no key has a point")
	}
	// One coordinate changed, and the point is off the curve.
	if _, err := key.ParseJWK(parse(t, strings.Replace(jwk, "O2EA", "O2EB", 1))); reason.CodeOf(err) != "key_invalid/point" {
		t.Error(err)
	}
	base58, err := key.ParseBase58Secp256k1("rwuWNdKQqe8KcoWriHTYEtvzctHMaYXGkJvjktJt5pxC")
	if err != nil || base58.Type() != key.Secp256k1 {
		t.Error(err)
	}
	if _, err := key.ParseBase58Secp256k1("0"); reason.CodeOf(err) != "key_invalid/multikey" {
		t.Error(err)
	}
}
