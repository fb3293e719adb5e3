package exchangefile_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/exchangefile"
	"github.com/kompetansebevis/bevis/wallet"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// TestTransactionLog: the log in the words of Technical Specification 10, by its
// member names, in the order of time, and with no value of any credential.
func TestTransactionLog(t *testing.T) {
	t.Parallel()
	shares := []wallet.Share{
		{ID: "aaa", At: noon, Audience: "https://firma.example", Purpose: "søknad", Titles: []string{"Kanarisveising"}, Credentials: []string{"k3v"}, Holder: "did:key:z6MkKanari",
			Fields: []string{"credentialSubject.id"}, Parts: []wallet.SharePart{{Credential: "k3v", Type: "OpenBadgeCredential", Fields: []string{"credentialSubject.id"}}, {Credential: "m2q", Fields: []string{"id"}}},
			DeletionRequested: []time.Time{noon.Add(3 * time.Hour), noon.Add(4 * time.Hour)}, Withdrawn: noon.Add(2 * time.Hour),
			Link: &wallet.ShareLink{Where: "https://kanari.example/", Recipient: "age1kanari", Body: "kanari"}},
		{ID: "bbb", At: noon.Add(time.Hour), Audience: "Firma AS", Titles: []string{"Kanari"}, Credentials: []string{"k3v", "m2q"}, Fields: []string{"issuer.id", "name"}}, // of an earlier version
	}
	log := exchangefile.TransactionLog(shares)
	var got []string
	for _, one := range log {
		got = append(got, one.ID+" "+one.Time+" "+one.Type+" "+one.Result)
		if kinds := [3]bool{one.Presentation != nil, one.Deletion != nil, one.Other != nil}; kinds != [3]bool{one.Type == "Presentation", one.Type == "DataDeletionRequest", one.Type == "OtherTransaction"} {
			t.Errorf("%s has the members of another kind", one.ID)
		}
	}
	want := []string{
		"aaa 2026-06-01T12:00:00 Presentation Completed", "bbb 2026-06-01T13:00:00 Presentation Completed", "aaa-revocation 2026-06-01T14:00:00 OtherTransaction Completed",
		"aaa-deletion-1 2026-06-01T15:00:00 DataDeletionRequest Completed", "aaa-deletion-2 2026-06-01T16:00:00 DataDeletionRequest Completed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	text, err := json.MarshalIndent(log, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ToLower(string(text)), "kanari") {
		t.Errorf("a value is in it:\n%s", text)
	}
	compact, err := json.Marshal(log[0])
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"presentation":{"interactingPartyIdentifier":{"identifier":"https://firma.example"},"interactingPartyName":{"lang":"und","content":"https://firma.example"},` +
		`"interactingPartyType":"ServiceProvider","interactingPartyContact":["https://firma.example"],"isIntermediary":false,"purpose":[{"lang":"und","content":"søknad"}],` +
		`"listOfClaimsRequested":[],"listOfClaimsPresented":[{"credentialIdentifier":"OpenBadgeCredential","claims":["credentialSubject.id"]},{"credentialIdentifier":"m2q","claims":["id"]}]},` +
		`"transactionIdentifier":"aaa","time":"2026-06-01T12:00:00","transactionType":"Presentation","transactionResult":"Completed"}`; string(compact) != want {
		t.Errorf("%s", compact)
	}
	if p := log[1].Presentation; len(p.Contact) != 0 || len(p.Purpose) != 0 || len(p.Presented) != 2 || !slices.Equal(p.Presented[1].Claims, []string{"issuer.id", "name"}) || p.Presented[1].Credential != "m2q" {
		t.Errorf("%+v", p)
	}
	if empty, err := json.Marshal(exchangefile.TransactionLog(nil)); err != nil || string(empty) != "[]" {
		t.Errorf("%s, %v", empty, err)
	}
}
