package did_test

import (
	"context"
	"fmt"

	"github.com/kompetansebevis/bevis/credential/did"
)

func ExampleMux() {
	resolver := did.Mux{"key": did.Key{}, "jwk": did.JWK{}}
	doc, err := resolver.Resolve(context.Background(), "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, ok := doc.Method(doc.AssertionMethod[0])
	fmt.Println(m.Public.Type(), ok)
	_, err = resolver.Resolve(context.Background(), "did:web:kurs.example")
	fmt.Println(err)
	// Output:
	// Ed25519 true
	// did:web:kurs.example: the DID method "web" is not one that is resolved here
}

func ExampleWebURL() {
	for _, id := range []string{"did:web:kurs.example", "did:web:kurs.example%3A8443:avdeling:1", "did:web:kurs.example:.."} {
		fmt.Println(did.WebURL(id))
	}
	// Output:
	// https://kurs.example/.well-known/did.json <nil>
	// https://kurs.example:8443/avdeling/1/did.json <nil>
	//  did:web:kurs.example:..: not a did:web: a part of the path is empty or leads elsewhere
}
