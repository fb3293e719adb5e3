package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/issuer"
)

// TestCitizenStory is docs/stories/citizen.md: a day with a wallet. The schools
// are played with the library; all that Kari and the employer do is commands.
func TestCitizenStory(t *testing.T) {
	c := &citizen{office: office{t: t, w: bevistest.NewWorld(t, time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)), files: map[string][]byte{}}}
	s := newStory(t, c.w, "citizen.md")
	s.lang = "nb"
	kari, verft, laptop := s.home, t.TempDir(), t.TempDir()
	if err := os.Chmod(kari, 0o700); err != nil { // as bevis makes its own
		t.Fatal(err)
	}
	const old, chosen = "fire hester i regn", "tre kyr i solnedgang"

	// Eight o'clock: a wallet. She gives her id to those who issue to her.
	s.answers = []string{"fire hester i regn", "fire hester i rgn", old, old}
	s.block()
	words := recoveryWordsOn(t, s.read("ark.html"))
	s.answers = []string{old}
	s.block()
	c.id = regexp.MustCompile(`did:key:\w+`).FindString(s.raw)
	c.issued()
	for name, data := range c.files {
		s.write("bevis/"+name, data)
	}
	c.w.Advance(time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC).Sub(c.w.Now()))

	// What came by e-mail is taken in, and found again.
	s.block() // whom she trusts
	s.answers = []string{old, old, old}
	s.block() // the folder
	s.answers = []string{old, old, old, old}
	s.block() // search
	for _, name := range []string{"wallet.bevis", "trust.txt"} {
		copied(t, filepath.Join(kari, name), filepath.Join(laptop, name))
	}

	// The other laptop is used with the copy.
	c.w.Advance(24 * time.Hour)
	s.write("ny.json", c.school.Issue(c.award("Kari", "Branntilsyn", dataintegrity.EdDSARDFC2022)))
	s.home = laptop
	s.answers = []string{old, old}
	s.block()
	s.home = kari

	// Two fields for an employer.
	s.answers = []string{old, old, old}
	s.block() // what can be kept back; the preview
	s.answers = []string{old}
	s.block() // the share
	c.publish("deling")
	s.answers, s.home, s.lang = nil, verft, ""
	s.block() // the employer verifies
	if strings.Contains(s.last, secretOfCrane) || !strings.Contains(s.last, "92 av 100") {
		t.Error("the employer sees what Kari kept back")
	}
	s.home, s.lang = kari, "nb"
	c.w.Advance(7 * 24 * time.Hour)
	s.answers = []string{old, old}
	s.block() // it is taken back
	c.publish("deling")
	s.answers, s.home, s.lang = nil, verft, ""
	s.block() // the employer looks again
	s.home, s.lang = kari, "nb"

	// The passphrase is forgotten.
	s.answers = []string{"fire kyr i regn", "tre hester i regn", "fire hester på tur"}
	s.block()
	s.answers = []string{strings.Join(words, " "), chosen, chosen}
	s.block()

	// The copy of the other laptop comes back.
	copied(t, filepath.Join(laptop, "wallet.bevis"), "minnepinne/wallet.bevis")
	s.answers = []string{chosen, chosen}
	s.block() // merged
	s.answers = []string{chosen, chosen, chosen}
	s.block() // the evening: a copy, and what needs doing
	s.end()
}

// secretOfCrane is what Kari does not show.
const secretOfCrane = "Besto på tredje forsøk."

// citizen is somebody to whom credentials are issued.
type citizen struct {
	office
	id     string
	school *bevistest.WorldIssuer

	issuedIn int // years since 2008
}

func (c *citizen) award(person, course string, form proof.ID) issuer.Award {
	a := c.office.award(person, course, form)
	a.Recipient.ID = c.id
	c.issuedIn++
	a.ValidFrom = time.Date(2008+c.issuedIn, 6, 12, 0, 0, 0, 0, time.UTC)
	return a
}

// issued puts what schools and employers have sent into the folder.
func (c *citizen) issued() {
	c.t.Helper()
	c.school = c.w.Issuer("fagskolen.example", "Fagskolen i Vest")
	university := c.w.Issuer("universitetet.example", "Universitetet i Sør")
	crane := c.byCurve("industri.example", "Industrikurs AS")
	bls, err := bbskey.Generate()
	if err != nil {
		c.t.Fatal(err)
	}
	bbs := c.suite(dataintegrity.BBS2023)
	leader := c.byKey("ledelse.example", "Lederskolen", bls, bbs, dataintegrity.Whole(bbs))
	plain := func(course string) []byte {
		return c.school.Issue(c.award("Kari", course, dataintegrity.EdDSARDFC2022))
	}

	f := c.files
	f["01 sveising.json"] = plain("Sveising, grunnkurs")
	f["02 sveising (kopi).json"] = f["01 sveising.json"]
	g4 := c.award("Kari", "Kranfører G4", dataintegrity.ECDSASD2023)
	g4.Credits, g4.Narrative, g4.Results = 5, secretOfCrane, []openbadge.Result{{Value: "92 av 100"}}
	f["03 kran.json"] = crane(g4)
	f["04 ledelse.json"] = leader(c.award("Kari", "Ledelse for formenn", dataintegrity.BBS2023))
	truck := c.school.Issue(c.award("Kari", "Truckfører T1", jose.VCJWT))
	f["05 truck.jwt"] = truck
	f["06 norsk.sdjwt"] = university.Issue(c.award("Kari", "Norsk B2", sdjwt.DCSDJWT))
	f["07 varme arbeider.png"] = c.baked(c.png(c.picture()), plain("Varme arbeider"))
	f["08 stillas.svg"] = c.baked([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><circle cx="24" cy="24" r="20"/></svg>`), plain("Stillasbygging"))
	code, err := qr.Encode(string(c.school.Issue(c.award("Kari", "Førstehjelp", jose.VCJWT))), qr.L)
	if err != nil {
		c.t.Fatal(err)
	}
	code.Scale = 4
	f["09 bilde av kode.png"] = c.png(code.Image())
	f["10 kursbevis.pdf"] = pdfWith(attachment{"bevis.json", string(plain("Prosesskontroll"))})
	f["11 pakke.zip"] = c.zip([]string{"truck.jwt", "måling.json"}, truck, plain("Måleteknikk"))
	f["12 vitnemål.elmo.xml"] = []byte(resultsOfPortal)
	revoked := plain("Sprengning")
	c.school.Revoke(revoked, "")
	f["13 sprengning.json"] = revoked
	f["14 halv.json"] = f["01 sveising.json"][:700]
}

// publish serves the folder of a share at its address.
func (c *citizen) publish(folder string) {
	c.t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			c.t.Fatal(err)
		}
		c.w.Serve("https://kari.example/deling/"+e.Name(), data)
	}
}

func recoveryWordsOn(t *testing.T, page string) []string {
	t.Helper()
	var words []string
	for _, found := range regexp.MustCompile(`<li class="word">(\w+)</li>`).FindAllStringSubmatch(page, -1) {
		words = append(words, found[1])
	}
	if len(words) != 24 {
		t.Fatalf("%d words are on the page", len(words))
	}
	return words
}

func copied(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o700)
	}
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

const resultsOfPortal = `<?xml version="1.0" encoding="UTF-8"?>
<elmo xmlns="https://github.com/emrex-eu/elmo-schemas/tree/v1">
  <generatedDate>2026-02-02T09:30:00+01:00</generatedDate>
  <learner><citizenship>NO</citizenship><givenNames>Kari</givenNames><familyName>Nordmann</familyName><bday>1966-02-28</bday></learner>
  <report>
    <issuer><country>NO</country><identifier type="schac">elvheim-hogskole.example</identifier><title xml:lang="nb">Høgskolen i Elvheim</title><url>https://elvheim-hogskole.example/</url></issuer>
    <learningOpportunitySpecification>
      <identifier type="local">PED-6001</identifier>
      <title xml:lang="nb">Veiledning av lærlinger</title>
      <type>Course</type>
      <specifies><learningOpportunityInstance><date>2021-12-15</date><status>passed</status><resultLabel>B</resultLabel><credit><scheme>ects</scheme><value>10</value></credit></learningOpportunityInstance></specifies>
    </learningOpportunitySpecification>
  </report>
</elmo>
`
