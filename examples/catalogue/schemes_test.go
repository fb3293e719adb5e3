package catalogue_test

import (
	"maps"
	"strings"
	"testing"

	types "github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/support"
)

// TestSchemesHold: for each scheme there is somebody and an offer that it
// fits, one fact turns that round, and without the facts of the person it is
// open and asks in three languages.
func TestSchemesHold(t *testing.T) {
	t.Parallel()
	const today = "2026-11-23"
	offers := map[string]types.Offer{}
	for _, o := range lines[types.Offer](t, "offers.jsonl") {
		offers[o.ID] = o
	}
	all := map[string]support.Scheme{}
	for _, s := range schemes(t) {
		all[s.ID] = s
		for _, l := range []string{"nb", "nn", "en"} {
			if s.Name[l] == "" || s.Text[l] == "" {
				t.Errorf("%s has no name or text in %s", s.ID, l)
			}
		}
		if s.Checked != "" {
			t.Errorf("%s claims to be checked", s.ID)
		}
	}
	for _, c := range []struct{ scheme, offer, who, but string }{
		{"lanekassen-laan", "python-10", "person.age=40 person.residencePermit=norwegian", "person.age=66"},
		{"lanekassen-kompetanse", "baerekraft", "person.age=40 person.residencePermit=eea person.employed=true", "person.employed=false"},
		{"nav-opplaering", "truck", "person.age=30 person.registeredJobseeker=true", "person.registeredJobseeker=false"},
		{"bransjeprogram", "velferdsteknologi", "employer.industry=helse", "employer.industry=handel"},
		{"voksenrett", "helsefagarbeidar", "person.age=30 person.education=2 person.residencePermit=protection", "person.education=4"},
		{"fagbrev-pa-jobb", "tomrer-fagbrev", "person.age=30 person.employed=true", "person.age=20"},
		{"norskopplaering", "norsk-a1", "person.age=30 person.residencePermit=protection", "person.residencePermit=work"},
		{"kompetansepluss", "grunnleggende", "person.employed=true person.education=2", "person.education=6"},
		{"utdanningsfond", "prosjekt", "person.unionMember=true person.union=Fellesforbundet", "person.unionMember=false"},
		{"samhald-fond", "konflikt", "person.unionMember=true person.union=Samhald", "person.union=Fagforbundet"},
		{"skattefri-arbeidsgiver", "scrum", "person.employed=true person.country=NO", "person.country=SE"},
	} {
		s, there := all[c.scheme]
		if o := offers[c.offer]; !there || o.ID == "" {
			t.Errorf("%s, %s: not here", c.scheme, c.offer)
			continue
		}
		delete(all, c.scheme)
		facts := support.OfferFacts(offers[c.offer])
		open := s.Evaluate(facts, today)
		if open.Outcome != support.Maybe || len(open.Missing) == 0 {
			t.Errorf("%s of a stranger: %v", c.scheme, open.Outcome)
		}
		for _, q := range open.Missing {
			if q.Ask["nb"] == "" || q.Ask["nn"] == "" || q.Ask["en"] == "" {
				t.Errorf("%s does not ask for %s in three languages", c.scheme, q.Fact)
			}
		}
		add(facts, c.who)
		if a := s.Evaluate(facts, today); a.Outcome != support.Yes {
			t.Errorf("%s: %v, missing %v", c.scheme, a.Outcome, a.Missing)
		}
		other := maps.Clone(facts)
		add(other, c.but)
		if a := s.Evaluate(other, today); a.Outcome != support.No {
			t.Errorf("%s with %s: %v", c.scheme, c.but, a.Outcome)
		}
	}
	for id := range all {
		t.Errorf("%s is not tried", id)
	}
}

func add(facts support.Facts, who string) {
	for pair := range strings.FieldsSeq(who) {
		name, value, _ := strings.Cut(pair, "=")
		facts[name] = []support.Value{support.ParseValue(value)}
	}
}
