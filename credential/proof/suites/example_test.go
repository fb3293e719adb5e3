package suites_test

import (
	"context"
	"fmt"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// An issuer says what always shows, and the holder chooses what else does.
func Example_showAPart() {
	show := func(ctx context.Context) error {
		set, err := suites.All()
		if err != nil {
			return err
		}
		suite, err := set.Suite("ecdsa-sd-2023")
		if err != nil {
			return err
		}
		private, err := key.Generate(key.P256)
		if err != nil {
			return err
		}
		issuer, method, err := did.KeyID(private.Public())
		if err != nil {
			return err
		}
		document := []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"` + issuer + `",` +
			`"validUntil":"2031-01-01T00:00:00Z","name":"Sveising","description":"Kurs i sveising","credentialSubject":{"id":"did:example:kari"}}`)
		base, err := suite.Sign(ctx, document, private.Signer(method), proof.Params{Purpose: proof.AssertionMethod, Mandatory: []string{"/issuer", "/validUntil"}})
		if err != nil {
			return err
		}

		holder := suite.(proof.Discloser)
		choices, err := holder.Choices(ctx, base)
		if err != nil {
			return err
		}
		for _, c := range choices {
			fmt.Println("can keep back", c.Pointer)
		}
		shown, err := holder.Disclose(ctx, base, proof.Disclosure{Pointers: []string{"/name"}})
		if err != nil {
			return err
		}
		doc, err := strictjson.ParseObject(shown, strictjson.Limits{})
		if err != nil {
			return err
		}
		for _, m := range doc.Members() {
			fmt.Println("shows", m.Name)
		}
		return nil
	}
	if err := show(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// can keep back /name
	// can keep back /description
	// can keep back /credentialSubject
	// shows @context
	// shows type
	// shows issuer
	// shows validUntil
	// shows name
	// shows proof
}
