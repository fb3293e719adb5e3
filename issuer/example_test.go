package issuer_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
)

// A provider issues a badge when a course is completed, takes it back, and
// publishes what others need in order to verify.
func Example() {
	if err := issueOne(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// the same again: true
	// status: [revocation]
	// .well-known/did.json https://kurs.example/.well-known/did.json
	// profile.json
	// status/revocation-1.json https://kurs.example/status/revocation-1.json
	// status/revocation-1.jwt https://kurs.example/status/revocation-1.jwt
	// status/suspension-1.json https://kurs.example/status/suspension-1.json
	// status/token-1.jwt https://kurs.example/status/token-1.jwt
}

func issueOne(ctx context.Context) error {
	private, err := key.Generate(key.Ed25519) // once, then from a file: see MarshalPEM
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
		Profile:    openbadge.Profile{ID: "did:web:kurs.example", Name: "Kursstedet"},
		Signer:     private.Signer("did:web:kurs.example#key-1"),
		Suite:      suite,
		Ledger:     issuer.NewMemoryLedger(), // or issuer/ledger/sqlite
		StatusBase: "https://kurs.example/status/",
		Now:        time.Now,
	})
	if err != nil {
		return err
	}

	award := issuer.Award{
		Achievement: openbadge.Achievement{
			ID: "https://kurs.example/a/ml", Name: "Maskinlæring", Description: "Kurs på 7,5 studiepoeng.",
			Criteria: &openbadge.Criteria{Narrative: "Bestått eksamen."},
		},
		Recipient:      issuer.Recipient{ID: "did:key:z6MksA6PjXfg74xovXnN6ZW7yUBHVZmzNXFaHY5osrDXLV1B"},
		IdempotencyKey: "enrolment-17",
	}
	issued, err := i.Issue(ctx, award)
	if err != nil {
		return err
	}
	retried, err := i.Issue(ctx, award)
	if err != nil {
		return err
	}
	fmt.Println("the same again:", retried.Again && retried.ID == issued.ID)

	if err := i.Revoke(ctx, issued.ID, "issued by mistake", "kari"); err != nil {
		return err
	}
	set, err := i.Status(ctx, issued.ID)
	if err != nil {
		return err
	}
	fmt.Println("status:", set)
	files, err := i.Publish(ctx)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.URL == "" {
			fmt.Println(f.Path)
			continue
		}
		fmt.Println(f.Path, f.URL)
	}
	return nil
}
