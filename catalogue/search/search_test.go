package search_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/search"
	"github.com/kompetansebevis/bevis/reason"
)

// listing makes an offer whose id is its title.
func listing(title string) catalogue.Listing {
	return catalogue.Listing{Offer: catalogue.Offer{ID: title, Provider: "p", Title: catalogue.Texts{"nb": title}}, Provider: catalogue.Provider{ID: "p", Name: catalogue.Texts{"nb": "Høgskolen"}}}
}

func listings(titles ...string) (out []catalogue.Listing) {
	for _, t := range titles {
		out = append(out, listing(t))
	}
	return out
}

func index(t testing.TB, config search.Config, listings ...catalogue.Listing) *search.Index {
	t.Helper()
	x, err := search.New(t.Context(), listings, config)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func find(t testing.TB, x *search.Index, q catalogue.Query) (ids []string, r catalogue.Results) {
	t.Helper()
	r, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range r.Hits {
		ids = append(ids, h.Offer.ID)
	}
	return ids, r
}

// TestWords: what is found for a text, in this order, and how its words were
// read.
func TestWords(t *testing.T) {
	t.Parallel()
	x := index(t, search.Config{}, listings("Regnskapsføring", "Føring av regnskap", "Regnskap", "Lysbuesveising", "Sveising", "Sjukepleiarar i heimen", "Datasikkerhet",
		"Kjøring på vinterføre", "Matematikk for voksne", "Italiensk", "Grunnkurs i keramikk", "Maling av hus", "Måling av strøm", "C++ og C#", "Språk", "Førerkort klasse B")...)
	for text, want := range map[string]struct {
		first []string
		read  string
	}{
		"regnskap":                {[]string{"Regnskap", "Føring av regnskap", "Regnskapsføring"}, "map[]"},
		"regnskap føring":         {[]string{"Føring av regnskap", "Regnskapsføring"}, "map[]"},
		"regnskapsføring":         {[]string{"Regnskapsføring", "Føring av regnskap", "Regnskap"}, "map[]"},
		"rekneskapsføring":        {[]string{"Regnskapsføring", "Føring av regnskap"}, "map[]"},
		"sveising":                {[]string{"Sveising", "Lysbuesveising"}, "map[]"},
		"sveiser":                 {[]string{"Sveising", "Lysbuesveising"}, "map[]"},
		"sykepleier":              {[]string{"Sjukepleiarar i heimen"}, "map[]"},
		"sykepleie i hjemmet":     {[]string{"Sjukepleiarar i heimen"}, "map[]"},
		"datasikkerhetskurs":      {[]string{"Datasikkerhet"}, "map[datasikkerhetskurs:[datasikkerhet kurs]]"},
		"data sikkerhet":          {[]string{"Datasikkerhet"}, "map[]"},
		"kjoring":                 {[]string{"Kjøring på vinterføre"}, "map[kjoring:[kjøring]]"},
		"KJOERING":                {[]string{"Kjøring på vinterføre"}, "map[]"},
		"matamatikk":              {[]string{"Matematikk for voksne"}, "map[matamatikk:[matematikk]]"},
		"matemtaikk for vokse":    {[]string{"Matematikk for voksne"}, "map[matemtaikk:[matematikk] vokse:[voksne]]"},
		"ital":                    {[]string{"Italiensk"}, "map[ital:[italiensk]]"},
		"ital keramikk":           {[]string{"Grunnkurs i keramikk"}, "map[]"}, // only the last word may be a beginning
		"maling":                  {[]string{"Maling av hus"}, "map[]"},
		"måling":                  {[]string{"Måling av strøm"}, "map[]"},
		"c++":                     {[]string{"C++ og C#"}, "map[]"},
		"kurs i sveising for":     {[]string{"Sveising"}, "map[]"},
		"qqqqqqqq":                {nil, "map[]"},
		"og":                      {[]string{"C++ og C#"}, "map[]"},
		"!":                       {nil, "map[]"},
		strings.Repeat("ord ", 9): {nil, "map[]"},
	} {
		ids, r := find(t, x, catalogue.Query{Text: text})
		if len(ids) < len(want.first) || !slices.Equal(ids[:len(want.first)], want.first) || want.first == nil && r.Total > 0 || fmt.Sprint(r.Read) != want.read {
			t.Errorf("%q: %q, read as %v; want first %q, %v", text, ids, r.Read, want.first, want.read)
		}
	}
	if _, r := find(t, x, catalogue.Query{Text: "høgskole"}); r.Total != 16 {
		t.Error("the provider's name finds", r.Total)
	}
}

// TestFields: where a word stands decides, and how often an offer says it in
// how many languages does not.
func TestFields(t *testing.T) {
	t.Parallel()
	title, subject, outcome, description := listing("Sveising"), listing("B"), listing("C"), listing("D")
	subject.Offer.Subjects = []string{"sveising"}
	outcome.Offer.Outcomes = []catalogue.Outcome{{Text: catalogue.Texts{"nb": "utføre sveising"}}}
	description.Offer.Description = catalogue.Texts{"nb": "Kurset handler om mye, også sveising."}
	x := index(t, search.Config{}, description, outcome, subject, title, listing("Annet"))
	if ids, _ := find(t, x, catalogue.Query{Text: "sveising"}); !slices.Equal(ids, []string{"Sveising", "B", "C", "D"}) {
		t.Error(ids)
	}
	twice, once := listing("A"), listing("B")
	twice.Offer.Title, once.Offer.Title = catalogue.Texts{"nb": "Sveising", "nn": "Sveising", "en": "Sveising"}, catalogue.Texts{"nb": "Sveising"}
	if _, r := find(t, index(t, search.Config{}, twice, once), catalogue.Query{Text: "sveising"}); len(r.Hits) != 2 || r.Hits[0].Score != r.Hits[1].Score {
		t.Errorf("%+v", r.Hits)
	}
}

func TestSkills(t *testing.T) {
	t.Parallel()
	a, b, c, d := listing("A"), listing("B"), listing("Kurs i buesveising"), listing("Sveising")
	a.Offer.Outcomes, b.Offer.Outcomes = []catalogue.Outcome{{Skill: "urn:bue"}, {Skill: "urn:bue"}}, []catalogue.Outcome{{Skill: "urn:bue"}, {Skill: "urn:tig"}}
	labels := func(uri string) []string {
		return map[string][]string{"urn:bue": {"buesveising", "arc welding"}, "urn:tig": {"TIG"}}[uri]
	}
	x, plain := index(t, search.Config{Labels: labels}, a, b, c, d, listing("Annet")), index(t, search.Config{}, a, b, c, d, listing("Annet"))
	for _, c := range []struct {
		x    *search.Index
		q    catalogue.Query
		want []string
	}{
		{x, catalogue.Query{Skills: []string{"urn:bue"}}, []string{"A", "B", "Kurs i buesveising"}},
		{plain, catalogue.Query{Skills: []string{"urn:bue"}}, []string{"A", "B"}},
		{x, catalogue.Query{Skills: []string{"urn:tig", "urn:bue"}}, []string{"B", "A", "Kurs i buesveising"}},
		{plain, catalogue.Query{Skills: []string{"urn:tig"}, Text: "sveising"}, []string{"B", "Sveising", "Kurs i buesveising"}},
		{x, catalogue.Query{Text: "arc welding"}, []string{"A", "B"}},
		{plain, catalogue.Query{Text: "arc welding"}, nil},
		{x, catalogue.Query{Skills: []string{"urn:none"}}, nil},
	} {
		if ids, _ := find(t, c.x, c.q); !slices.Equal(ids, c.want) {
			t.Errorf("%+v: %q, want %q", c.q, ids, c.want)
		}
	}
}

// TestStanding: reviews move an offer among its equals, and no further.
func TestStanding(t *testing.T) {
	t.Parallel()
	bad, fresh, good, other := listing("A sveising"), listing("B sveising"), listing("C sveising"), listing("D")
	bad.Standing, good.Standing = catalogue.Standing{Reviews: 50, Lower: 1.1, Mean: 1.2}, catalogue.Standing{Reviews: 50, Lower: 4.8, Mean: 4.9}
	other.Standing, other.Offer.Description = good.Standing, catalogue.Texts{"nb": "Noe om alt mulig, i en lang tekst om mange ting, blant dem sveising."}
	x := index(t, search.Config{}, bad, fresh, good, other)
	if ids, _ := find(t, x, catalogue.Query{Text: "sveising"}); !slices.Equal(ids, []string{"C sveising", "B sveising", "A sveising", "D"}) {
		t.Error(ids)
	}
	if search.Factor(catalogue.Standing{}) != 1 || search.Factor(catalogue.Standing{Lower: 1}) >= 1 || search.Factor(catalogue.Standing{Lower: 99}) > 1.151 {
		t.Error("factors")
	}
}

// TestSame: the same listings in any order answer the same, to the last bit.
func TestSame(t *testing.T) {
	t.Parallel()
	var all []catalogue.Listing
	for i := range 300 {
		l := listing(fmt.Sprintf("Kurs %d i sveising og regnskapsføring", i%7))
		l.Offer.ID = fmt.Sprint(i)
		l.Offer.Title["en"], l.Offer.Title["nn"] = "Welding and accounting", "Rekneskap"
		l.Offer.Description = catalogue.Texts{"nb": strings.Repeat("Om sveis og regnskap. ", i%5), "en": "Accounts", "nn": "Rekneskap og sveis"}
		all = append(all, l)
	}
	q := catalogue.Query{Text: "regnskap sveising welding", Limit: 50, Offset: 5}
	_, want := find(t, index(t, search.Config{}, all...), q)
	for range 5 {
		slices.Reverse(all)
		if _, got := find(t, index(t, search.Config{}, all...), q); !reflect.DeepEqual(got, want) {
			t.Fatal("the answers differ")
		}
	}
	// The best of many are those of all of them.
	_, few := find(t, index(t, search.Config{}, all...), catalogue.Query{Text: q.Text, Limit: 5})
	_, many := find(t, index(t, search.Config{}, all...), catalogue.Query{Text: q.Text, Limit: 300})
	if !reflect.DeepEqual(few.Hits, many.Hits[:5]) || many.Total != 300 {
		t.Error("the first page is not the beginning of the whole")
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := search.New(ctx, listings("a"), search.Config{}); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
	if _, err := index(t, search.Config{}, listings("a")...).Search(ctx, catalogue.Query{}); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"nb-NO": "[nb nb-no no]", "nn": "[nn no]", "no": "[nb nn no]", "EN-gb": "[en en-gb]", "": "[]"} {
		if got := fmt.Sprint(search.LanguageKeys([]string{in})); got != want && in != "" {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	runs := search.RunsOf(catalogue.Offer{Place: "Bodø", Mode: catalogue.Blended, Runs: []catalogue.Run{{Start: "2027-01-01"}, {Place: "Ås", Mode: catalogue.Online}}})
	if !slices.Equal(runs, []search.Run{{"bodoe", catalogue.Blended, "2027-01-01"}, {"aas", catalogue.Online, ""}}) {
		t.Error(runs)
	}
	facets := search.FacetsOf(catalogue.Offer{Provider: "p", Languages: []string{"nb", "nb"}, Level: catalogue.Level{EQF: 5}})
	if !slices.Equal(facets, []search.Facet{{"eqf", "5"}, {"language", "nb"}, {"provider", "p"}}) {
		t.Error(facets)
	}
}

// FuzzSearch: whatever is asked of whatever there is, pages hold what the
// total says, and scores descend.
func FuzzSearch(f *testing.F) {
	for _, s := range [][2]string{{"Regnskapsføring for nybegynnere", "regnskap føring"}, {"", ""}, {"\xff\u0308", "\u0308"}, {"aaaaaaaaaaaaaaaaaaaa aaaa", "aaaaaaaaaaaa"}, {"C++", "c+ #"}, {"Datasikkerhet", "datasikkerhetskurs og data"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, title, text string) {
		title, text = title[:min(len(title), 2000)], text[:min(len(text), search.MaxText)]
		l := listing(title)
		l.Offer.Subjects = strings.Split(text, " ")
		x := index(t, search.Config{Labels: func(string) []string { return []string{text} }}, l, listing("Sveising og "+text), listing("Kurs i data"))
		r, err := x.Search(t.Context(), catalogue.Query{Text: text, Skills: []string{"urn:x"}, Place: title[:min(len(title), 10)]})
		if err != nil || r.Total != len(r.Hits) || r.Total > 3 {
			t.Fatal(r.Total, len(r.Hits), err)
		}
		for i, h := range r.Hits {
			if !(h.Score >= 0) || i > 0 && h.Score > r.Hits[i-1].Score {
				t.Error(i, h.Score)
			}
		}
	})
}
