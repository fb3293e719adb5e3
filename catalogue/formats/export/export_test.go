package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats"
	"github.com/kompetansebevis/bevis/catalogue/formats/export"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	examples "github.com/kompetansebevis/bevis/examples/catalogue"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

// world is the example catalogue and one offer that has everything.
func world(t testing.TB) ([]catalogue.Provider, []catalogue.Offer) {
	t.Helper()
	var raw []byte
	for _, name := range []string{"providers.jsonl", "offers.jsonl"} {
		part, err := fs.ReadFile(examples.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, part...)
	}
	b, err := formats.Read(t.Context(), raw, formats.Options{})
	if err != nil || len(b.Problems) > 0 || len(b.Offers) < 70 {
		t.Fatalf("%d offers: %v %+v", len(b.Offers), err, b.Problems)
	}
	all := catalogue.Offer{ID: "alt", Provider: b.Providers[0].ID, URL: "https://alt.example/", Title: catalogue.Texts{"nb": "Alt <br> & litt", "und": "x"},
		Description: catalogue.Texts{"en": "first\nsecond"}, Type: catalogue.Exam, Mode: catalogue.Blended, Languages: []string{"nb", "sr-Latn"}, Place: "Ås",
		Runs:     []catalogue.Run{{Start: "2027-01-01", End: "2027-02-02", Deadline: "2026-12-01", Place: "Vang", Mode: catalogue.Online, URL: "https://alt.example/1"}, {Start: "2027-03-03"}},
		Workload: "P1W", Credits: &catalogue.Credits{Value: 2.5, Scheme: "ECTS"}, Level: catalogue.Level{EQF: 4, NQF: "NKR 4A", ISCEDF: "0113"}, Price: &catalogue.Price{Amount: 99.5, Currency: "EUR"},
		Requires: []catalogue.Requirement{{Text: catalogue.Texts{"nb": "Mye"}, Skill: "http://data.europa.eu/esco/skill/a", Offer: b.Offers[0].Ref(), EQF: 3}, {Offer: "did:web:andre.example#b"}, {EQF: 2}},
		Outcomes: []catalogue.Outcome{{Text: catalogue.Texts{"nb": "Kunne", "en": "Know"}, Skill: "http://data.europa.eu/esco/skill/b"}, {Text: catalogue.Texts{"und": "Bare tekst"}}}, Subjects: []string{"ett", "to tre"},
		Awards: &catalogue.Award{Achievement: "https://alt.example/a", Type: "Course", Issuer: "did:web:utsteder.example"}, PartOf: []string{b.Offers[1].Ref()}, Schemes: []string{"x"},
		Accreditation: &catalogue.Accreditation{By: "Rådet", URL: "https://radet.example/"}, Assessment: catalogue.Texts{"nb": "Prøve"}, Quality: catalogue.Texts{"nb": "Godt"},
		Updated: time.Date(2026, 11, 2, 8, 0, 0, 5000, time.UTC), Link: &catalogue.Link{Checked: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), Status: 200}}
	bare := catalogue.Offer{ID: "lite", Provider: b.Providers[1].ID, Title: catalogue.Texts{"nn": "Lite"}}
	modeOnly := catalogue.Offer{ID: "form", Provider: b.Providers[1].ID, Title: catalogue.Texts{"nn": "Form"}, Mode: catalogue.Onsite, Place: "Sogndal"}
	for _, o := range []catalogue.Offer{all, bare, modeOnly} {
		if err := o.Check(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Providers, append(b.Offers, all, bare, modeOnly)
}

type writer func(context.Context, io.Writer, []catalogue.Provider, []catalogue.Offer) error

func back(t *testing.T, write writer, providers []catalogue.Provider, offers []catalogue.Offer) formats.Batch {
	t.Helper()
	var out, again bytes.Buffer
	if err := write(t.Context(), &out, providers, offers); err != nil {
		t.Fatal(err)
	}
	if err := write(t.Context(), &again, providers, offers); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Fatal("the same offers give other bytes", err)
	}
	b, err := formats.Read(t.Context(), out.Bytes(), formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func compare(t *testing.T, got formats.Batch, providers []catalogue.Provider, offers []catalogue.Offer) {
	t.Helper()
	if len(got.Providers) != len(providers) || len(got.Offers) != len(offers) {
		t.Errorf("%d of %d providers, %d of %d offers", len(got.Providers), len(providers), len(got.Offers), len(offers))
	}
	by := map[string]string{}
	for _, p := range got.Providers {
		by[p.ID] = text(t, p)
	}
	for _, p := range providers {
		if by[p.ID] != text(t, p) {
			t.Errorf("want %s\n got %s", text(t, p), by[p.ID])
		}
	}
	for i, o := range offers {
		if i < len(got.Offers) && text(t, got.Offers[i]) != text(t, o) {
			t.Fatalf("want %s\n got %s", text(t, o), text(t, got.Offers[i]))
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestJSONLinesLosesNothing(t *testing.T) {
	t.Parallel()
	providers, offers := world(t)
	got := back(t, export.JSONLines, providers, offers)
	compare(t, got, providers, offers)
	if got.Format != formats.JSONLines || len(got.Problems) > 0 {
		t.Errorf("%s %+v", got.Format, got.Problems)
	}
}

// used are the providers of offers, as a format that keeps neither issuers nor
// charters gives them back.
func used(providers []catalogue.Provider, offers []catalogue.Offer) (list []catalogue.Provider) {
	for _, p := range providers {
		if slices.ContainsFunc(offers, func(o catalogue.Offer) bool { return o.Provider == p.ID }) {
			p.Issuer, p.Charter = nil, ""
			list = append(list, p)
		}
	}
	return list
}

func spread(offers []catalogue.Offer) {
	for i := range offers {
		offers[i] = value.Spread(offers[i])
	}
}

func TestSchemaOrgKeepsWhatItCanSay(t *testing.T) {
	t.Parallel()
	providers, offers := world(t)
	got := back(t, export.SchemaOrg, providers, offers)
	spread(got.Offers)
	want := slices.Clone(offers)
	for i := range want {
		o := &want[i]
		o.Schemes, o.Assessment, o.Quality, o.Link = nil, nil, nil, nil
		*o = value.Spread(*o) // which of them says a mode and place is no matter
		if o.Type == "" {     // schema.org calls everything a course
			o.Type = catalogue.Course
		}
	}
	compare(t, got, used(providers, offers), want)
	for _, p := range got.Problems {
		t.Errorf("%+v", p)
	}
}

func TestLOQKeepsWhatItCanSay(t *testing.T) {
	t.Parallel()
	providers, offers := world(t)
	got := back(t, export.LOQ, providers, offers)
	spread(got.Offers)
	urls := map[string]string{}
	for _, p := range providers {
		urls[p.ID] = p.URL
	}
	want := slices.Clone(offers)
	for i := range want {
		o := &want[i]
		o.Schemes, o.Quality, o.Link, o.Awards = nil, nil, nil, nil
		*o = value.Spread(*o)
		for j := range o.Runs {
			o.Runs[j].URL = ""
		}
		if o.Level.EQF == 0 {
			o.Accreditation = nil
		}
		if o.URL == "" {
			o.URL = urls[o.Provider]
		}
		needs := catalogue.Texts{}
		for _, q := range o.Requires {
			for l, s := range q.Text {
				needs[l] = strings.TrimPrefix(needs[l]+"\n"+s, "\n")
			}
		}
		if o.Requires = nil; len(needs) > 0 {
			o.Requires = []catalogue.Requirement{{Text: needs}}
		}
		if o.Workload != "" {
			a, err1 := catalogue.ParseDuration(o.Workload)
			b, err2 := catalogue.ParseDuration(got.Offers[i].Workload)
			if err1 != nil || err2 != nil || math.Abs(a-b) > 1./60 {
				t.Errorf("%s became %s", o.Workload, got.Offers[i].Workload)
			}
			o.Workload = got.Offers[i].Workload
		}
	}
	compare(t, got, used(providers, offers), want)
	for _, p := range got.Problems {
		if p.Code != "offer_invalid/duplicate-joined" { // the runs, which are joined again
			t.Errorf("%+v", p)
		}
	}
}

// TestLOQContext: what the context says of a member is a path of the official
// constraints, and every member that is written has a meaning.
func TestLOQContext(t *testing.T) {
	t.Parallel()
	shapes := string(testcorpus.Read(t, "catalogue", "elm-LOQ-constraints.ttl"))
	providers, offers := world(t)
	var out bytes.Buffer
	if err := export.LOQ(t.Context(), &out, providers, offers); err != nil {
		t.Fatal(err)
	}
	doc, err := strictjson.ParseObject(out.Bytes(), strictjson.Limits{MaxBytes: 1 << 24, MaxValues: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	collect(doc.Get("@graph"), names)
	context := doc.Get("@context")
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if name == "id" || name == "type" {
			continue
		}
		term := context.Get(name)
		iri, _ := term.Text()
		if iri == "" {
			iri, _ = term.Get("@id").Text()
		}
		iri = strings.Replace(iri, "http://data.europa.eu/snb/model/elm/", "elm:", 1)
		if iri == "" {
			iri = "elm:" + name
		}
		if !strings.Contains(shapes, "sh:path "+iri+";") && !strings.Contains(shapes, "sh:path "+iri+" ;") {
			t.Errorf("%s, which is %s, is no path of the constraints", name, iri)
		}
	}
	for _, v := range doc.Get("@graph").Items() {
		for _, required := range []string{"title", "defaultLanguage", "providedBy", "homepage", "learningAchievementSpecification"} {
			if v.Get(required) == nil {
				t.Errorf("%s lacks %s", v.Get("id").Raw(), required)
			}
		}
	}
}

// collect takes the names of members, but for those of language maps.
func collect(v *strictjson.Value, names map[string]bool) {
	for _, item := range v.Items() {
		collect(item, names)
	}
	for _, m := range v.Members() {
		names[m.Name] = true
		switch m.Name {
		case "title", "description", "legalName", "prefLabel", "geographicName", "noteLiteral":
		default:
			collect(m.Value, names)
		}
	}
}

func TestStops(t *testing.T) {
	t.Parallel()
	providers, offers := world(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, write := range []writer{export.JSONLines, export.SchemaOrg, export.LOQ} {
		if err := write(ctx, io.Discard, providers, offers); reason.CodeOf(err) != reason.Canceled {
			t.Error(err)
		}
		if err := write(t.Context(), full{}, providers, offers); reason.CodeOf(err) != reason.IO {
			t.Error(err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
