package link_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/catalogue/esco/link"
	example "github.com/kompetansebevis/bevis/examples/catalogue"
)

// TestExampleOffers links the title and description of each offer of the
// example catalogue, in each of its languages, and looks for the skills that
// its learning outcomes name. Offers and vocabulary come from one hand, so the
// figures are kinder than elsewhere; they show that Norwegian works.
func TestExampleOffers(t *testing.T) {
	t.Parallel()
	raw, err := fs.ReadFile(example.Files(), "vocabulary.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	v, err := esco.ReadLines(t.Context(), bytes.NewReader(raw), esco.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = fs.ReadFile(example.Files(), "offers.jsonl"); err != nil {
		t.Fatal(err)
	}
	l := link.New(v)
	questions := map[string][]question{}
	for line := range bytes.Lines(raw) {
		var o catalogue.Offer
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatal(err)
		}
		var gold []string
		for _, x := range o.Outcomes {
			if x.Skill != "" {
				gold = append(gold, x.Skill)
			}
		}
		if len(gold) == 0 {
			continue
		}
		for language, title := range o.Title {
			text := title + ". " + o.Description[language]
			questions[language] = append(questions[language], question{text, firsts(gold)})
		}
	}
	for language, floor := range map[string]measures{"nb": {0.75, 0.5}, "nn": {0.7, 0.45}, "en": {0.65, 0.5}} {
		got := measure(questions[language], func(text string) []string {
			links, err := l.Link(t.Context(), text, link.Options{Language: language, Limit: 300})
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, x := range links {
				found = append(found, x.Skill)
			}
			return found
		})
		t.Logf("%s: %d offers, MRR %.3f, RP@5 %.3f", language, len(questions[language]), got.mrr, got.rp5)
		if !(got.mrr >= floor.mrr && got.rp5 >= floor.rp5) {
			t.Errorf("%s: below the floor %+v", language, floor)
		}
	}
}
