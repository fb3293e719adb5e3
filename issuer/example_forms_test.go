package issuer_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
)

// One award in three forms by one act. They have one id and one place in the
// status list, so that a revocation hits all.
func ExampleIssuer_Issue_forms() {
	if err := issueForms(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// eddsa-rdfc-2022
	// vc+jwt
	// dc+sd-jwt
	// places: 1
}

func issueForms(ctx context.Context) error {
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		return err
	}
	all, err := suites.All()
	if err != nil {
		return err
	}
	suite, err := all.Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		return err
	}
	i, err := issuer.New(issuer.Config{
		Profile: openbadge.Profile{ID: "did:web:kurs.example", Name: "Kursstedet"}, Signer: private.Signer("did:web:kurs.example#key-1"),
		Suite: suite, Ledger: issuer.NewMemoryLedger(), StatusBase: "https://kurs.example/status/", Now: time.Now,
	})
	if err != nil {
		return err
	}
	issued, err := i.Issue(ctx, issuer.Award{
		Achievement: openbadge.Achievement{
			ID: "https://kurs.example/a/ml", Name: "Maskinlæring", Description: "Kurs på 7,5 studiepoeng.",
			Criteria: &openbadge.Criteria{Narrative: "Bestått eksamen."},
		},
		Recipient: issuer.Recipient{ID: "did:key:z6MksA6PjXfg74xovXnN6ZW7yUBHVZmzNXFaHY5osrDXLV1B"},
		Also:      []proof.Suite{jose.VC(), sdjwt.DC()},
	})
	if err != nil {
		return err
	}
	for _, form := range issued.Forms() {
		fmt.Println(form.Suite) // and form.Credential has its bytes
	}
	fmt.Println("places:", len(issued.Slots))
	return nil
}
