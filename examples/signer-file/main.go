// Command signer-file signs for bevis with a key in a file. A program in front of
// a key service is as short: put its client in the place of the key.
//
//	bevis issuer init --name Kursstedet --id did:web:kurs.example --signer 'signer-file /etc/kurs/key.pem'
package main

import (
	"context"
	"log"
	"os"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/external"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: signer-file FILE")
	}
	pem, err := os.ReadFile(os.Args[1])
	check(err)
	private, err := key.ParsePEM(pem)
	check(err)
	check(external.Serve(context.Background(), "signer-file", private.Signer(""), os.Stdin, os.Stdout))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
