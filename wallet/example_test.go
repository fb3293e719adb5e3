package wallet_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
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

// What is shared is made for one receiver and stands in the log.
func ExampleWallet_Share() {
	if err := share(context.Background(), time.Now); err != nil {
		fmt.Println(err)
	}
	// Output:
	// https://verkstedet.example was shown Sveising på sjø
	// fields: credentialSubject.achievement.name, credentialSubject.id, issuer
	// signed by my key: true, which the credential is about: true
}

func share(ctx context.Context, now func() time.Time) error {
	w, _, err := wallet.Create(ctx, wallet.CreateRequest{Store: &wallet.MemoryStore{}, Passphrase: []byte("fire hester i regn"), Now: now})
	if err != nil {
		return err
	}
	me, err := w.NewKey(ctx) // to be given to the issuer
	if err != nil {
		return err
	}
	item, _, err := w.Add(ctx, wallet.AddRequest{Source: "e-mail", Raw: fmt.Appendf(nil, `{
		"@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
		"type": ["VerifiableCredential", "OpenBadgeCredential"], "issuer": "did:web:kurs.example",
		"credentialSubject": {"type": "AchievementSubject", "id": %q, "achievement": {"type": "Achievement", "name": "Sveising på sjø"}}}`, me)})
	if err != nil {
		return err
	}
	all, err := suites.All()
	if err != nil {
		return err
	}
	suite, err := all.Suite(dataintegrity.EdDSAJCS2022)
	if err != nil {
		return err
	}
	_, logged, err := w.Share(ctx, wallet.ShareRequest{IDs: []string{item.ID}, Audience: "https://verkstedet.example",
		Purpose: "job application", Expires: now().AddDate(0, 1, 0), Suite: suite}) // the first result is what to send
	if err != nil {
		return err
	}
	fmt.Println(logged.Audience, "was shown", strings.Join(logged.Titles, ", "))
	fmt.Println("fields:", strings.Join(logged.Fields, ", "))
	fmt.Printf("signed by my key: %v, which the credential is about: %v\n", logged.Holder == me, logged.Bound)
	return nil
}
