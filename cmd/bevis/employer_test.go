package main

import (
	"archive/zip"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

const employer = "https://verft.example"

// TestEmployerStory is docs/stories/employer.md: forty files of all kinds in one
// folder, one command, one table.
func TestEmployerStory(t *testing.T) {
	o := &office{t: t, w: bevistest.NewWorld(t, time.Date(2026, 8, 3, 8, 0, 0, 0, time.UTC)), files: map[string][]byte{}}
	o.fill()
	s := newStory(t, o.w, "employer.md")
	if len(o.files) != 40 {
		t.Errorf("the story has 40 files, and these are %d", len(o.files))
	}
	for name, data := range o.files {
		s.write("søknader/"+name, data)
	}
	o.w.Advance(time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC).Sub(o.w.Now()))
	o.w.Asked()
	s.block() // whom the employer trusts
	if asked := o.w.Asked(); len(asked) > 0 {
		t.Errorf("to trust somebody asked for %q", asked)
	}
	s.block() // the table
	trusted := []string{"fagskolen.example", "industri.example", "universitetet.example", "godkjenning.example", "verksted.example", "kyst.example", "gammel.example"}
	asked := o.w.Asked()
	if len(asked) == 0 {
		t.Error("nothing was asked for")
	}
	for _, address := range asked {
		host := strings.Split(address, "/")[2]
		if !slices.Contains(trusted, host) {
			t.Errorf("asked for %s, in the name of somebody who is not trusted", address)
		}
	}
	for s.more() {
		s.block()
	}
	table := s.read("tabell.csv")
	for name := range o.files {
		if name = strings.TrimSuffix(name, ".zip"); !strings.Contains(table, "/"+strings.NewReplacer("\u202e", "\ufffd").Replace(name)) {
			t.Errorf("%s is not in the table", name)
		}
	}
	page := s.read("side.html")
	for _, never := range []string{"\u202e", "\x1b", "<script"} {
		if strings.Contains(page+table, never) {
			t.Errorf("%q came through", never)
		}
	}
	s.end()
}

// office is an employer's, and what lies in its folder of applications.
type office struct {
	t     *testing.T
	w     *bevistest.World
	files map[string][]byte
}

// applicant is somebody with a key of their own.
func (o *office) applicant(name string) (id string, signer key.Signer) {
	o.t.Helper()
	seed := sha256.Sum256([]byte(name))
	private, err := key.FromSeed(seed[:])
	if err != nil {
		o.t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		o.t.Fatal(err)
	}
	return id, private.Signer(method)
}

func (o *office) suite(id proof.ID) proof.Suite {
	o.t.Helper()
	s, err := o.w.Suites().Suite(id)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

// award is a course for a person, in a form.
func (o *office) award(person, course string, form proof.ID) issuer.Award {
	id, _ := o.applicant(person)
	sum := sha256.Sum256([]byte(course))
	return issuer.Award{
		Achievement: openbadge.Achievement{ID: "https://kurs.example/" + string('a'+rune(sum[0]%26)) + "/" + strings.ToLower(strings.Fields(course)[0]), Name: course, Description: course + ".", Criteria: &openbadge.Criteria{Narrative: "Bestått prøve."}},
		Recipient:   issuer.Recipient{ID: id}, Suite: o.suite(form),
	}
}

// disclosed is what a holder shows of what can be shown in part, to the
// employer for some days if as is given.
func (o *office) disclosed(form proof.ID, secured []byte, as key.Signer, days int, pointers ...string) []byte {
	o.t.Helper()
	d := proof.Disclosure{Pointers: pointers}
	if as != nil {
		d.Holder, d.Audience, d.Challenge, d.Created, d.Expires = as, employer, "verft-2026", o.w.Now(), o.w.Now().AddDate(0, 0, days)
	}
	shown, err := o.suite(form).(proof.Discloser).Disclose(o.t.Context(), secured, d)
	if err != nil {
		o.t.Fatal(err)
	}
	return shown
}

// presented is a presentation that somebody makes of credentials.
func (o *office) presented(form proof.ID, as, audience string, credentials ...[]byte) []byte {
	o.t.Helper()
	id, signer := o.applicant(as)
	text := `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + id + `","verifiableCredential":[` + string(bytes.Join(credentials, []byte(","))) + `]}`
	signed, err := o.suite(form).Sign(o.t.Context(), []byte(text), signer, proof.Params{Purpose: proof.Authentication, Created: o.w.Now(), Domains: []string{audience}})
	if err != nil {
		o.t.Fatal(err)
	}
	return signed
}

func (o *office) baked(picture, credential []byte) []byte {
	o.t.Helper()
	out, err := bake.Bake(picture, credential, bake.Limits{})
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

// picture is a small one, like a logo.
func (o *office) picture() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 48, 48))
	for n := range 48 * 48 {
		img.Set(n%48, n/48, color.RGBA{uint8(n % 48 * 5), 80, uint8(n / 48 * 5), 255})
	}
	return img
}

func (o *office) png(img image.Image) []byte {
	o.t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		o.t.Fatal(err)
	}
	return b.Bytes()
}

func (o *office) zip(names []string, bodies ...[]byte) []byte {
	o.t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for n, name := range names {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write(bodies[n])
		}
		if err != nil {
			o.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		o.t.Fatal(err)
	}
	return b.Bytes()
}

// fill puts forty files into the folder.
func (o *office) fill() {
	school := o.w.Issuer("fagskolen.example", "Fagskolen i Vest")
	o.forms(school)
	o.carriers(school)
	o.shown(school)
	o.content(school)
	o.statuses(school)
	o.false(school)
	o.other()
}

// forms are what credentials are written in.
func (o *office) forms(school *bevistest.WorldIssuer) {
	o.files["anne-berg.json"] = school.Issue(o.award("Anne Berg", "Sveising, grunnkurs", dataintegrity.EdDSARDFC2022))
	o.files["bjørn-dahl.json"] = school.Issue(o.award("Bjørn Dahl", "Sveising, grunnkurs", dataintegrity.EdDSAJCS2022))
	o.files["camilla-eide.jwt"] = school.Issue(o.award("Camilla Eide", "Kranfører G4", jose.VCJWT))
	o.files["dag-foss.sdjwt"] = school.Issue(o.award("Dag Foss", "Truckfører T1", sdjwt.DCSDJWT))
	o.files["eva-gran.cose"] = school.Issue(o.award("Eva Gran", "Varme arbeider", cose.VCCOSE))
	o.files["finn-haug.json"] = o.shownInPart("Finn Haug", "Rørleggerarbeid")
}

// shownInPart is a credential of an issuer whose credentials their holders show
// in part, as its holder shows it.
func (o *office) shownInPart(person, course string) []byte {
	o.t.Helper()
	issued := o.byCurve("industri.example", "Industrikurs AS")(o.award(person, course, dataintegrity.ECDSASD2023))
	return o.disclosed(dataintegrity.ECDSASD2023, issued, nil, 0, "/credentialSubject")
}

// byCurve is an issuer with a key of the curve that ecdsa-sd-2023 takes. It
// returns what issues a credential and publishes.
func (o *office) byCurve(host, name string) func(issuer.Award) []byte {
	o.t.Helper()
	seed := sha256.Sum256([]byte(host))
	raw, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		o.t.Fatal(err)
	}
	private, err := key.FromSigner(raw)
	if err != nil {
		o.t.Fatal(err)
	}
	return o.byKey(host, name, private, o.suite(dataintegrity.ECDSASD2023), o.suite(dataintegrity.ECDSARDFC2019))
}

// byKey is an issuer with a key for certain suites.
func (o *office) byKey(host, name string, private interface{ Signer(string) key.Signer }, suite, lists proof.Suite) func(issuer.Award) []byte {
	o.t.Helper()
	i, err := issuer.New(issuer.Config{
		Profile: openbadge.Profile{ID: "did:web:" + host, Name: name}, Signer: private.Signer("did:web:" + host + "#key-1"), StatusBase: "https://" + host + "/status/",
		Suite: suite, ListSuite: lists, Ledger: issuer.NewMemoryLedger(), Now: o.w.Now,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return func(a issuer.Award) []byte {
		issued, err := i.Issue(o.t.Context(), a)
		if err != nil {
			o.t.Fatal(err)
		}
		files, err := i.Publish(o.t.Context())
		if err != nil {
			o.t.Fatal(err)
		}
		for _, f := range files {
			o.w.Serve("https://"+host+"/"+strings.TrimPrefix(f.Path, "/"), f.Bytes)
		}
		return issued.Credential
	}
}

// carriers are what credentials come in.
func (o *office) carriers(school *bevistest.WorldIssuer) {
	issue := func(person, course string) []byte {
		return school.Issue(o.award(person, course, dataintegrity.EdDSARDFC2022))
	}
	o.files["grete-holm.png"] = o.baked(o.png(o.picture()), issue("Grete Holm", "Stillasbygging"))
	o.files["hans-iversen.svg"] = o.baked([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><circle cx="24" cy="24" r="20"/></svg>`), issue("Hans Iversen", "Stillasbygging"))
	o.files["ida-jensen.pdf"] = pdfWith(attachment{"vitnemål.json", string(issue("Ida Jensen", "Prosesskontroll"))})
	code, err := qr.Encode(string(school.Issue(o.award("Jon Krogh", "Truckfører T1", jose.VCJWT))), qr.L)
	if err != nil {
		o.t.Fatal(err)
	}
	code.Scale = 4
	o.files["jon-krogh.png"] = o.png(code.Image())
	o.files["kari-lie.zip"] = o.zip([]string{"sveising.json", "kran.json"}, issue("Kari Lie", "Sveising, grunnkurs"), issue("Kari Lie", "Kranfører G4"))
}

// shown is what people present.
func (o *office) shown(school *bevistest.WorldIssuer) {
	issue := func(person, course string) []byte {
		return school.Issue(o.award(person, course, dataintegrity.EdDSARDFC2022))
	}
	o.files["lars-moen.json"] = o.presented(dataintegrity.EdDSARDFC2022, "Lars Moen", employer, issue("Lars Moen", "Sveising, sertifikat"))
	o.files["mia-nilsen.json"] = o.presented(dataintegrity.EdDSARDFC2022, "Mia Nilsen", "https://konkurrent.example", issue("Mia Nilsen", "Kranfører G4"))
	o.files["nils-olsen.json"] = o.presented(dataintegrity.EdDSARDFC2022, "Nils Olsen", employer, issue("Nora Olsen", "Ingeniør, elektro"))
	bound := func(person string, days int) []byte {
		_, signer := o.applicant(person)
		return o.disclosed(sdjwt.DCSDJWT, school.Issue(o.award(person, "Truckfører T1", sdjwt.DCSDJWT)), signer, days)
	}
	o.files["oda-pettersen.sdjwt"] = bound("Oda Pettersen", 60)
	o.files["pål-rud.sdjwt"] = bound("Pål Rud", 14)
}

// content is what stands beside a course or in place of one.
func (o *office) content(school *bevistest.WorldIssuer) {
	nokut := o.w.Issuer("godkjenning.example", "Godkjenningsorganet")
	university := o.w.Issuer("universitetet.example", "Universitetet i Sør")
	person := func(name string) string { id, _ := o.applicant(name); return `"id":"` + id + `",` }
	sign := func(by *bevistest.WorldIssuer, document string) []byte {
		return by.Sign(dataintegrity.EdDSARDFC2022, []byte(strings.ReplaceAll(document, "ISSUER", by.ID())), proof.Params{})
	}
	endorsement := string(sign(nokut, endorsementOf("https://kurs.example/sveising", "")))
	o.files["per-quist.json"] = sign(school, badge("per", "sveising", `"endorsement":[`+endorsement+`],`, person("Per Quist"), ""))
	record := recordOf(string(school.Issue(o.award("Ragnhild Strand", "Matematikk 1", dataintegrity.EdDSARDFC2022))), string(school.Issue(o.award("Ragnhild Strand", "Fysikk 1", dataintegrity.EdDSARDFC2022))))
	id, _ := o.applicant("Ragnhild Strand")
	o.files["ragnhild-strand.json"] = sign(university, strings.Replace(record, "did:example:kari", id, 1))

	o.files["siri-tveit.json"] = university.Issue(o.award("Siri Tveit", "Bachelor i maskin", dataintegrity.EdDSARDFC2022))
	o.w.Advance(time.Hour)
	university.Rotate()
	robbed := o.w.Issuer("verksted.example", "Verkstedskolen")
	o.files["tor-ulven.json"] = robbed.Issue(o.award("Tor Ulven", "Platearbeid", dataintegrity.EdDSARDFC2022))
	o.w.Advance(time.Hour)
	robbed.Compromise()
}

// statuses are what is not in force, and what cannot be known.
func (o *office) statuses(school *bevistest.WorldIssuer) {
	issue := func(person, course string, change func(*issuer.Award)) []byte {
		a := o.award(person, course, dataintegrity.EdDSARDFC2022)
		change(&a)
		return school.Issue(a)
	}
	o.files["unni-vik.json"] = issue("Unni Vik", "Varme arbeider", func(a *issuer.Award) {
		a.ValidFrom, a.ValidUntil = o.w.Now().AddDate(-3, 0, 0), o.w.Now().AddDate(0, 0, 7)
	})
	o.files["vetle-wold.json"] = issue("Vetle Wold", "Kranfører G4", func(a *issuer.Award) { a.ValidFrom = o.w.Now().AddDate(0, 3, 0) })
	revoked := issue("Wenche Aas", "Truckfører T1", func(*issuer.Award) {})
	school.Revoke(revoked, "")
	suspended := issue("Yngve Bakke", "Truckfører T1", func(a *issuer.Award) { a.Suspendable = true })
	school.Suspend(suspended, "")
	o.files["wenche-aas.json"], o.files["yngve-bakke.json"] = revoked, suspended
	away := o.w.Issuer("kyst.example", "Kystkurs")
	o.files["øyvind-dal.json"] = away.Issue(o.award("Øyvind Dal", "Sikkerhet på sjø", dataintegrity.EdDSARDFC2022))
	o.w.Serve(away.ListURL(status.Revocation), nil)
	o.w.Down("gammel.example", reason.New("fetch_failed/network", "", "no route"))
	o.files["åse-engen.json"] = []byte(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://gammel.example/ob2/a/1.json","recipient":{"type":"email","hashed":false,"identity":"aase@example.org"},"issuedOn":"2019-06-14T10:00:00Z","badge":"https://gammel.example/ob2/sveising.json","verification":{"type":"HostedBadge"}}`)
}

// false is what is not what it says.
func (o *office) false(school *bevistest.WorldIssuer) {
	swap := func(text []byte, old, new string) []byte {
		if !bytes.Contains(text, []byte(old)) {
			o.t.Fatalf("there is no %s", old)
		}
		return bytes.ReplaceAll(text, []byte(old), []byte(new))
	}
	form := dataintegrity.EdDSARDFC2022
	o.files["arne-falk.json"] = swap(school.Issue(o.award("Arne Falk", "Sveising, grunnkurs", form)), "Sveising, grunnkurs", "Sveising, mester")
	mill := o.w.Issuer("fagsko1en.example", "Fagskolen i Vest")
	o.files["berit-gran.json"] = mill.Issue(o.award("Berit Gran", "Sveising, mester", form))
	o.files["carl-hagen.json"] = swap(mill.Issue(o.award("Carl Hagen", "Sveising, mester", form)), "did:web:fagsko1en.example", school.ID())
	o.files["dina-ihle.json"] = o.w.Issuer("toten.example", "Sveiseskolen på Toten").Issue(o.award("Dina Ihle", "Sveising, grunnkurs", form))
	o.files["egil\u202enosj.json"] = o.w.Issuer("evil.example", "Fagskolen i Vest\u202e\x1b[2J\x1b[32m ✓ GYLDIG").Issue(o.award("Egil Jøns", "Doktorgrad", form))
	id, signer := o.applicant("Frida Kvam")
	own, err := o.suite(form).Sign(o.t.Context(), []byte(strings.ReplaceAll(strings.ReplaceAll(badge("frida", "Ledelse", "", `"id":"`+id+`",`, ""), "ISSUER", id), "Kursstaden", "Frida Kvam")), signer,
		proof.Params{Purpose: proof.AssertionMethod, Created: o.w.Now()})
	if err != nil {
		o.t.Fatal(err)
	}
	o.files["frida-kvam.json"] = own
}

// other is what people send when they are asked for credentials.
func (o *office) other() {
	o.files["anne-berg (1).json"] = o.files["anne-berg.json"]
	o.files["bilde.jpg"] = o.photo()
	o.files["cv.pdf"] = pdfWith()
	o.files["halv.json"] = o.files["bjørn-dahl.json"][:700]
	o.files["lenke.txt"] = []byte("Hei! Beviset mitt ligger her: https://fagskolen.example/bevis/123\n")
	o.files["nedlastet.html"] = []byte("<!doctype html><html lang=nb><title>Logg inn</title><h1>Logg inn for å se beviset</h1></html>\n")
	o.files["søknad.docx"] = o.zip([]string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"},
		[]byte(`<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`), []byte(`<?xml version="1.0"?><Relationships/>`), []byte(`<?xml version="1.0"?><document/>`))
	o.files["tom.json"] = nil
}

func (o *office) photo() []byte {
	o.t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, o.picture(), nil); err != nil {
		o.t.Fatal(err)
	}
	return b.Bytes()
}
