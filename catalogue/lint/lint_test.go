package lint_test

import (
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats"
	"github.com/kompetansebevis/bevis/catalogue/lint"
)

// whole says all that an offer can say.
func whole() catalogue.Listing {
	return catalogue.Listing{
		Provider: catalogue.Provider{ID: "https://kurs.example", Name: catalogue.Texts{"nb": "Kurs"}, Country: "NO"},
		Offer: catalogue.Offer{ID: "a", Title: catalogue.Texts{"nb": "A"}, Awards: &catalogue.Award{Issuer: "did:web:kurs.example"}, Outcomes: []catalogue.Outcome{{Skill: "urn:x"}},
			Workload: "PT40H", Level: catalogue.Level{EQF: 4}, Assessment: catalogue.Texts{"nb": "Prøve"}, Mode: catalogue.Online, Quality: catalogue.Texts{"nb": "Evaluering"}},
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*catalogue.Listing)
		lacks  []lint.Element
	}{
		"nothing":               {func(*catalogue.Listing) {}, nil},
		"country":               {func(l *catalogue.Listing) { l.Provider.Country = "" }, []lint.Element{lint.Country}},
		"an award of nobody":    {func(l *catalogue.Listing) { l.Offer.Awards.Issuer = "" }, []lint.Element{lint.AwardingBody}},
		"no award":              {func(l *catalogue.Listing) { l.Offer.Awards = nil }, []lint.Element{lint.AwardingBody}},
		"the provider issues":   {func(l *catalogue.Listing) { l.Offer.Awards = nil; l.Provider.Issuer = []string{"did:x:y"} }, nil},
		"the provider is a DID": {func(l *catalogue.Listing) { l.Offer.Awards = nil; l.Provider.ID = "did:web:kurs.example" }, nil},
		"outcomes":              {func(l *catalogue.Listing) { l.Offer.Outcomes = nil }, []lint.Element{lint.LearningOutcomes}},
		"an outcome of blanks":  {func(l *catalogue.Listing) { l.Offer.Outcomes = []catalogue.Outcome{{Text: catalogue.Texts{"nb": " "}}} }, []lint.Element{lint.LearningOutcomes}},
		"an outcome in words":   {func(l *catalogue.Listing) { l.Offer.Outcomes = []catalogue.Outcome{{Text: catalogue.Texts{"se": "x"}}} }, nil},
		"workload":              {func(l *catalogue.Listing) { l.Offer.Workload = "" }, []lint.Element{lint.Workload}},
		"workload in credits": {func(l *catalogue.Listing) {
			l.Offer.Workload = ""
			l.Offer.Credits = &catalogue.Credits{Value: 5, Scheme: "ECTS"}
		}, nil},
		"a field is no level": {func(l *catalogue.Listing) { l.Offer.Level = catalogue.Level{ISCEDF: "0715"} }, []lint.Element{lint.Level}},
		"a national level":    {func(l *catalogue.Listing) { l.Offer.Level = catalogue.Level{NQF: "NKR 4A"} }, nil},
		"assessment":          {func(l *catalogue.Listing) { l.Offer.Assessment = nil }, []lint.Element{lint.Assessment}},
		"participation":       {func(l *catalogue.Listing) { l.Offer.Mode = "" }, []lint.Element{lint.Participation}},
		"a run without a mode": {func(l *catalogue.Listing) {
			l.Offer.Mode = ""
			l.Offer.Runs = []catalogue.Run{{Mode: catalogue.Online}, {}}
		}, []lint.Element{lint.Participation}},
		"each run has a mode": {func(l *catalogue.Listing) {
			l.Offer.Mode = ""
			l.Offer.Runs = []catalogue.Run{{Mode: catalogue.Online}}
		}, nil},
		"quality": {func(l *catalogue.Listing) { l.Offer.Quality = nil }, []lint.Element{lint.QualityAssurance}},
		"quality by accreditation": {func(l *catalogue.Listing) {
			l.Offer.Quality = nil
			l.Offer.Accreditation = &catalogue.Accreditation{By: "NOKUT"}
		}, nil},
		"title": {func(l *catalogue.Listing) { l.Offer.Title = nil }, []lint.Element{lint.Title}},
		"all": {func(l *catalogue.Listing) { *l = catalogue.Listing{} }, []lint.Element{lint.Title, lint.Country, lint.AwardingBody, lint.LearningOutcomes, lint.Workload,
			lint.Level, lint.Assessment, lint.Participation, lint.QualityAssurance}},
	} {
		l := whole()
		c.change(&l)
		var got []lint.Element
		findings := lint.Check(l, formats.JSONLines)
		for _, f := range findings {
			got = append(got, f.Element)
			if f.At == "" || f.Say == "" || (f.Severity == lint.IfApplicable) != (f.Element == lint.Level) {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !slices.Equal(got, c.lacks) {
			t.Errorf("%s: lacks %v, want %v", name, got, c.lacks)
		}
		if onlyLevel := len(got) == 0 || len(got) == 1 && got[0] == lint.Level; lint.Lacks(findings) == onlyLevel {
			t.Errorf("%s: %v", name, findings)
		}
	}
}

// TestElements: eleven, and two of them no offer can lack.
func TestElements(t *testing.T) {
	t.Parallel()
	all := lint.Elements()
	if len(all) != 11 || all[0] != lint.Learner || all[10] != lint.QualityAssurance {
		t.Error(all)
	}
	if n := len(lint.Check(catalogue.Listing{}, formats.CSV)) + len(lint.AtIssue()); n != len(all) {
		t.Errorf("%d elements are lacking or come at issue, of %d", n, len(all))
	}
}

// TestSayIsRead: what Say tells for a format is what its reader reads. A source
// that says it all in these words lacks nothing that the format has a place for.
func TestSayIsRead(t *testing.T) {
	t.Parallel()
	for format, source := range map[formats.Format]string{
		formats.CSV: "title;provider;outcomes;hours;eqf;assessment;mode;quality\nA;Kurs AS;Kan sveise;40;4;Prøve;online;Evaluering\n",
		formats.SchemaOrg: `{"@context":"https://schema.org","@type":"Course","name":"A","provider":{"@type":"Organization","name":"Kurs AS","url":"https://kurs.example","address":{"addressCountry":"NO"}},
			"teaches":"Kan sveise","timeRequired":"PT40H","educationalLevel":"EQF 4","courseMode":"online",
			"educationalCredentialAwarded":{"@type":"EducationalOccupationalCredential","creator":{"@id":"did:web:kurs.example"},"recognizedBy":{"@type":"Organization","name":"NOKUT"}}}`,
		formats.JSONLines: `{"provider":{"id":"x","name":{"nb":"X"},"country":"NO"}}` + "\n" +
			`{"offer":{"id":"a","provider":"x","title":{"nb":"A"},"awards":{"issuer":"did:x:y"},"outcomes":[{"skill":"urn:x"}],"workload":"PT40H","level":{"eqf":4},"assessment":{"nb":"P"},"mode":"online","quality":{"nb":"E"}}}`,
	} {
		b, err := formats.Read(t.Context(), []byte(source), formats.Options{})
		if err != nil || len(b.Offers) != 1 || len(b.Providers) != 1 || b.Format != format {
			t.Fatalf("%s: %+v %v", format, b, err)
		}
		for _, f := range lint.Check(catalogue.Listing{Provider: b.Providers[0], Offer: b.Offers[0]}, format) {
			if f.Say != "" {
				t.Errorf("%s: %s was said, and was not read: %+v", format, f.Element, b.Problems)
			}
		}
	}
}
