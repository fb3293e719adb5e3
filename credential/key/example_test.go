package key_test

import (
	"context"
	"fmt"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

func ExampleParseMultikey() {
	public, err := key.ParseMultikey("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(public.Type())
	fmt.Println(string(public.JWK()))
	// Output:
	// Ed25519
	// {"crv":"Ed25519","kty":"OKP","x":"Lm_M42cB3HkUiODQsXRcweM6TByfzEHGO9ND274JcOY"}
}

func ExampleParseJWK() {
	v, err := strictjson.ParseObject([]byte(`{"kty":"OKP","crv":"Ed25519","x":"Lm_M42cB3HkUiODQsXRcweM6TByfzEHGO9ND274JcOY","use":"enc"}`), strictjson.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	jwk, err := key.ParseJWK(v)
	fmt.Println(jwk.Public.Type(), jwk.ForSignatures(), err)
	// Output: Ed25519 false <nil>
}

func ExamplePrivate_Signer() {
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		fmt.Println(err)
		return
	}
	signer := private.Signer("did:web:kurs.example#key-1")
	sig, err := signer.Sign(context.Background(), []byte("a message"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(signer.ID(), private.Public().Verify([]byte("a message"), sig))
	fmt.Println(private.Public().Verify([]byte("another"), sig))
	fmt.Println(private)
	// Output:
	// did:web:kurs.example#key-1 <nil>
	// the signature does not match
	// private Ed25519 key
}
