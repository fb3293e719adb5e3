package ob2

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	hostedAssertion = `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://badges.example/a/1",` +
		`"recipient":{"type":"email","hashed":true,"salt":"s","identity":"sha256$c7ef"},"issuedOn":"2019-05-01T00:00:00Z","expires":"2039-05-01T00:00:00Z",` +
		`"badge":"https://badges.example/c/1","verification":{"type":"hosted"},"narrative":"Godt gjort","image":"https://badges.example/a/1.png",` +
		`"evidence":[{"id":"_:b1","narrative":"Prosjekt","name":"Bro"},"https://verk.example/1"],"extensions:x":{"type":["Extension"]}}`
	hostedClass = `{"@context":"https://w3id.org/openbadges/v2","type":"BadgeClass","id":"https://badges.example/c/1","name":"Sveising","description":"Kurs","criteria":{"id":"https://badges.example/c/1/krav","narrative":"Prøve"},` +
		`"tags":["sveis"],"alignment":[{"targetName":"Sveise","targetUrl":"http://data.europa.eu/esco/skill/x"},{"targetName":"uten adresse"}],"issuer":"https://badges.example/i"}`
	hostedProfile = `{"@context":"https://w3id.org/openbadges/v2","type":"Profile","id":"https://badges.example/i","name":"Fagskolen","url":"https://badges.example","email":"post@badges.example","publicKey":"https://badges.example/k"}`
)

func original() Original {
	return Original{Assertion: []byte(hostedAssertion), Class: []byte(hostedClass), Profile: []byte(hostedProfile)}
}

// TestUpgrade: the new badge says all of the old one, is nobody's but of who
// signs it, and has the old one whole.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	by := openbadge.Profile{ID: "did:web:ny.example", Name: "Ny utsteder"}
	c, lost, err := Upgrade(original(), by, credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := openbadge.FromCredential(c)
	if err != nil {
		t.Fatal(err)
	}
	a := b.Subject.Achievement
	for what, pair := range map[string][2]string{
		"issuer":      {c.IssuerID(), "did:web:ny.example"},
		"creator":     {a.Creator.ID + a.Creator.Name + a.Creator.Email, "https://badges.example/iFagskolenpost@badges.example"},
		"source":      {b.Subject.Source.ID, "https://badges.example/i"},
		"name":        {a.Name, "Sveising"},
		"criteria":    {a.Criteria.ID + a.Criteria.Narrative, "https://badges.example/c/1/kravPrøve"},
		"related":     {a.Related[0].ID + a.Related[0].Type[1], "https://badges.example/c/1" + typeBadgeClass},
		"alignment":   {a.Alignment[0].TargetURL, "http://data.europa.eu/esco/skill/x"},
		"tag":         {a.Tag[0], "sveis"},
		"recipient":   {b.Subject.Identifier[0].IdentityHash + b.Subject.Identifier[0].IdentityType + b.Subject.Identifier[0].Salt, "sha256$c7efemailAddresss"},
		"narrative":   {b.Subject.Narrative, "Godt gjort"},
		"image":       {b.Subject.Image.ID, "https://badges.example/a/1.png"},
		"awardedDate": {credential.FormatTime(b.AwardedDate), "2019-05-01T00:00:00Z"},
		"evidence":    {b.Evidence[0].Narrative + b.Evidence[0].Name + b.Evidence[1].ID, "ProsjektBrohttps://verk.example/1"},
		"validUntil":  {credential.Text(c.Document().Get("validUntil")), "2039-05-01T00:00:00Z"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
	if strings.Contains(string(c.Document().Get("issuer").Raw()), "badges.example") || len(a.Alignment) != 1 {
		t.Error("the original issuer is shown as who signs")
	}
	back, err := OriginalOf(c)
	if err != nil || len(back) != 3 || string(back[0]) != hostedAssertion || string(back[1]) != hostedClass || string(back[2]) != hostedProfile {
		t.Errorf("%d documents are kept: %v", len(back), err)
	}
	for _, want := range []loss.Item{
		{Kind: loss.Dropped, From: "https://badges.example/c/1#/alignment/1", Why: "no-place", What: "uten adresse"},
		{Kind: loss.Dropped, From: "/verification", Why: "status-of-original"},
		{Kind: loss.Dropped, From: "/extensions:x", Why: "context"},
		{Kind: loss.Dropped, From: "https://badges.example/i#/publicKey", Why: "signature"},
		{Kind: loss.Assumed, To: "/credentialSubject/achievement/achievementType", Why: "required", What: "Badge"},
	} {
		found := false
		for _, item := range lost {
			found = found || item == want
		}
		if !found {
			t.Errorf("%+v is not told in %+v", want, lost)
		}
	}
	again, _, err := Upgrade(original(), by, credential.Limits{})
	if err != nil || !bytes.Equal(again.Raw(), c.Raw()) {
		t.Error("who upgrades twice gets another credential", err)
	}
	other, _, err := Upgrade(original(), openbadge.Profile{ID: "did:web:annen.example"}, credential.Limits{})
	if err != nil || credential.ID(other.Document()) == credential.ID(c.Document()) {
		t.Error("two issuers share an id", err)
	}
	// What is kept of the original cannot be another thing than its digest says.
	broken, err := credential.Parse(bytes.Replace(c.Raw(), []byte("base64,eyJAY29u"), []byte("base64,eyJAY29v"), 1), credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OriginalOf(broken); reason.CodeOf(err) != "malformed/embedded" {
		t.Error(err)
	}
}

func TestUpgradeRefuses(t *testing.T) {
	t.Parallel()
	by := openbadge.Profile{ID: "did:web:ny.example"}
	for name, c := range map[string]struct {
		o    Original
		by   openbadge.Profile
		code reason.Code
	}{
		"nobody signs":         {original(), openbadge.Profile{}, reason.Usage},
		"no class":             {Original{Assertion: []byte(hostedAssertion)}, by, "not_found/badge-class"},
		"another class":        {Original{Assertion: []byte(hostedAssertion), Class: []byte(strings.Replace(hostedClass, "/c/1\"", "/c/2\"", 1))}, by, "fetch_failed/other-document"},
		"another's profile":    {Original{Assertion: []byte(hostedAssertion), Class: []byte(hostedClass), Profile: []byte(strings.Replace(hostedProfile, "example/i\"", "example/j\"", 1))}, by, "fetch_failed/other-document"},
		"version 1":            {Original{Assertion: []byte(`{"uid":"1","recipient":{},"badge":"https://x.example","verify":{"type":"hosted"}}`)}, by, "no_credential/open-badges-1"},
		"no badge":             {Original{Assertion: []byte(`{"type":"x"}`)}, by, "wrong_type/not-a-credential"},
		"signed, no signature": {Original{Assertion: []byte(strings.Replace(hostedAssertion, `"hosted"`, `"signed"`, 1)), Class: []byte(hostedClass)}, by, "malformed/open-badges-2"},
	} {
		if _, _, err := Upgrade(c.o, c.by, credential.Limits{}); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// TestUpgradeCorpus upgrades the fixtures of 1EdTech, with the class of one for
// all; what is read is upgraded, and its original comes back byte for byte.
func TestUpgradeCorpus(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join(testcorpus.Path(t, "openbadges", "ob20"), "*.j*"))
	if err != nil {
		t.Fatal(err)
	}
	upgraded := 0
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Read(raw, credential.Limits{})
		if err != nil {
			continue
		}
		o := Original{Assertion: bytes.TrimSpace(raw), Class: []byte(`{"type":"BadgeClass","id":"` + b.ClassID + `","name":"Robotics","description":"x","issuer":"https://example.org/i"}`)}
		c, _, err := Upgrade(o, openbadge.Profile{ID: "did:web:ny.example"}, credential.Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if back, err := OriginalOf(c); err != nil || !bytes.Equal(back[0], o.Assertion) {
			t.Errorf("%s: %v", name, err)
		}
		upgraded++
	}
	if upgraded < 15 {
		t.Errorf("%d were upgraded", upgraded)
	}
	t.Logf("%d of %d files are badges that can be upgraded", upgraded, len(names))
}

func snapshot() *Snapshot {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	return &Snapshot{About: "https://badges.example/a/1", Answers: []Answer{
		{Role: RoleAssertion, Address: "https://badges.example/a/1", AskedAt: at, Status: 200, ContentType: "application/ld+json", TLS: "TLS 1.3", Content: []byte(hostedAssertion)},
		{Role: RoleClass, Address: "https://badges.example/c/1", AskedAt: at, Status: 200, Content: []byte(hostedClass)},
		{Role: RoleProfile, Address: "https://badges.example/i", AskedAt: at, Problem: "fetch_failed/status"},
	}}
}

// TestSnapshot writes what was seen and reads it back; what does not hold
// together is refused though it were signed.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	notary := strictjson.Object(strictjson.Member{Name: "id", Value: strictjson.String("did:web:notar.example")})
	c, err := snapshot().Credential(notary, "x")
	if err != nil {
		t.Fatal(err)
	}
	seen, err := ReadSnapshot(c, credential.Limits{})
	if err != nil || seen.About != "https://badges.example/a/1" || string(seen.Get(RoleClass)) != hostedClass || seen.Answers[2].Problem != "fetch_failed/status" || seen.Answers[0].Status != 200 || !seen.At().Equal(snapshot().At()) {
		t.Fatal(err, seen)
	}
	upgraded, _, err := Upgrade(seen.Original(c.Raw()), openbadge.Profile{ID: "did:web:ny.example"}, credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if back, err := OriginalOf(upgraded); err != nil || len(back) != 1 || !bytes.Equal(back[0], c.Raw()) {
		t.Error("the notary's credential is not kept whole", err)
	}
	for name, change := range map[string][2]string{
		"another content": {`"content":"eyJAY29u`, `"content":"eyJAY29v`},
		"no base64":       {`"content":"eyJAY29u`, `"content":"*yJAY29u`},
		"about another":   {`"about":"https://badges.example/a/1"`, `"about":"https://badges.example/a/2"`},
		"two of one role": {`"role":"badge-class"`, `"role":"assertion"`},
		"no assertion":    {`"role":"assertion"`, `"role":"key"`},
		"no time":         {`"askedAt":"2026`, `"askedAt":"x2026`},
		"neither nor":     {`"problem"`, `"trouble"`},
		"of no such type": {`"WebSnapshotCredential"`, `"Other"`},
	} {
		changed, err := credential.Parse([]byte(strings.Replace(string(c.Raw()), change[0], change[1], 1)), credential.Limits{})
		if err != nil || bytes.Equal(changed.Raw(), c.Raw()) {
			t.Fatal(name, err)
		}
		if _, err := ReadSnapshot(changed, credential.Limits{}); reason.CodeOf(err) != "malformed/snapshot" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzUpgrade: what can be upgraded is a badge by who upgrades, and has its
// original in it.
func FuzzUpgrade(f *testing.F) {
	for _, seed := range []string{hostedAssertion, strings.Replace(hostedAssertion, `"https://badges.example/c/1"`, `{"id":"urn:c","issuer":{"id":"urn:i","name":{"nb":"x"}},"criteria":"tekst","image":{"id":"data:,"},"version":2}`, 1), `{}`} {
		f.Add([]byte(seed), []byte(hostedClass), []byte(hostedProfile))
	}
	f.Fuzz(func(t *testing.T, assertion, class, profile []byte) {
		assertion = bytes.TrimSpace(assertion)
		c, _, err := Upgrade(Original{Assertion: assertion, Class: class, Profile: profile}, openbadge.Profile{ID: "did:web:ny.example"}, credential.Limits{})
		if err != nil {
			if reason.CodeOf(err) == reason.Internal {
				t.Error(err)
			}
			return
		}
		if c.IssuerID() != "did:web:ny.example" {
			t.Error(c.IssuerID())
		}
		if back, err := OriginalOf(c); err != nil || len(back) == 0 || !bytes.Equal(back[len(back)-3], assertion) {
			t.Error("the original is not in it", err)
		}
	})
}
