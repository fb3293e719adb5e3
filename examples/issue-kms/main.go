// Command issue-kms issues a badge to each student whose id stands on a line of
// its input, with a key that another program holds: one in front of a cloud's key
// service or of a hardware module (docs/signers.md, examples/signer-pkcs11).
//
//	issue-kms did:web:kurs.example signer-file key.pem < students.txt > badges.jsonl
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/kompetansebevis/bevis/credential/key/external"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: issue-kms ID PROGRAM [ARGUMENT…]")
	}
	ctx := context.Background()
	signer := must(external.Start(ctx, external.Config{Command: os.Args[2:], ID: os.Args[1] + "#key-1", Stderr: os.Stderr}))
	defer signer.Close()
	i := must(issuer.New(issuer.Config{Profile: openbadge.Profile{ID: os.Args[1], Name: "Kursstedet"}, Signer: signer,
		Suite: must(must(suites.All()).Suite(dataintegrity.EdDSARDFC2022)), Ledger: issuer.NewMemoryLedger(), Now: time.Now}))
	for students := bufio.NewScanner(os.Stdin); students.Scan(); {
		issued := must(i.Issue(ctx, issuer.Award{Recipient: issuer.Recipient{ID: students.Text()},
			Achievement: openbadge.Achievement{ID: "https://kurs.example/sveising", Name: "Sveising", Description: "Kurs", Criteria: &openbadge.Criteria{Narrative: "Bestått prøve"}}}))
		fmt.Println(string(issued.Credential))
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
