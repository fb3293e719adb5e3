package wallet

import (
	"fmt"
	"testing"
	"time"
)

// lowWork makes opening a wallet cheap in tests.
const lowWork = 4

const passphrase = "fire hester i regn"

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func create(t testing.TB, store Store) (*Wallet, []string) {
	t.Helper()
	w, words, err := Create(t.Context(), CreateRequest{Store: store, Passphrase: []byte(passphrase), Now: clock, PassphraseWork: lowWork})
	if err != nil {
		t.Fatal(err)
	}
	return w, words
}

func open(t testing.TB, store Store) *Wallet {
	t.Helper()
	w, err := Open(t.Context(), OpenRequest{Store: store, Passphrase: []byte(passphrase), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// badge is a credential as far as a wallet looks at it. That it is not signed
// is for a verifier to say.
func badge(name, subject string) []byte {
	return fmt.Appendf(nil, `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","OpenBadgeCredential"],
 "issuer":{"id":"did:web:kurs.example","name":"Høgskulen på Ål"},  "validFrom":"2026-01-01T00:00:00Z",
 "credentialSubject":{"id":%q,"achievement":{"name":%q,"achievementType":"Course","alignment":[{"targetName":"sveising"}]}}}`, subject, name)
}

func add(t testing.TB, w *Wallet, raw []byte) Item {
	t.Helper()
	item, added, err := w.Add(t.Context(), AddRequest{Raw: raw, Source: "test"})
	if err != nil || !added {
		t.Fatal(added, err)
	}
	return item
}
