package esco_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/reason"
)

// Some of testdata/small.jsonl.
const (
	arc       = "http://data.europa.eu/esco/skill/27d26fd6-5795-4f0a-884e-112df7c68314"
	welding   = "http://data.europa.eu/esco/skill/2fcd95a4-1f9a-41cf-95a9-4701bde476b4"
	mag       = "http://data.europa.eu/esco/skill/60ff3eac-7d4d-4e51-87b8-74c3b5d62498"
	joining   = "http://data.europa.eu/esco/skill/24a39c1b-b8cc-4210-8b74-b388a90e8f59"
	firstAid  = "http://data.europa.eu/esco/skill/1d21f6ad-340f-45da-a0a3-4e83867f47a6"
	noSuchURI = "http://data.europa.eu/esco/skill/none"
)

func small(t testing.TB) *esco.Vocabulary {
	t.Helper()
	raw, err := os.ReadFile("testdata/small.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	v, err := esco.ReadLines(t.Context(), bytes.NewReader(raw), esco.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// named returns the skill with a preferred bokmål label.
func named(t testing.TB, v *esco.Vocabulary, nb string) string {
	t.Helper()
	for _, s := range v.Skills() {
		if s.Labels["nb"] == nb {
			return s.URI
		}
	}
	t.Fatalf("no skill is called %q", nb)
	return ""
}

func TestLookups(t *testing.T) {
	t.Parallel()
	v := small(t)
	if s, ok := v.Skill(arc); !ok || s.Labels["nn"] != "lysbogesveising" || s.Type != esco.Competence {
		t.Error(s, ok)
	}
	if _, ok := v.Skill(noSuchURI); ok {
		t.Error("a skill that is not there")
	}
	welder, ok := v.Occupation("7212")
	if !ok || welder.Labels["nb"] != "sveiser" || !slices.Contains(welder.Essential, arc) || !slices.Contains(welder.Optional, mag) {
		t.Error(welder, ok)
	}
	if o, ok := v.Occupation(welder.URI); !ok || o.Code != "7212" {
		t.Error(o, ok)
	}
	if got := v.Labels(arc); !slices.Equal(got, []string{"lysbuesveising", "lysbogesveising", "weld with an electric arc", "buesveising", "electric arc welding"}) {
		t.Errorf("%q", got)
	}
	if got := v.Labels(welder.URI); len(got) != 4 || got[3] != "platesveiser" {
		t.Errorf("%q", got)
	}
	if v.Labels("7212") != nil || v.Labels(noSuchURI) != nil {
		t.Error("labels of what is no URI here")
	}
	for label, want := range map[string]string{"Lysbuesveising": arc, "ELECTRIC ARC  WELDING!": arc, "aa": "", "": "", "føye sammen metall": ""} {
		var uri string
		if found := v.ByLabel(label); len(found) > 0 {
			uri = found[0].URI
		}
		if uri != want {
			t.Errorf("%s: %s", label, uri)
		}
	}
	if len(v.ByLabel("lysbuesveising", "en")) != 0 || len(v.ByLabel("lysbuesveising", "en", "nb")) != 1 || len(v.ByLabel("buesveising", "nb")) != 1 {
		t.Error("languages don't count")
	}
	var none *esco.Vocabulary
	if _, ok := none.Skill(arc); ok || none.ByLabel("x") != nil || none.FindOccupations("x", 1) != nil || none.Labels(arc) != nil || none.Skills() != nil || none.Similar(arc, mag) != 0 {
		t.Error("a nil vocabulary is not empty")
	}
	for uri, want := range map[string]bool{arc: true, noSuchURI: true, "http://data.europa.eu/esco/isced-f/0715": true, "http://data.europa.eu/esco/occupation/x": false,
		"http://data.europa.eu/esco/skill/": false, "http://data.europa.eu/esco/skill/a b": false, "sveising": false, "": false} {
		if esco.IsURI(uri) != want {
			t.Errorf("%q", uri)
		}
	}
}

func TestByLabelPrefersThePreferred(t *testing.T) {
	t.Parallel()
	v, err := esco.New([]esco.Skill{
		{URI: "https://a.example/1", Labels: catalogue.Texts{"nb": "annet"}, Alt: map[string][]string{"nb": {"sveising"}}},
		{URI: "https://a.example/2", Labels: catalogue.Texts{"nb": "sveising"}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.ByLabel("Sveising"); len(got) != 2 || got[0].URI != "https://a.example/2" {
		t.Error(got)
	}
}

// TestFindSkills finds a skill by what people type, and no headings.
func TestFindSkills(t *testing.T) {
	t.Parallel()
	v := small(t)
	for query, want := range map[string]string{
		"regneark":         "bruke regneark",
		"rekneark":         "bruke regneark",
		"spreadsheets":     "bruke regneark",
		"spredsheets":      "bruke regneark",
		"bruke Excel":      "bruke regneark",
		"team leadership":  "lede et team",
		"førstehjelp gi":   "gi førstehjelp",
		"astronomi":        "",
		"":                 "",
		"first aid please": "gi førstehjelp",
	} {
		got := ""
		if found := v.FindSkills(query, 3); len(found) > 0 {
			got = found[0].Labels["nb"]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	for _, s := range v.Skills() {
		if s.Type != esco.Group {
			continue
		}
		for _, label := range v.Labels(s.URI) {
			if slices.ContainsFunc(v.FindSkills(label, 50), func(f esco.Skill) bool { return f.URI == s.URI }) {
				t.Errorf("%q is a heading", label)
			}
		}
	}
	if (*esco.Vocabulary)(nil).FindSkills("regneark", 1) != nil || v.FindSkills("regneark", 0) != nil {
		t.Error("there is nothing to be found")
	}
}

func TestFindOccupations(t *testing.T) {
	t.Parallel()
	v := small(t)
	for query, want := range map[string]string{
		"sveiser": "sveiser", "sveisar": "sveiser", "sveiserr": "sveiser", "Welders": "sveiser", "sykpleier": "sykepleier", "sjukepleiar": "sykepleier",
		"pleier": "sykepleier", "sofware developer": "programvareutvikler", "developer of software": "programvareutvikler", "helsefag": "helsefagarbeider",
		"7212": "sveiser", "22": "sykepleier", "xyzzy": "", "": "", "999": "",
	} {
		var got string
		if found := v.FindOccupations(query, 3); len(found) > 0 {
			got = found[0].Labels["nb"]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if got := v.FindOccupations("pleier", 1); len(got) != 1 {
		t.Error("the limit is not kept")
	}
	if got := v.FindOccupations("pleier", 0); got != nil {
		t.Error(got)
	}
}

func TestSimilar(t *testing.T) {
	t.Parallel()
	v := small(t)
	feedback := named(t, v, "gi tilbakemelding")
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{arc, arc, 1}, {noSuchURI, noSuchURI, 1}, {mag, welding, 0.7}, {welding, mag, 0.5}, {arc, welding, 0.2}, {welding, arc, 0.2},
		{mag, joining, 0.3}, {joining, mag, 0.3}, {arc, feedback, 0}, {arc, noSuchURI, 0}, {arc, joining, 0.7},
	} {
		if got := v.Similar(c.a, c.b); got != c.want {
			t.Errorf("%s for %s: %v, want %v", v.Labels(c.a), v.Labels(c.b), got, c.want)
		}
	}
	// A group of many says nothing of its members.
	var many []esco.Skill
	for i := range 30 {
		many = append(many, esco.Skill{URI: "https://a.example/" + string(rune('A'+i)), Labels: catalogue.Texts{"en": "x"}, Broader: []string{"https://a.example/group"}})
	}
	crowd, err := esco.New(many, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := crowd.Similar("https://a.example/A", "https://a.example/B"); got != 0 {
		t.Error(got)
	}
}

func TestNewMergesAndChecks(t *testing.T) {
	t.Parallel()
	en := esco.Skill{URI: arc, Labels: catalogue.Texts{"en": "arc"}, Alt: map[string][]string{"en": {"b"}}, Broader: []string{"x"}}
	nb := esco.Skill{URI: arc, Labels: catalogue.Texts{"nb": "bue", "en": "other"}, Alt: map[string][]string{"en": {"b", "c"}}, Type: esco.Knowledge, Broader: []string{"y", "x"}}
	v, err := esco.New([]esco.Skill{en, nb}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := v.Skill(arc)
	if len(v.Skills()) != 1 || s.Labels["en"] != "arc" || s.Labels["nb"] != "bue" || !slices.Equal(s.Alt["en"], []string{"b", "c"}) || !slices.Equal(s.Broader, []string{"x", "y"}) || s.Type != esco.Knowledge {
		t.Error(v.Skills())
	}
	if len(en.Labels) != 1 || len(en.Alt["en"]) != 1 {
		t.Error("what was given has been changed")
	}
	long := strings.Repeat("x", 20_001)
	for at, change := range map[string]func(*esco.Skill){
		"/uri": func(s *esco.Skill) { s.URI = "arc" }, "/labels": func(s *esco.Skill) { s.Labels = nil }, "/labels/en": func(s *esco.Skill) { s.Labels = catalogue.Texts{"en": ""} },
		"/labels/": func(s *esco.Skill) { s.Labels = catalogue.Texts{"": "x"} }, "/description/en": func(s *esco.Skill) { s.Description = catalogue.Texts{"en": long} },
		"/alt/en/0": func(s *esco.Skill) { s.Alt = map[string][]string{"en": {""}} }, "/alt/en": func(s *esco.Skill) { s.Alt = map[string][]string{"en": make([]string, 1001)} },
		"/type": func(s *esco.Skill) { s.Type = "talent" }, "/reuse": func(s *esco.Skill) { s.Reuse = "x" }, "/broader/1": func(s *esco.Skill) { s.Broader = []string{"a", ""} },
		"/related": func(s *esco.Skill) { s.Related = make([]string, 10_001) },
	} {
		s := en
		change(&s)
		if _, err := esco.New([]esco.Skill{en, s}, nil); reason.CodeOf(err) != "offer_invalid/vocabulary" || reason.AtOf(err) != "/skills/1"+at {
			t.Errorf("%s: %v", at, err)
		}
	}
	for at, o := range map[string]esco.Occupation{"/uri": {}, "/code": {URI: arc, Labels: en.Labels, Code: long}, "/optional/0": {URI: arc, Labels: en.Labels, Optional: []string{""}}} {
		if _, err := esco.New(nil, []esco.Occupation{o}); reason.AtOf(err) != "/occupations/0"+at {
			t.Errorf("%s: %v", at, err)
		}
	}
}
