package catalogue_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	types "github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/support"
	"github.com/kompetansebevis/bevis/examples/catalogue"
)

// lines decodes each line of a file; a member that the type lacks is an error.
func lines[T any](t *testing.T, name string) []T {
	t.Helper()
	data, err := fs.ReadFile(catalogue.Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	n := 0
	for line := range bytes.Lines(data) {
		n++
		var x T
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&x); err != nil {
			t.Fatalf("%s:%d: %v", name, n, err)
		}
		out = append(out, x)
	}
	return out
}

type entry struct {
	Skill *struct {
		URI     string              `json:"uri"`
		Labels  types.Texts         `json:"labels"`
		Alt     map[string][]string `json:"alt"`
		Type    string              `json:"type"`
		Broader []string            `json:"broader"`
	} `json:"skill"`
	Occupation *struct {
		URI       string              `json:"uri"`
		Code      string              `json:"code"`
		Labels    types.Texts         `json:"labels"`
		Alt       map[string][]string `json:"alt"`
		Essential []string            `json:"essential"`
		Optional  []string            `json:"optional"`
	} `json:"occupation"`
}

// skills are the URIs of the vocabulary's skills.
func skills(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, e := range lines[entry](t, "vocabulary.jsonl") {
		if e.Skill != nil {
			out[e.Skill.URI] = true
		}
	}
	return out
}

func TestVocabulary(t *testing.T) {
	t.Parallel()
	known := skills(t)
	seen := map[string]bool{}
	occupations := 0
	for i, e := range lines[entry](t, "vocabulary.jsonl") {
		if (e.Skill == nil) == (e.Occupation == nil) {
			t.Fatalf("line %d is not one of skill and occupation", i+1)
		}
		uri, labels, kind := "", types.Texts(nil), "skill"
		if s := e.Skill; s != nil {
			uri, labels = s.URI, s.Labels
			if s.Type != "" && s.Type != "knowledge" && s.Type != "skill/competence" { // ESCO has two without
				t.Errorf("%s: type %q", uri, s.Type)
			}
			for _, b := range s.Broader {
				if !strings.HasPrefix(b, "http://data.europa.eu/esco/") {
					t.Errorf("%s: broader %q", uri, b)
				}
			}
		} else {
			o := e.Occupation
			uri, labels, kind = o.URI, o.Labels, "occupation"
			occupations++
			if len(o.Code) != 4 || strings.Trim(o.Code, "0123456789") != "" {
				t.Errorf("%s: code %q", uri, o.Code)
			}
			needs := append(append([]string(nil), o.Essential...), o.Optional...)
			if len(needs) < 8 || len(needs) > 20 {
				t.Errorf("%s has %d skills", labels["en"], len(needs))
			}
			for _, s := range needs {
				if !known[s] {
					t.Errorf("%s needs %s, which is not here", labels["en"], s)
				}
			}
		}
		if !strings.HasPrefix(uri, "http://data.europa.eu/esco/"+kind+"/") || seen[uri] {
			t.Errorf("line %d: uri %q", i+1, uri)
		}
		seen[uri] = true
		for _, l := range []string{"nb", "nn", "en"} {
			if labels[l] == "" {
				t.Errorf("%s has no label in %s", uri, l)
			}
		}
	}
	if len(known) < 200 || occupations < 25 {
		t.Errorf("%d skills, %d occupations", len(known), occupations)
	}
}

func schemes(t *testing.T) []support.Scheme {
	t.Helper()
	data, err := fs.ReadFile(catalogue.Files(), "schemes.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	out, err := support.Parse(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOffers(t *testing.T) {
	t.Parallel()
	providers := map[string]int{}
	for _, p := range lines[types.Provider](t, "providers.jsonl") {
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
		providers[p.ID] = 0
	}
	known := skills(t)
	named := map[string]bool{}
	for _, s := range schemes(t) {
		named[s.ID] = true
	}
	offers := map[string]types.Offer{}
	for i, o := range lines[types.Offer](t, "offers.jsonl") {
		if err := o.Check(); err != nil {
			t.Errorf("offers.jsonl:%d: %v", i+1, err)
		}
		if _, twice := offers[o.Ref()]; twice {
			t.Errorf("%s stands twice", o.Ref())
		}
		if _, there := providers[o.Provider]; !there {
			t.Errorf("%s: no such provider", o.Ref())
		}
		providers[o.Provider]++
		offers[o.Ref()] = o
	}
	languages := map[string]int{}
	for ref, o := range offers {
		for _, l := range o.Languages {
			languages[l]++
		}
		for _, x := range o.Outcomes {
			if x.Skill != "" && !known[x.Skill] {
				t.Errorf("%s leads to %s, which is not in the vocabulary", ref, x.Skill)
			}
		}
		for _, r := range o.Requires {
			if r.Skill != "" && !known[r.Skill] {
				t.Errorf("%s requires %s, which is not in the vocabulary", ref, r.Skill)
			}
			if _, there := offers[r.Offer]; r.Offer != "" && !there {
				t.Errorf("%s requires %s, which is not here", ref, r.Offer)
			}
		}
		for _, p := range o.PartOf {
			if _, there := offers[p]; !there {
				t.Errorf("%s is part of %s, which is not here", ref, p)
			}
		}
		for _, s := range o.Schemes {
			if !named[s] {
				t.Errorf("%s names the scheme %q, which is not here", ref, s)
			}
		}
		if o.Credits != nil && o.Accreditation == nil {
			t.Errorf("%s gives credits and names no accreditation", ref)
		}
	}
	if len(offers) < 72 || len(providers) < 12 {
		t.Errorf("%d offers of %d providers", len(offers), len(providers))
	}
	for p, n := range providers {
		if n == 0 {
			t.Errorf("%s offers nothing", p)
		}
	}
	for _, l := range []string{"nb", "nn", "en"} {
		if languages[l] == 0 {
			t.Errorf("nothing is taught in %s", l)
		}
	}
}

// TestStacks: at least six larger qualifications have two modules or more,
// whose credits do not exceed the whole.
func TestStacks(t *testing.T) {
	t.Parallel()
	parts := map[string]int{}
	credits := map[string]float64{}
	whole := map[string]float64{}
	for _, o := range lines[types.Offer](t, "offers.jsonl") {
		if o.Credits != nil {
			whole[o.Ref()] = o.Credits.Value
		}
		for _, p := range o.PartOf {
			parts[p]++
			if o.Credits != nil {
				credits[p] += o.Credits.Value
			}
		}
	}
	stacks := 0
	for p, n := range parts {
		if n >= 2 {
			stacks++
		}
		if credits[p] > whole[p] {
			t.Errorf("the modules of %s give %v credits, the whole %v", p, credits[p], whole[p])
		}
	}
	if stacks < 6 {
		t.Errorf("%d larger qualifications", stacks)
	}
}

// TestJobsAndPages: an advertisement of sensible length for each language, and
// something to import in each form.
func TestJobsAndPages(t *testing.T) {
	t.Parallel()
	for _, l := range []string{"nb", "nn", "en"} {
		names, err := fs.Glob(catalogue.Files(), "jobs/*-"+l+".txt")
		if err != nil || len(names) != 1 {
			t.Fatalf("%s: %v %v", l, names, err)
		}
		text, err := fs.ReadFile(catalogue.Files(), names[0])
		if err != nil {
			t.Fatal(err)
		}
		if n := len(strings.Fields(string(text))); n < 120 || n > 200 {
			t.Errorf("%s has %d words", names[0], n)
		}
	}
	for _, form := range []string{"*.html", "*-nynorsk.html", "*.json", "*.loq.json", "*.csv", "*.elmo.xml"} {
		if names, err := fs.Glob(catalogue.Files(), "pages/"+form); err != nil || len(names) == 0 {
			t.Errorf("%s: %v %v", form, names, err)
		}
	}
}
