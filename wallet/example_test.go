package wallet_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/wallet"
)

// A wallet is made once; the words are shown to its owner and kept nowhere.
func Example() {
	ctx := context.Background()
	store := &wallet.MemoryStore{} // NewFileStore("kari.bevis") keeps it
	w, words, err := wallet.Create(ctx, wallet.CreateRequest{Store: store, Passphrase: []byte("fire hester i regn"), Now: time.Now})
	if err != nil {
		fmt.Println(err)
		return
	}
	item, _, err := w.Add(ctx, wallet.AddRequest{Source: "e-mail", Raw: []byte(`{
		"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
		"issuer": "did:web:kurs.example", "name": "Sveising på sjø", "credentialSubject": {"id": "did:example:kari"}}`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(words), "words,", item.Title, "and", len(w.Search("SJOE")), "found")
	// Output: 24 words, Sveising på sjø and 1 found
}
