package status_test

import (
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

func TestClaimed(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 6, 1, hour, 0, 0, 0, time.UTC) }
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	list, err := status.NewTokenList(1, 8)
	if err != nil {
		t.Fatal(err)
	}
	token, err := status.ListTokenRequest{URL: "https://kurs.example/1", List: list, Created: at(1), Expires: at(9), MaxAge: time.Hour}.Sign(t.Context(), private.Signer("did:web:kurs.example#key-1"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]status.ClaimedTimes{
		`{"validFrom":"2026-06-01T01:00:00Z","validUntil":"2026-06-01T09:00:00Z"}`:                                           {Made: at(1), Until: at(9)},
		`{"issuanceDate":"2026-06-01T01:00:00Z","expirationDate":"2026-06-01T09:00:00Z"}`:                                    {Made: at(1), Until: at(9)},
		`{"validFrom":"2026-06-01T01:00:00Z","proof":[{"created":"2026-06-01T02:00:00Z"},{}]}`:                               {Made: at(2)},
		`{"validFrom":"2026-06-01T03:00:00Z","proof":{"created":"2026-06-01T02:00:00Z"},"credentialSubject":{"ttl":300000}}`: {Made: at(3), Life: 5 * time.Minute},
		`{"validFrom":"yesterday","credentialSubject":{"ttl":-1}}`:                                                           {},
		`{"revokedCredential":[]}`: {},
		`<html>`:                   {},
		`eyJ`:                      {},
		``:                         {},
		string(token):              {Made: at(1), Until: at(9), Life: time.Hour},
	} {
		if got := status.Claimed([]byte(text)); !got.Made.Equal(want.Made) || !got.Until.Equal(want.Until) || got.Life != want.Life {
			t.Errorf("%s: %+v", text, got)
		}
	}
	dcc := status.Claimed(testcorpus.Read(t, "dcc/statusLists/didkey-ed25519Signature2020/e5WK8CbZ1GjycuPombrj"))
	if dcc.Made.Format(time.DateOnly) != "2025-01-09" || !dcc.Until.IsZero() {
		t.Errorf("%+v", dcc)
	}
}

// FuzzClaimed: what a list says of its age never makes it younger than it can
// be written, and never lets a copy live for ever.
func FuzzClaimed(f *testing.F) {
	f.Add([]byte(`{"validFrom":"2026-06-01T03:00:00Z","proof":{"created":"2026-06-01T02:00:00Z"},"credentialSubject":{"ttl":300000}}`))
	f.Add([]byte(`{"credentialSubject":[{"ttl":1e300}]}`))
	f.Add([]byte(`eyJhbGciOiJFUzI1NiJ9.eyJpYXQiOjEsImV4cCI6MiwidHRsIjozfQ.AA`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := status.Claimed(raw)
		if c.Life < 0 || c.Life > 101*365*24*time.Hour || c.Made.Year() > 10000 {
			t.Errorf("%+v", c)
		}
	})
}
