package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// cached URL FILE TIME keeps a copy in the home folder, as if it had been
// fetched at that time.
func cached(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cached URL FILE TIME")
	}
	asOf := time.Now()
	if args[2] != "now" {
		var err error
		asOf, err = time.Parse(time.RFC3339, args[2])
		ts.Check(err)
	}
	c, err := fetch.NewCache(fetch.CacheConfig{Source: &fetch.Client{}, Folder: filepath.Join(ts.Getenv("BEVIS_HOME"), "cache"), Now: time.Now})
	ts.Check(err)
	ts.Check(c.Put(args[0], []byte(ts.ReadFile(args[1])), asOf))
}

// statuses writes what a school has issued that has had three keys: the first
// it retired on 5 June 2026, the second was stolen and revoked on 7 June. And
// credentials with every kind of status, with the lists that they name.
func statuses(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	june := func(day int) time.Time { return time.Date(2026, 6, day, 12, 0, 0, 0, time.UTC) }
	w := bevistest.NewWorld(t, june(1))
	until := func(day int) { w.Advance(june(day).Sub(w.Now())) }
	write := func(name string, raw []byte) {
		if err := os.WriteFile(filepath.Join(folder, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	school := w.Issuer("skule.example", "Skulen")
	w.Trust(school.ID())
	write("retired.json", school.Badge("did:example:kari"))
	first := school.Signer()
	until(5)
	school.Rotate()
	write("stolen.json", school.Badge("did:example:kari"))
	until(6)
	write("old-did.json", w.Served(school.KeysURL()))
	write("late.json", signedBy(t, w, first, strings.Replace(plainBadge, "ISSUER", school.ID(), 1)))
	until(7)
	school.Compromise()
	until(8)
	write("badge.json", school.Badge("did:example:kari"))
	revoked := school.Badge("did:example:ola")
	school.Revoke(revoked, "a private reason")
	write("revoked.json", revoked)
	school.Publish()
	write("did.json", w.Served(school.KeysURL()))
	write("revocation-1.json", w.Served(school.ListURL(status.Revocation)))
	write("suspension-1.json", w.Served(school.ListURL(status.Suspension)))

	of := func(name string, contexts []string, entry *credential.Value) {
		d := credential.Draft{Contexts: contexts, ID: "urn:uuid:7be1f0f3-cb53-462e-a1f7-e1d5b1e76f5e", Name: "Kurs", Issuer: strictjson.String(school.ID()), ValidFrom: june(1),
			Subject: strictjson.Object(strictjson.Member{Name: "id", Value: strictjson.String("did:example:kari")}), Status: []*credential.Value{entry}}
		c, err := d.Build()
		if err != nil {
			t.Fatal(err)
		}
		write(name+".json", school.Sign(dataintegrity.EdDSARDFC2022, c.Raw(), proof.Params{}))
		write(name+"-no-id.json", school.Sign(dataintegrity.EdDSARDFC2022, []byte(strings.Replace(string(c.Raw()), `"id":"urn:uuid:7be1f0f3-cb53-462e-a1f7-e1d5b1e76f5e",`, "", 1)), proof.Params{}))
	}
	named := func(address, kind string) *credential.Value {
		return strictjson.Object(strictjson.Member{Name: "id", Value: strictjson.String(address)}, strictjson.Member{Name: "type", Value: strictjson.String(kind)})
	}
	of("named", []string{openbadge.Context, openbadge.ContextExtensions}, named("https://skule.example/revocations", "1EdTechRevocationList"))
	of("elsewhere", []string{openbadge.Context, openbadge.ContextExtensions}, named("https://host.example/revocations", "1EdTechRevocationList"))
	of("unknown", nil, named("https://skule.example/x", "https://skule.example/terms#Status"))
	for _, purpose := range []string{"revocation", "refresh", "message", "withdrawal"} {
		address := "https://skule.example/lists/" + purpose
		of(purpose, nil, status.Entry{ID: address + "#5", ListURL: address, Purpose: purpose, Index: 5, Size: 1, Messages: []string{"nothing", "decided 2 June"}}.Value())
		bits, err := status.NewList(status.MinEntries)
		if err == nil {
			err = bits.Set(5, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		draft, err := status.Draft(address, purpose, strictjson.String(school.ID()), bits, june(8), june(30))
		if err != nil {
			t.Fatal(err)
		}
		c, err := draft.Build()
		if err != nil {
			t.Fatal(err)
		}
		write(purpose+"-list.json", school.Sign(dataintegrity.EdDSARDFC2022, c.Raw(), proof.Params{}))
	}
	return folder
}

const plainBadge = `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:uuid:5f0c0e9e-1111-4222-8333-0a0b0c0d0e0f","type":["VerifiableCredential"],` +
	`"issuer":"ISSUER","validFrom":"2026-06-01T12:00:00Z","credentialSubject":{"id":"did:example:kari"}}`

func signedBy(t *testing.T, w *bevistest.World, signer key.Signer, document string) []byte {
	t.Helper()
	s, err := w.Suites().Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := s.Sign(t.Context(), []byte(document), signer, proof.Params{Purpose: proof.AssertionMethod, Created: w.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
