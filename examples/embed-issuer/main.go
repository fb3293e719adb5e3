// Command embed-issuer issues a badge from a provider's own program, and
// prints it.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
)

func main() {
	private, err := key.Generate(key.Ed25519) // keep yours: Private.MarshalPEM, key.ParsePEM
	check(err)
	id, method, err := did.KeyID(private.Public()) // or did:web:your.domain, which outlives a key
	check(err)
	all, err := suites.All()
	check(err)
	suite, err := all.Suite(dataintegrity.EdDSARDFC2022)
	check(err)
	i, err := issuer.New(issuer.Config{
		Profile: openbadge.Profile{ID: id, Name: "Kursstedet"},
		Signer:  private.Signer(method),
		Suite:   suite,
		Ledger:  issuer.NewMemoryLedger(), // sqlite.Open(ctx, "ledger.db") remembers
		Now:     time.Now,
	})
	check(err)
	issued, err := i.Issue(context.Background(), issuer.Award{
		Achievement: openbadge.Achievement{
			ID: "https://kursstedet.example/sveising", Name: "Grunnkurs i sveising", Description: "Lysbuesveising, 40 timer.",
			AchievementType: "Course", Criteria: &openbadge.Criteria{Narrative: "Bestått praktisk prøve."},
		},
		Recipient: issuer.Recipient{Email: "kari@example.com"}, // goes in as a salted hash
	})
	check(err)
	_, err = fmt.Fprintln(os.Stdout, string(issued.Credential))
	check(err)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
