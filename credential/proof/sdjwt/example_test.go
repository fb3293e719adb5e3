package sdjwt_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// An issuer signs a badge of which the narrative and the result can be kept
// back; its holder shows the result to one receiver.
func Example() {
	ctx := context.Background()
	party := func() (key.Signer, string) {
		private, err := key.Generate(key.Ed25519)
		if err != nil {
			panic(err)
		}
		id, method, err := did.KeyID(private.Public())
		if err != nil {
			panic(err)
		}
		return private.Signer(method), id
	}
	issuer, issuerID := party()
	holder, holderID := party()
	badge := []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"` + issuerID + `",` +
		`"credentialSubject":{"id":"` + holderID + `","narrative":"a long story","result":"A"}}`)

	suite := sdjwt.DC()
	token, err := suite.Sign(ctx, badge, issuer, proof.Params{Purpose: proof.AssertionMethod,
		Disclosable: []string{"/credentialSubject/narrative", "/credentialSubject/result"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	shown, err := suite.(proof.Discloser).Disclose(ctx, token, proof.Disclosure{Pointers: []string{"/credentialSubject/result"},
		Holder: holder, Audience: "https://firma.example", Challenge: "n-1", Created: time.Now()})
	if err != nil {
		fmt.Println(err)
		return
	}

	in, err := proof.Read(shown, strictjson.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	secured, err := suite.Open(in)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range secured {
		_, err := suite.Verify(ctx, s, keys{})
		fmt.Println(s.Purpose, s.Domains, err)
	}
	subject := secured[0].Document.Get("credentialSubject")
	result, _ := subject.Get("result").Text()
	fmt.Println("result:", result, "narrative:", subject.Get("narrative").Kind())
	fmt.Println(secured[0].Disclosed, "shown,", secured[0].Withheld, "not")
	// Output:
	// assertionMethod [] <nil>
	// authentication [https://firma.example] <nil>
	// result: A narrative: nothing
	// 1 shown, 1 not
}
