package recommend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/catalogue/recommend"
	"github.com/kompetansebevis/bevis/catalogue/support"
	"github.com/kompetansebevis/bevis/credential"
	example "github.com/kompetansebevis/bevis/examples/catalogue"
)

// world is the example catalogue.
type world struct {
	offers     []catalogue.Listing
	vocabulary *esco.Vocabulary
	schemes    []support.Scheme
}

func lines[T any](t testing.TB, name string) []T {
	t.Helper()
	data, err := fs.ReadFile(example.Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	for line := range bytes.Lines(data) {
		var x T
		if err := json.Unmarshal(line, &x); err != nil {
			t.Fatal(name, err)
		}
		out = append(out, x)
	}
	return out
}

func newWorld(t testing.TB) world {
	t.Helper()
	var w world
	providers := map[string]catalogue.Provider{}
	for _, p := range lines[catalogue.Provider](t, "providers.jsonl") {
		providers[p.ID] = p
	}
	for i, o := range lines[catalogue.Offer](t, "offers.jsonl") {
		l := catalogue.Listing{Offer: o, Provider: providers[o.Provider]}
		if i%3 == 0 {
			l.Standing = catalogue.Standing{Reviews: 9, Lower: 2 + float64(i%7)/2}
		}
		w.offers = append(w.offers, l)
	}
	f, err := example.Files().Open("vocabulary.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if w.vocabulary, err = esco.ReadLines(t.Context(), f, esco.Limits{}); err != nil {
		t.Fatal(err)
	}
	data, err := fs.ReadFile(example.Files(), "schemes.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if w.schemes, err = support.Parse(t.Context(), data); err != nil {
		t.Fatal(err)
	}
	return w
}

const nord = "did:web:fagskolen-nord.example"

// profile is of somebody who took the module on metals at the vocational
// college.
func (w world) profile(t testing.TB, declared ...string) competence.Profile {
	t.Helper()
	c, err := credential.Parse([]byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","OpenBadgeCredential"],`+
		`"issuer":{"id":"`+nord+`","name":"Fagskolen Nord"},"validFrom":"2026-06-01T00:00:00Z","credentialSubject":{"type":"AchievementSubject","id":"did:key:z6Mk",`+
		`"achievement":{"id":"https://fagskolen-nord.example/achievements/sveis-metallaere","type":"Achievement","name":"Metallære","description":"-","criteria":{"narrative":"-"}}}}`), credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := competence.FromCredential("c1", c, "")
	if err != nil {
		t.Fatal(err)
	}
	in := competence.Input{Achieved: []competence.Achieved{a}, Declared: declared, Vocabulary: w.vocabulary, Issuers: map[string][]string{nord: {nord}}}
	for _, l := range w.offers {
		in.Offers = append(in.Offers, l.Offer)
	}
	p, err := competence.Build(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// others says that a third of those with a course went on to each module.
type others struct{}

func (others) Contributions(history []string, candidate string) []recommend.Contribution {
	var out []recommend.Contribution
	for i, h := range history {
		if strings.Contains(candidate, "sveis") {
			out = append(out, recommend.Contribution{From: h, Points: int64(33 + i)})
		}
	}
	return out
}

func (w world) input(t testing.TB) recommend.Input {
	p := w.profile(t, "prosjektledelse")
	welder := w.vocabulary.FindOccupations("sveiser", 1)[0]
	gap := p.Gap(w.vocabulary, competence.OccupationGoal(w.vocabulary, welder))
	return recommend.Input{Profile: p, Gap: &gap, Offers: w.offers, Vocabulary: w.vocabulary, Statistics: others{}, Schemes: w.schemes,
		Facts: support.Facts{"person.age": {support.Number(35)}, "person.employed": {support.Bool(true)}}, On: "2026-11-23"}
}

func all(r recommend.Ranking) []recommend.Suggestion {
	return r.All()
}

// TestSum: the parts are the score, of every offer.
func TestSum(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := recommend.Rank(w.input(t))
	seen := map[recommend.Source]int{}
	for _, s := range all(r) {
		var sum int64
		for _, p := range s.Parts {
			sum += p.Points
			seen[p.Source]++
		}
		if sum != s.Score {
			t.Errorf("%s: %d, parts %d", s.Listing.Offer.Ref(), s.Score, sum)
		}
	}
	if n := len(all(r)) + len(r.SetAside); n != len(w.offers) {
		t.Errorf("%d of %d offers", n, len(w.offers))
	}
	for _, s := range recommend.Sources() {
		if seen[s] == 0 && s != recommend.FromDeclared {
			t.Errorf("nothing came from %s", s)
		}
	}
	if again := recommend.Rank(w.input(t)); !reflect.DeepEqual(again, r) {
		t.Error("another ranking for the same input")
	}
}

// TestWithout: leaving an input out takes away exactly its parts.
func TestWithout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whole := all(recommend.Rank(w.input(t)))
	for _, source := range recommend.Sources() {
		in := w.input(t)
		in.Without = []recommend.Source{source}
		left := map[string]recommend.Suggestion{}
		for _, s := range all(recommend.Rank(in)) {
			left[s.Listing.Offer.Ref()] = s
		}
		for _, s := range whole {
			var of int64
			for _, p := range s.Parts {
				if p.Source == source {
					of += p.Points
				}
			}
			got := left[s.Listing.Offer.Ref()]
			// Without the profile, skills no longer meet requirements either.
			if got.Score != s.Score-of && source != recommend.FromProfile && source != recommend.FromDeclared {
				t.Errorf("%s without %s: %d, want %d-%d", s.Listing.Offer.ID, source, got.Score, s.Score, of)
			}
			if slices.ContainsFunc(got.Parts, func(p recommend.Part) bool { return p.Source == source }) {
				t.Errorf("%s still has parts from %s", s.Listing.Offer.ID, source)
			}
		}
	}
}

func TestSensible(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := recommend.Rank(w.input(t))
	for _, s := range r.Suggestions[:3] {
		text := strings.ToLower(s.Listing.Offer.Title.In() + s.Listing.Offer.Description.In())
		if !strings.Contains(text, "sveis") && !strings.Contains(text, "stål") && !strings.Contains(text, "mekan") {
			t.Errorf("for a welder: %s (%d) %+v", s.Listing.Offer.Title.In(), s.Score, s.Parts)
		}
	}
	if !slices.Contains(r.SetAside, recommend.Aside{Ref: nord + "#sveis-metallaere", Why: "completed"}) {
		t.Error("suggests what was completed", r.SetAside)
	}
	in := w.input(t)
	in.Gap, in.Profile, in.Statistics = nil, competence.Profile{}, nil
	if r := recommend.Rank(in); len(r.Suggestions) != 0 {
		t.Errorf("nothing is known of the person, and yet: %+v", r.Suggestions[0].Parts)
	}
}

// TestNobodyIsShutOut: what somebody lacks costs points and is said, and no
// more.
func TestNobodyIsShutOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := recommend.Rank(w.input(t))
	unmet := 0
	for _, s := range all(r) {
		for _, q := range s.Requires {
			if q.Met == support.No {
				unmet++
			}
		}
	}
	if unmet == 0 {
		t.Error("no offer with a requirement that is not met")
	}
	for _, a := range r.SetAside {
		if a.Why != "completed" {
			t.Errorf("set aside without a condition: %+v", a)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for why, c := range map[string]recommend.Conditions{
		"language": {Languages: []string{"en"}}, "mode": {Modes: []catalogue.Mode{catalogue.Online}}, "place": {Place: "Bergen"},
		"price": {MaxPrice: &catalogue.Price{Amount: 1000, Currency: "NOK"}}, "hours": {MaxHours: 20}, "start": {StartFrom: "2027-06-01"},
	} {
		in := w.input(t)
		in.Conditions = c
		r := recommend.Rank(in)
		aside := map[string]string{}
		for _, a := range r.SetAside {
			aside[a.Ref] = a.Why
			if a.Why != why && a.Why != "completed" {
				t.Errorf("%s: %+v", why, a)
			}
		}
		if len(aside) < 5 || len(aside) == len(w.offers) {
			t.Errorf("%s sets aside %d of %d", why, len(aside), len(w.offers))
		}
		for _, s := range all(r) {
			o := s.Listing.Offer
			untold := slices.Contains(s.Unknown, why)
			ok := map[string]bool{
				"language": slices.Contains(o.Languages, "en"), "mode": o.Mode == catalogue.Online, "price": o.Price != nil && o.Price.Amount <= 1000,
				"place": o.Mode == catalogue.Online || strings.Contains(o.Place, "Bergen") || slices.ContainsFunc(o.Runs, func(r catalogue.Run) bool { return strings.Contains(r.Place, "Bergen") }),
				"start": slices.ContainsFunc(o.Runs, func(r catalogue.Run) bool { return r.Start >= "2027-06-01" }), "hours": true,
			}[why]
			if why == "hours" {
				h, err := catalogue.ParseDuration(o.Workload)
				ok = err == nil && h <= 20
			}
			if ok == untold {
				t.Errorf("%s: %s meets it: %v, untold: %v", why, o.Ref(), ok, untold)
			}
		}
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := w.input(t)
	paths := recommend.Paths(in)
	if len(paths) < 2 {
		t.Fatalf("%d paths", len(paths))
	}
	for _, p := range paths {
		at := map[string]int{}
		begins, ends := in.On, map[string]catalogue.Date{}
		for i, s := range p.Steps {
			o := s.Listing.Offer
			at[o.Ref()] = i + 1
			for _, q := range o.Requires {
				if q.Offer != "" && at[q.Offer] == 0 && q.Offer != nord+"#sveis-metallaere" {
					t.Errorf("%s: %s comes before %s", p.Aim, o.ID, q.Offer)
				}
			}
			if len(s.Closes) == 0 && s.For == "" {
				t.Errorf("%s: %s is there for nothing", p.Aim, o.ID)
			}
			if s.Run != nil {
				if s.Run.Start < begins {
					t.Errorf("%s: %s begins %s, the one before it %s", p.Aim, o.ID, s.Run.Start, begins)
				}
				begins, ends[o.Ref()] = s.Run.Start, max(s.Run.Start, s.Run.End)
				for _, q := range o.Requires {
					if s.Run.Start < ends[q.Offer] {
						t.Errorf("%s: %s begins %s, before %s ends", p.Aim, o.ID, s.Run.Start, q.Offer)
					}
				}
			}
		}
		if len(p.Left) >= len(in.Gap.Open()) {
			t.Errorf("%s closes nothing", p.Aim)
		}
	}
	for _, p := range paths[1:] {
		if p.Aim == recommend.LeastMoney && len(p.Left) == len(paths[0].Left) && p.Price > paths[0].Price {
			t.Errorf("the cheapest costs %v, the shortest %v", p.Price, paths[0].Price)
		}
		if len(p.Left) == len(paths[0].Left) && len(p.Steps) < len(paths[0].Steps) {
			t.Errorf("%s has fewer courses than the one with the fewest", p.Aim)
		}
	}
	in.Gap = nil
	if recommend.Paths(in) != nil {
		t.Error("a path to nowhere")
	}
}

func TestStacksAndProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.profile(t, "prosjektledelse", "noe rart")
	var offers []catalogue.Offer
	for _, l := range w.offers {
		offers = append(offers, l.Offer)
	}
	stacks := p.Stacks(offers)
	if len(stacks) != 1 || stacks[0].Larger.ID != "sveisekoordinator" || stacks[0].CreditsDone != 10 || stacks[0].CreditsAll != 60 || len(stacks[0].Left) == 0 {
		t.Errorf("%+v", stacks)
	}
	if len(p.Proven()) == 0 || p.EQF != 5 {
		t.Errorf("%+v", p)
	}
	for _, s := range p.Skills {
		if s.Grade == competence.Declared && s.Grounds[0].Source != "" || s.Grade.Proven() && s.Grounds[0].Source != "c1" {
			t.Errorf("%+v", s)
		}
	}
	// The same achievement's id in a credential of somebody else's proves no
	// course.
	a := p.Achieved[0]
	a.Issuer, a.Offer = "did:web:mallory.example", ""
	other, err := competence.Build(context.WithoutCancel(t.Context()), competence.Input{Achieved: []competence.Achieved{a}, Offers: offers, Vocabulary: w.vocabulary, Issuers: map[string][]string{nord: {nord}}})
	if err != nil || len(other.Proven()) != 0 || other.Achieved[0].Offer != "" || other.EQF != 0 {
		t.Errorf("%+v %v", other, err)
	}
	// What is not verified proves nothing.
	a = p.Achieved[0]
	a.Verified, a.Why = false, "untrusted_issuer"
	other, err = competence.Build(t.Context(), competence.Input{Achieved: []competence.Achieved{a}, Offers: offers, Vocabulary: w.vocabulary, Issuers: map[string][]string{nord: {nord}}})
	if err != nil || len(other.Proven()) != 0 || len(other.Skills) == 0 || other.EQF != 0 || len(other.Stacks(offers)) != 0 {
		t.Errorf("%+v %v", other, err)
	}
}

func TestTeam(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	p := w.profile(t)
	team := competence.NewTeam([]competence.Member{{Name: "kari", Profile: p, Until: now.Add(time.Hour)}, {Name: "ola", Profile: p, Until: now.Add(-time.Hour)}, {Name: "ada"}}, now)
	if len(team.Members) != 2 || !slices.Equal(team.Ended, []string{"ola"}) {
		t.Fatalf("%+v", team)
	}
	for _, s := range team.Skills() {
		if !slices.Equal(s.Members, []string{"kari"}) {
			t.Errorf("%+v", s)
		}
	}
	gap := team.Gap(w.vocabulary, competence.OccupationGoal(w.vocabulary, w.vocabulary.FindOccupations("sveiser", 1)[0]))
	proven := 0
	for _, c := range gap.Skills {
		proven += len(c.Proven)
	}
	if open := gap.Open(); proven == 0 || len(open.Wanted)+proven != len(gap.Skills) {
		t.Errorf("%d proven, %d open of %d", proven, len(open.Wanted), len(gap.Skills))
	}
}

// BenchmarkRank ranks the example's offers, and as many copies of them as a
// national catalogue has.
func BenchmarkRank(b *testing.B) {
	in := newWorld(b).input(b)
	offers := in.Offers
	for _, n := range []int{len(offers), 26_000} {
		in.Offers = nil
		for i := range n {
			l := offers[i%len(offers)]
			if i >= len(offers) {
				l.Offer.ID = fmt.Sprintf("%s-%d", l.Offer.ID, i/len(offers))
			}
			in.Offers = append(in.Offers, l)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				recommend.Rank(in)
			}
		})
	}
}
