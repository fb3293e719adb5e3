package formats

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

var update = flag.Bool("update", false, "write what is read to testdata/golden")

func indented(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// inputs are the sources in testdata/in by name.
func inputs(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/in/*")
	if err != nil || len(names) < 15 {
		t.Fatalf("%d inputs: %v", len(names), err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = raw
	}
	return all
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as before (go test -update writes it):\n%s", name, got)
	}
}

// TestRead compares what each source gives with what it gave before, twice.
func TestRead(t *testing.T) {
	t.Parallel()
	for name, raw := range inputs(t) {
		b, err := Read(t.Context(), raw, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sound(t, name, b)
		again, err := Read(t.Context(), bytes.Clone(raw), Options{})
		if err != nil || !bytes.Equal(indented(t, b), indented(t, again)) {
			t.Errorf("%s: a second import differs (%v)", name, err)
		}
		golden(t, name+".json", indented(t, b))
	}
}

// sound checks what holds for every batch.
func sound(t testing.TB, name string, b Batch) {
	t.Helper()
	refs := map[string]bool{}
	for _, o := range b.Offers {
		if err := o.Check(); err != nil {
			t.Errorf("%s: %s: %v", name, o.Ref(), err)
		}
		if refs[o.Ref()] {
			t.Errorf("%s: %s twice", name, o.Ref())
		}
		refs[o.Ref()] = true
	}
	ids := map[string]bool{}
	for _, p := range b.Providers {
		if err := p.Check(); err != nil || ids[p.ID] {
			t.Errorf("%s: %s: %v", name, p.ID, err)
		}
		ids[p.ID] = true
	}
	for _, o := range b.Offers {
		if !ids[o.Provider] && b.Format != JSONLines {
			t.Errorf("%s: %s has no provider in the batch", name, o.Ref())
		}
	}
	for _, p := range b.Problems {
		if p.Code == "" || p.Message == "" || p.Severity != Warning && p.Severity != Broken || len(p.Value) > 200 || reason.Code(p.Code).Class() == reason.Fault {
			t.Errorf("%s: a problem that says too little: %+v", name, p)
		}
	}
}

// TestNothingLost counts by other means how many offers each source holds:
// each is in the batch, is broken, or was joined to another.
func TestNothingLost(t *testing.T) {
	t.Parallel()
	// How often what makes an offer stands in a source, and how many of those
	// only refer to another or stand in something that is no offer.
	for name, c := range map[string]struct {
		mark  string
		refer int
	}{
		"01-nettkurs.html": {`"@type":"course"`, 0}, "02-dobbelt-navn.html": {`"@type":"Course"`, -1}, "03-graf.json": {`"@type":"Course"`, 4},
		"04-mikrodata.html": {`/Course"`, -1}, "05-liste.html": {`"@type":"Course"`, 0}, "06-kjoringer.json": {`"@context"`, 1},
		"07-schema-prefiks.json": {"schema:Course", 0}, "08-latin1.html": {`"Course"`, 0}, "09-lang.json": {`"Course"`, 0}, "10-loq.json": {`"LearningOpportunity"`, 0},
		"11-vitnemal.xml": {"<learningOpportunitySpecification>", 0}, "12-kurs.csv": {"\n", 2}, "13-directory.csv": {"\nTGS", 0},
		"14-openedx.json": {"\n {", -1}, "15-bevis.jsonl": {"\n", 2},
	} {
		raw := inputs(t)[name]
		want := bytes.Count(raw, []byte(c.mark)) - c.refer
		b, err := Read(t.Context(), raw, Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		got := len(b.Offers)
		for _, p := range b.Problems {
			if p.Severity == Broken || p.Code == "offer_invalid/duplicate-joined" {
				got++
			}
		}
		if name == "12-kurs.csv" {
			want -= 2 // a line break in quotes, and an empty line
		}
		if name == "03-graf.json" {
			want++ // the programme
		}
		if got != want {
			t.Errorf("%s: %d offers in the source, %d accounted for", name, want, got)
		}
	}
}

// TestNothingLostGenerated breaks one course after the other of a list in
// every way that there is a reader for, and counts again.
func TestNothingLostGenerated(t *testing.T) {
	t.Parallel()
	courses := []string{
		`{"@type":"Course","name":"A","provider":"P"}`, `{"@type":"Course","provider":"P"}`, `{"@type":"Course","name":"C"}`,
		`{"@type":"Course","name":"D","provider":"P","offers":{"price":[1,2,3]}}`, `{"@type":"Course","name":"A","provider":"P"}`,
		`{"@type":"Course","name":"A","provider":"P","description":"another"}`, `{"@type":["Thing","COURSE"],"name":"E","provider":{"@id":"a b#c"}}`,
		`{"@type":"Course","name":7,"provider":"P"}`, `{"@type":"Course","identifier":"x\u0000y","name":"F","provider":"P"}`, `{"@type":"Course"}`,
		`{"@type":"EducationalOccupationalProgram","name":"G","provider":"P","hasCourse":{"@type":"Course","name":"H"}}`,
	}
	for from := range courses {
		for to := from + 1; to <= len(courses); to++ {
			raw := []byte(`{"@graph":[` + strings.Join(courses[from:to], ",") + `]}`)
			b, err := Read(t.Context(), raw, Options{})
			if err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
			sound(t, string(raw), b)
			want, got := to-from, len(b.Offers)
			if to == len(courses) {
				want++
			}
			for _, p := range b.Problems {
				if p.Severity == Broken || p.Code == "offer_invalid/duplicate-joined" {
					got++
				}
			}
			if got != want {
				t.Errorf("%s: %d of %d accounted for:\n%s", raw, got, want, indented(t, b))
			}
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for raw, code := range map[string]reason.Code{
		"": "offer_invalid/format", "en vanlig tekst, uten kurs": "offer_invalid/format", "{}": "offer_invalid/format", "<p>ingenting": "offer_invalid/format",
		`{"@type":"Course",`: reason.MalformedJSON, `[1,2]`: "offer_invalid/format", "<elmo>": "malformed/xml",
		"<!DOCTYPE elmo [<!ENTITY a 'b'>]><elmo>&a;</elmo>":                           "malformed/xml",
		"<elmo>" + strings.Repeat("<a>", 70) + strings.Repeat("</a>", 70) + "</elmo>": reason.LimitDepth,
		strings.Repeat("[", 70) + strings.Repeat("]", 70):                             reason.LimitDepth,
	} {
		if b, err := Read(t.Context(), []byte(raw), Options{}); reason.CodeOf(err) != code {
			t.Errorf("%.40q: %v (%v)", raw, err, b)
		}
	}
	rows := []byte("tittel;leverandør\n" + strings.Repeat("a;b\nc;d\n", 10))
	for limits, code := range map[Limits]reason.Code{{MaxBytes: 10}: reason.LimitSize, {MaxOffers: 1}: "resource_limit/offers", {MaxProblems: 1}: "resource_limit/problems"} {
		if _, err := Read(t.Context(), rows, Options{Limits: limits}); reason.CodeOf(err) != code {
			t.Errorf("%+v: %v", limits, err)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	own := catalogue.Provider{ID: "did:web:eigen.example", Name: catalogue.Texts{"nn": "Eigen skule"}, URL: "https://www.eigen.example/"}
	b, err := Read(t.Context(), []byte("Hva;Pris;Kven;Hemmelig;Side;Om@en\nSying;400;;x;/sy;Sewing\nVeving;500;eigen SKULE;;;\n"), Options{Provider: own, Currency: "NOK", Language: "nn", Base: "https://eigen.example/kurs/",
		Columns: map[string]string{"hva": "title", "kven": "provider", "Hemmelig": "", "side": "url", "Om@en": "description@en"}})
	if err != nil || len(b.Offers) != 2 || len(b.Providers) != 1 {
		t.Fatalf("%v %s", err, indented(t, b))
	}
	o := b.Offers[0]
	if o.Provider != own.ID || b.Offers[1].Provider != own.ID || o.URL != "https://eigen.example/sy" || o.Title["nn"] != "Sying" || o.Description["en"] != "Sewing" ||
		*o.Price != (catalogue.Price{Amount: 400, Currency: "NOK"}) {
		t.Errorf("%s", indented(t, b))
	}
	for _, p := range b.Problems {
		if p.Code != "offer_invalid/id-address" && p.Code != "offer_invalid/id-title" {
			t.Errorf("%+v", p)
		}
	}
	yoast := `{"@graph":[{"@type":"Organization","@id":"https://skole.example/#organization","name":"Skolen"},{"@type":"Course","name":"Kurs","provider":{"@id":"https://skole.example/#organization"},"offers":{"lowPrice":1.125,"highPrice":2,"priceCurrency":"NOK"}}]}`
	if b, err := Read(t.Context(), []byte(yoast), Options{}); err != nil || len(b.Offers) != 1 || b.Offers[0].Provider != "https://skole.example" || b.Offers[0].Price.Amount != 1.125 {
		t.Errorf("an organisation as a fragment of its page: %v %s", err, indented(t, b))
	}
	page := `<html><script type="application/ld+json">{"@type":"Course","name":"Kurs","provider":{"name":"Noe annet","url":"https://eigen.example"}}</script></html>`
	if b, err := Read(t.Context(), []byte(page), Options{Provider: own}); err != nil || b.Offers[0].Provider != own.ID {
		t.Errorf("the host of the default provider: %v %s", err, indented(t, b))
	}
}

// TestWorkbook reads a workbook with one offer; the rest of a table is that of
// CSV, and what a workbook is stands with package sheet.
func TestWorkbook(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	cell := `<c t="inlineStr"><is><t>%s</t></is></c>`
	row := `<row r="%d">` + strings.Repeat(cell, 3) + `</row>`
	fmt.Fprintf(w, `<worksheet><sheetData>`+row+row+`</sheetData></worksheet>`, 3, "Kurstittel", "Arrangør", "Varighet", 5, "Snekring; ute", "Hyttelaget", "lenge")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := Read(t.Context(), out.Bytes(), Options{})
	if err != nil || b.Format != XLSX || len(b.Offers) != 1 || b.Offers[0].Title.In() != "Snekring; ute" || len(b.Problems) == 0 || b.Problems[0].At != "line 5 Varighet" {
		t.Errorf("%v %s", err, indented(t, b))
	}
	for _, limits := range []Limits{{MaxBytes: 10}, {MaxBytes: out.Len()}} {
		if _, err := Read(t.Context(), out.Bytes(), Options{Limits: limits}); reason.CodeOf(err).Coarse() != reason.ResourceLimit.Coarse() {
			t.Errorf("%+v: %v", limits, err)
		}
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := contextCanceled(t)
	cancel()
	for name, raw := range inputs(t) {
		if _, err := Read(ctx, raw, Options{}); reason.CodeOf(err) != reason.Canceled {
			t.Errorf("%s: %v", name, err)
		}
	}
}
