package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/charter"
	"github.com/kompetansebevis/bevis/catalogue/publication"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

func appAt(t *testing.T, home string, now time.Time) *app.App {
	t.Helper()
	a, err := app.New(app.Config{Home: home, Now: func() time.Time { return now }, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var promises = charter.Charter{Commitments: charter.Commitments{Staff: "a", Material: "b", Services: "c"}}

// school is a provider with a key of its own and a charter of a year.
func school(t *testing.T, kt key.Type, suite string) (home string, a *app.App, setup app.IssuerSetup) {
	t.Helper()
	home = t.TempDir()
	a = appAt(t, home, noon)
	setup, err := a.IssuerInit(t.Context(), app.IssuerSetup{Name: "Skolen", Suite: suite}, kt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.CharterSign(t.Context(), promises); err != nil {
		t.Fatal(err)
	}
	return home, a, setup
}

func input(text string) []app.Input { return []app.Input{{Name: "in", Raw: []byte(text)}} }

func publish(t *testing.T, a *app.App, table string) []byte {
	t.Helper()
	done, err := a.Publish(t.Context(), app.PublishRequest{Inputs: input(table)})
	if err != nil {
		t.Fatal(err)
	}
	return done.Raw
}

// TestPublishAndImport goes through the life of a publication, as the clock of
// whoever takes it in goes on.
func TestPublishAndImport(t *testing.T) {
	t.Parallel()
	for _, form := range []struct {
		key   key.Type
		suite string
	}{{key.Ed25519, "eddsa-rdfc-2022"}, {key.Ed25519, "eddsa-jcs-2022"}, {key.P256, "vc+jwt"}, {key.P256, "ob3-jwt"}, {key.P256, "ecdsa-rdfc-2019"}, {key.P256, "ecdsa-sd-2023"}, {key.Ed25519, "dc+sd-jwt"}} {
		_, a, setup := school(t, form.key, form.suite)
		file := publish(t, a, "kode;tittel\nx;Kurs X\ny;Kurs Y\n")
		newer := publish(t, a, "kode;tittel\nx;Kurs X\n") // in the same second, and yet after it
		home := t.TempDir()
		folder := filepath.Join(home, "catalogue")
		take := func(at time.Time, raw []byte) (app.Imported, error) {
			t.Helper()
			done, err := appAt(t, home, at).CatalogueImport(t.Context(), []app.Input{{Name: "in", Raw: raw}}, app.ImportOptions{Folder: folder})
			if len(done) == 0 {
				return app.Imported{}, err
			}
			return done[0], err
		}
		unsigned := []byte(fmt.Sprintf(`{"provider":{"id":%q,"name":{"nb":"Skolen"}}}`+"\n"+`{"offer":{"id":"z","provider":%q,"title":{"nb":"Falsk"}}}`, setup.ID, setup.ID))
		for n, c := range []struct {
			at      time.Time
			raw     []byte
			code    reason.Code
			changes catalogue.Changes
			broken  int
		}{
			{noon.Add(-time.Hour), file, reason.NotYetValid, catalogue.Changes{}, 0},
			{noon.AddDate(1, 0, 1), file, reason.Expired, catalogue.Changes{}, 0},
			{noon, file, "", catalogue.Changes{Added: 2}, 0},
			{noon, unsigned, "", catalogue.Changes{}, 1},
			{noon, newer, "", catalogue.Changes{Same: 1, Removed: 1}, 0},
			{noon, file, "publication_refused/older", catalogue.Changes{}, 0},
			// When it has ended, anybody's word is as good; the old one still does not come back.
			{noon.AddDate(1, 0, 1), unsigned, "", catalogue.Changes{Added: 1}, 0},
			{noon, file, "publication_refused/older", catalogue.Changes{}, 0},
			{noon, newer, "", catalogue.Changes{Same: 1, Removed: 1}, 0},
		} {
			done, err := take(c.at, c.raw)
			got := catalogue.Changes{}
			if done.Changes != nil {
				got = *done.Changes
			}
			if reason.CodeOf(err) != c.code || got != c.changes || done.Broken != c.broken {
				t.Errorf("%s, step %d: %+v, %d broken, %v", form.suite, n, got, done.Broken, err)
			}
		}
	}
}

// TestCharterOfAnother: a publication needs the charter of who signs it.
func TestCharterOfAnother(t *testing.T) {
	t.Parallel()
	_, a, setup := school(t, key.Ed25519, "eddsa-rdfc-2022")
	otherHome, _, _ := school(t, key.Ed25519, "eddsa-rdfc-2022")
	foreign, err := os.ReadFile(filepath.Join(otherHome, "issuer", "charter.json"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile(a.CharterPath())
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(filepath.Join(filepath.Dir(a.CharterPath()), "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.ParsePEM(pem)
	if err != nil {
		t.Fatal(err)
	}
	whole := promises
	whole.Provider, whole.Name, whole.From, whole.Until = setup.ID, setup.Name, noon, noon.AddDate(0, 1, 0)
	unsigned, err := whole.Credential()
	if err != nil {
		t.Fatal(err)
	}
	suite, err := a.Suites().Suite("eddsa-rdfc-2022")
	if err != nil {
		t.Fatal(err)
	}
	entry := status.Entry{ID: "https://tracker.example/1#4", ListURL: "https://tracker.example/1", Purpose: status.Revocation, Index: 4}
	calling, err := suite.Sign(t.Context(), unsigned.Document().With("credentialStatus", entry.Value()).AppendJSON(nil), private.Signer(setup.Method), proof.Params{Purpose: proof.AssertionMethod, Created: noon})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		charter string
		credits string
		code    reason.Code
	}{
		"one that calls":      {string(calling), "", "status_unavailable/offline"},
		"its own":             {string(own), "", ""},
		"another's":           {string(foreign), "", reason.UntrustedIssuer},
		"changed":             {strings.Replace(string(own), `"narrative":"a"`, `"narrative":"A"`, 1), "", reason.BadSignature},
		"no credential":       {"I promise", "", reason.MalformedJSON},
		"credits for nothing": {string(own), "ECTS", "publication_refused/accreditation"},
	} {
		p := publication.Publication{Provider: catalogue.Provider{ID: setup.ID, Name: catalogue.Texts{"nb": "S"}, Charter: c.charter}, Issued: noon, Until: noon.AddDate(0, 1, 0)}
		p.Offers = []catalogue.Offer{{ID: "x", Provider: setup.ID, Title: catalogue.Texts{"nb": "X"}}}
		if c.credits != "" {
			p.Offers[0].Credits = &catalogue.Credits{Value: 5, Scheme: c.credits}
		}
		raw, err := p.Sign(t.Context(), private.Signer(setup.Method))
		if err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		b, err := app.New(app.Config{Home: t.TempDir(), Now: func() time.Time { return noon }}) // which would call if it were to
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.CatalogueImport(t.Context(), []app.Input{{Name: "in", Raw: raw}}, app.ImportOptions{Folder: folder})
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if _, kept := os.Stat(filepath.Join(folder, "offers.jsonl")); (kept == nil) != (c.code == "") {
			t.Errorf("%s: something was kept of what was refused (%v)", name, kept)
		}
	}
}

// TestCharterAges: with an old charter nothing is published.
func TestCharterAges(t *testing.T) {
	t.Parallel()
	home, _, _ := school(t, key.Ed25519, "eddsa-rdfc-2022")
	later := appAt(t, home, noon.AddDate(1, 1, 0))
	if c, _, err := later.CharterShow(t.Context()); reason.CodeOf(err) != reason.Expired {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := later.Publish(t.Context(), app.PublishRequest{Inputs: input("kode;tittel\nx;X\n")}); reason.CodeOf(err) != reason.Expired {
		t.Error(err)
	}
	if _, err := later.CharterSign(t.Context(), promises); err != nil {
		t.Fatal(err)
	}
	publish(t, later, "kode;tittel\nx;X\n")
	// A clock that was set back does not bring an older one out.
	before := appAt(t, home, noon.AddDate(1, 1, 0).Add(-time.Minute))
	done, err := before.Publish(t.Context(), app.PublishRequest{Inputs: input("kode;tittel\nx;X\n")})
	if err != nil || !done.Issued.Equal(noon.AddDate(1, 1, 0).Add(time.Second)) {
		t.Error(done.Issued, err)
	}
}

// TestRefsMoveAlong: what refers to the provider's own offers does so under its
// DID, and what refers to others stays.
func TestRefsMoveAlong(t *testing.T) {
	t.Parallel()
	home, a, setup := school(t, key.Ed25519, "eddsa-rdfc-2022")
	folder := filepath.Join(home, "catalogue")
	lines := `{"provider":{"id":"https://skole.example","name":{"nb":"Skolen AS"},"country":"NO"}}
{"provider":{"id":"https://annen.example","name":{"nb":"Annen"}}}
{"offer":{"id":"hele","provider":"https://skole.example","title":{"nb":"Hele"}}}
{"offer":{"id":"andres","provider":"https://annen.example","title":{"nb":"Andres"}}}
{"offer":{"id":"del","provider":"https://skole.example","title":{"nb":"Del"},"partOf":["https://skole.example#hele"],"requires":[{"offer":"https://annen.example#andres"},{"offer":"https://skole.example#hele"}],"link":{"checked":"2026-01-01T00:00:00Z"}}}`
	if _, err := a.CatalogueImport(t.Context(), input(lines), app.ImportOptions{Folder: folder}); err != nil {
		t.Fatal(err)
	}
	done, err := a.Publish(t.Context(), app.PublishRequest{Folder: folder, Provider: "https://skole.example"})
	if err != nil || done.Offers != 2 {
		t.Fatal(done.Offers, err)
	}
	target := filepath.Join(t.TempDir(), "catalogue")
	b := appAt(t, t.TempDir(), noon)
	if _, err := b.CatalogueImport(t.Context(), input(string(done.Raw)), app.ImportOptions{Folder: target}); err != nil {
		t.Fatal(err)
	}
	c, err := b.CatalogueOpen(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	l, err := c.Store.Get(t.Context(), catalogue.Ref(setup.ID, "del"))
	if err != nil {
		t.Fatal(err)
	}
	if l.Offer.Link != nil || l.Offer.PartOf[0] != setup.ID+"#hele" || l.Offer.Requires[0].Offer != "https://annen.example#andres" || l.Offer.Requires[1].Offer != setup.ID+"#hele" ||
		l.Provider.Country != "NO" || l.Provider.Name["nb"] != "Skolen AS" || len(l.Provider.Issuer) != 1 || !l.Provider.Signed.Declares(noon) {
		text, _ := json.Marshal(l)
		t.Errorf("%s", text)
	}
}
