// Command signer-pkcs11 signs for bevis with a key in a hardware security module
// or another token that speaks PKCS #11. It is a module of its own, since it
// needs cgo and bevis does not.
//
//	bevis issuer init --name Kursstedet --id did:web:kurs.example --suite ecdsa-rdfc-2019 \
//	  --signer 'signer-pkcs11 --module /usr/lib/softhsm/libsofthsm2.so --token kurs --key issuer --pin-file /etc/kurs/pin'
//
// Keys are Ed25519, P-256, P-384 and P-521. The PIN is read from a file: an
// argument would be seen by all users of the machine.
package main

import (
	"bytes"
	"context"
	"flag"
	"log"
	"os"

	"github.com/kompetansebevis/bevis/credential/key/external"
)

func main() {
	log.SetFlags(0)
	var t token
	module := flag.String("module", "", "library of the token, such as /usr/lib/softhsm/libsofthsm2.so")
	flag.StringVar(&t.label, "token", "", "label of the token")
	flag.StringVar(&t.key, "key", "", "label of the key pair")
	pinFile := flag.String("pin-file", "", "file with the PIN")
	flag.Parse()
	pin, err := os.ReadFile(*pinFile)
	if err != nil {
		log.Fatal(err)
	}
	if err := t.open(*module, string(bytes.TrimRight(pin, "\r\n"))); err != nil {
		log.Fatal(err)
	}
	err = external.Serve(context.Background(), "signer-pkcs11", &t, os.Stdin, os.Stdout)
	t.close()
	if err != nil {
		log.Fatal(err)
	}
}
