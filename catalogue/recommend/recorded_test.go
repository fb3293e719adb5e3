package recommend_test

import (
	"slices"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/recommend"
)

// TestRecorded: what a file says that nobody verified is used and named as
// such, proves nothing, and goes with what the person declares.
func TestRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const done = nord + "#sveis-metallaere"
	in := competence.Input{Vocabulary: w.vocabulary, Achieved: []competence.Achieved{
		competence.FromRecord(competence.Record{Source: "fil", Title: catalogue.Texts{"nb": "Metallære"}, Offer: done, On: time.Date(2020, 6, 1, 0, 0, 0, 0, time.UTC), Result: "B"}),
		competence.FromRecord(competence.Record{Source: "fil", Title: catalogue.Texts{"nb": "Noe annet"}, Offer: "p#ikke-her"}),
	}}
	var offers []catalogue.Offer
	for _, l := range w.offers {
		offers = append(offers, l.Offer)
	}
	in.Offers = offers
	p, err := competence.Build(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Skills) == 0 || len(p.Proven()) != 0 || p.EQF != 0 || len(p.Stacks(offers)) != 0 || p.Achieved[0].Offer != done || p.Achieved[1].Offer != "" {
		t.Errorf("%+v", p)
	}
	for _, s := range p.Skills {
		if s.Grade != competence.Recorded || s.Grade.Proven() || s.Grounds[0].Source != "fil" {
			t.Errorf("%+v", s)
		}
	}
	rank := func(without ...recommend.Source) (recommend.Ranking, map[string]int) {
		r := recommend.Rank(recommend.Input{Profile: p, Offers: w.offers, Vocabulary: w.vocabulary, Statistics: others{}, On: "2026-11-23", Without: without})
		said := map[string]int{}
		for _, s := range r.All() {
			var sum int64
			for _, part := range s.Parts {
				sum += part.Points
				if part.What == "recorded" {
					said[string(part.Source)]++
					if part.Credential != "fil" {
						t.Errorf("%+v", part)
					}
				}
				if part.Source == recommend.FromProfile || part.Source == recommend.FromStack {
					t.Errorf("%s: %+v", s.Listing.Offer.Ref(), part)
				}
			}
			if sum != s.Score {
				t.Errorf("%s: %d, the parts are %d", s.Listing.Offer.Ref(), s.Score, sum)
			}
		}
		return r, said
	}
	r, said := rank()
	if said["declared"] == 0 || said["history"] == 0 || !slices.Contains(r.SetAside, recommend.Aside{Ref: done, Why: "recorded"}) {
		t.Errorf("%v %v", said, r.SetAside)
	}
	if r, said := rank(recommend.FromDeclared); len(said) != 0 || len(r.SetAside) != 0 {
		t.Errorf("%v %v", said, r.SetAside)
	}
	// A credential for the same course takes the place of the file.
	verified := w.profile(t)
	verified.Achieved = append(verified.Achieved, p.Achieved...)
	again := recommend.Rank(recommend.Input{Profile: verified, Offers: w.offers, Vocabulary: w.vocabulary, Statistics: others{}, On: "2026-11-23"})
	if !slices.Contains(again.SetAside, recommend.Aside{Ref: done, Why: "completed"}) {
		t.Errorf("%v", again.SetAside)
	}
	for _, s := range again.All() {
		n := 0
		for _, part := range s.Parts {
			if part.Source == recommend.FromHistory {
				n++
			}
		}
		if n > 1 {
			t.Errorf("%s: one course counts %d times", s.Listing.Offer.Ref(), n)
		}
	}
}
