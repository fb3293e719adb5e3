package elmo_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/elmo"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/badgegen"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/tally"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

var made = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// unsaid is what stands in every document of the form and says nothing of its own.
func unsaid(name string, _ *strictjson.Value) bool { return name == "type" || name == "@context" }

// round maps a badge there and back, and holds what came back against the report.
func round(t *testing.T, name string, badge *strictjson.Value) (there []byte, same int) {
	t.Helper()
	there, report, err := elmo.FromOpenBadge(badge, elmo.Options{Now: made})
	if err != nil || !elmo.Is(there) {
		t.Errorf("%s: %v", name, err)
		return nil, 0
	}
	back, second, err := elmo.ToOpenBadge(there, elmo.Options{})
	if err != nil {
		t.Errorf("%s: back: %v\n%s", name, err, there)
		return there, 0
	}
	c, err := credential.New(back, nil)
	if err == nil {
		_, err = openbadge.FromCredential(c)
	}
	if err != nil {
		t.Errorf("%s: what comes back is no badge: %v", name, err)
	}
	for _, item := range second {
		if item.Why == "one-language" { // the way back takes one, and says so
			return there, 0
		}
	}
	missing, same := tally.Covers(badge, back, report, unsaid)
	for _, at := range missing {
		t.Errorf("%s: %s %s was lost in silence; back %s", name, at, tally.Brief(badge.Lookup(at)), back.Lookup(at[:strings.LastIndexByte(at, '/')]).AppendJSON(nil))
	}
	return there, same
}

func TestRoundTripOfGenerated(t *testing.T) {
	t.Parallel()
	values := 0
	for seed := range uint64(1000) {
		_, same := round(t, fmt.Sprint("seed ", seed), badgegen.Badge(seed))
		values += same
	}
	if values < 10_000 {
		t.Errorf("only %d values came back", values)
	}
}

func TestRoundTripOfTheCorpus(t *testing.T) {
	t.Parallel()
	badges, values := 0, 0
	for _, folder := range []string{"openbadges", "dcc", "other"} {
		root := testcorpus.Path(t, folder)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
			if err != nil {
				return nil // not what this is about
			}
			c, err := credential.New(doc, nil)
			if err != nil {
				return nil
			}
			if _, err := openbadge.FromCredential(c); err != nil {
				return nil
			}
			_, same := round(t, strings.TrimPrefix(path, root), doc)
			badges, values = badges+1, values+same
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if badges < 50 || values < 500 {
		t.Errorf("only %d badges with %d values", badges, values)
	}
}

// TestExample reads the example of the schema's authors.
func TestExample(t *testing.T) {
	t.Parallel()
	raw := testcorpus.Read(t, "catalogue/elmo-1.5-example.xml")
	if !elmo.Is(raw) || !elmo.Signed(raw) {
		t.Fatal("not told")
	}
	if _, _, err := elmo.ToOpenBadge(raw, elmo.Options{}); reason.CodeOf(err) != "usage/part" {
		t.Errorf("several results: %v", err)
	}
	doc, report, err := elmo.ToOpenBadge(raw, elmo.Options{Part: "2", Languages: []string{"en"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := credential.New(doc, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := openbadge.FromCredential(c)
	if err != nil {
		t.Fatal(err)
	}
	a := b.Subject.Achievement
	if a.Name != "Compiler construction" || b.Issuer.Name != "University of Warsaw" || b.Issuer.URL != "http://www.uw.edu.pl" || b.Subject.CreditsEarned != 6 || b.Subject.Result[0].Value != "45.1" || b.Subject.Result[0].Status != "Completed" || a.InLanguage != "pl" || a.AchievementType != "Course" {
		t.Errorf("%s", doc.AppendJSON(nil))
	}
	if b.Subject.Identifier[0].IdentityHash != "Wojciech Łukasz Rygielski" || b.Subject.Identifier[4].IdentityType != "nationalIdentityNumber" {
		t.Errorf("%+v", b.Subject.Identifier)
	}
	var lines []string
	for _, item := range report {
		lines = append(lines, fmt.Sprintf("%s %s %s", item.Kind, item.From, item.Why))
	}
	for _, want := range []string{"dropped /elmo/generatedDate status-of-original", "dropped /elmo/report[1]/learningOpportunitySpecification[1] another-part",
		"dropped /elmo/report[1]/learningOpportunitySpecification[2]/specifies/learningOpportunityInstance/resultDistribution no-place", "dropped /elmo/report[1]/issuer/title[1] one-language"} {
		if !strings.Contains(strings.Join(lines, "\n")+"\n", want+"\n") && !strings.Contains(strings.Join(lines, "\n")+"\n", strings.ReplaceAll(want, "report[1]", "report")+"\n") {
			t.Errorf("no %q in\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	const los = `<learningOpportunitySpecification><title xml:lang="nb">%s</title><title xml:lang="en">E</title><specifies><learningOpportunityInstance><date>2026-01-01</date><resultLabel>A</resultLabel></learningOpportunityInstance></specifies>%s</learningOpportunitySpecification>`
	raw := `<elmo><learner><givenNames>Kari</givenNames><familyName>Nordmann</familyName></learner><report><issuer><title>UiB</title></issuer>` + fmt.Sprintf(los, "A", "<hasPart>"+fmt.Sprintf(los, "B", "")+"</hasPart>") + fmt.Sprintf(los, "C", "") +
		`</report><report><issuer><title>HVL</title></issuer>` + fmt.Sprintf(los, "D", "<hasPart>"+fmt.Sprintf(los, "E", "")+"</hasPart>") + `</report></elmo>`
	all, err := elmo.List([]byte(raw), "nb")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range all {
		got = append(got, r.Part+r.Title+r.Issuer)
		// What is listed under a part is what becomes a badge under it.
		doc, _, err := elmo.ToOpenBadge([]byte(raw), elmo.Options{Part: r.Part, Languages: []string{"nb"}})
		if title, _ := doc.Get("credentialSubject").Get("achievement").Get("name").Text(); err != nil || title != r.Title || r.Learner != "Kari Nordmann" || r.Grade != "A" {
			t.Errorf("%+v: %q, %v", r, title, err)
		}
	}
	if fmt.Sprint(got) != "[1AUiB 1.1BUiB 2CUiB 3DHVL 3.1EHVL]" {
		t.Error(got)
	}
}

// TestSchema holds what is written against the published schema, with xmllint. The
// schemas that it imports are not at hand; what it needs of them is put in their
// place.
func TestSchema(t *testing.T) {
	t.Parallel()
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (libxml2-utils)")
	}
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	stub := func(name, space, content string) string {
		return write(name, `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="`+space+`" elementFormDefault="qualified">`+content+`</xs:schema>`)
	}
	schema := string(testcorpus.Read(t, "catalogue/elmo-1.5-schema.xsd"))
	for space, content := range map[string]string{
		"http://www.w3.org/XML/1998/namespace":                                            `<xs:attribute name="lang" type="xs:language"/>`,
		"http://www.w3.org/2000/09/xmldsig#":                                              `<xs:element name="Signature"/>`,
		"http://europass.cedefop.europa.eu/Europass/V2.0":                                 `<xs:simpleType name="countryCode"><xs:restriction base="xs:string"><xs:pattern value="[A-Z]{2}"/></xs:restriction></xs:simpleType>`,
		"https://github.com/erasmus-without-paper/ewp-specs-types-address/tree/stable-v1": `<xs:complexType name="FlexibleAddress"/>`,
	} {
		name := fmt.Sprintf("%d.xsd", len(space))
		stub(name, space, content)
		schema = regexp.MustCompile(`(namespace="`+regexp.QuoteMeta(space)+`"\s+schemaLocation=")[^"]*`).ReplaceAllString(schema, "${1}"+name)
	}
	path := write("elmo.xsd", schema)
	check := func(name string, raw []byte) {
		file := write("one.xml", string(raw))
		if out, err := exec.CommandContext(t.Context(), lint, "--nonet", "--noout", "--schema", path, file).CombinedOutput(); err != nil {
			t.Errorf("%s: %s\n%s", name, out, raw)
		}
	}
	check("the authors' example", testcorpus.Read(t, "catalogue/elmo-1.5-example.xml"))
	for seed := range uint64(60) {
		there, _ := round(t, fmt.Sprint("seed ", seed), badgegen.Badge(seed))
		check(fmt.Sprint("seed ", seed), there)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]reason.Code{
		``:               "malformed/xml",
		`<elmo>`:         "malformed/xml",
		`<other/>`:       "wrong_type/not-a-credential",
		`<elmo/><elmo/>`: "wrong_type/not-a-credential",
		`<elmo/>`:        "usage/part",
		`<!DOCTYPE elmo [<!ENTITY x "y">]><elmo>&x;</elmo>`: "malformed/xml",
		strings.Repeat("<elmo>", 70):                        reason.LimitDepth,
		"<elmo><" + strings.Repeat("n", 8000) + ">" + strings.Repeat("<a/>", 3000) + "</" + strings.Repeat("n", 8000) + "></elmo>": reason.LimitDepth,
		"<elmo>" + strings.Repeat("<a/>", 100_001) + "</elmo>":                                                                     reason.LimitDepth,
		"<elmo>" + strings.Repeat(" ", 16<<20) + "</elmo>":                                                                         reason.LimitSize,
	} {
		if _, _, err := elmo.ToOpenBadge([]byte(text), elmo.Options{}); reason.CodeOf(err) != want {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
	if _, _, err := elmo.FromOpenBadge(strictjson.Object(strictjson.Member{Name: "credentialSubject", Value: strictjson.Object()}), elmo.Options{}); reason.CodeOf(err) != "wrong_type/not-a-badge" {
		t.Error(err)
	}
	signed := `<elmo><report><learningOpportunitySpecification><title>x</title></learningOpportunitySpecification></report><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignatureValue>AA</ds:SignatureValue></ds:Signature></elmo>`
	if _, report, err := elmo.ToOpenBadge([]byte(signed), elmo.Options{}); err != nil || !elmo.Signed([]byte(signed)) || report.Count(loss.Dropped) != 1 || report[0].Why != "signature" {
		t.Errorf("%v, %v", report, err)
	}
}

func FuzzToOpenBadge(f *testing.F) {
	there, _, err := elmo.FromOpenBadge(badgegen.Badge(1), elmo.Options{Now: made})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(there)
	f.Add([]byte(`<elmo xmlns="x"><learner><givenNames>A</givenNames></learner><report><issuer><title xml:lang="en">I</title></issuer><learningOpportunitySpecification><identifier type="a">1</identifier><title>T</title><hasPart/></learningOpportunitySpecification></report></elmo>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		badge, report, err := elmo.ToOpenBadge(raw, elmo.Options{Part: "1"})
		if err != nil {
			if reason.CodeOf(err).Class() == reason.Fault {
				t.Error(err)
			}
			return
		}
		if report.Count(loss.Assumed) == 0 && badge.Get("issuer") == nil {
			t.Errorf("%s", badge.AppendJSON(nil))
		}
		again, _, err := elmo.FromOpenBadge(badge, elmo.Options{Now: made})
		if err != nil {
			return // an issuer or subject that is nothing
		}
		if _, _, err := elmo.ToOpenBadge(again, elmo.Options{}); err != nil {
			t.Errorf("%v\n%s", err, again)
		}
	})
}
