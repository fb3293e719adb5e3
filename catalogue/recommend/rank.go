package recommend

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/support"
)

// The points. They are whole so that a sum is exact, and stand here together
// so that a reader can weigh them: what a goal asks for comes first, then what
// others did, then what is begun; the rest tips the balance.
const (
	pointsEssential = 300 // an essential skill of the goal that is not proven
	pointsOptional  = 100
	pointsBuildsOn  = 100 // a skill, as near as it is to one that the person has
	maxBuildsOn     = 4
	pointsStack     = 120 // a module of something begun …
	pointsLast      = 120 // … and more if it is the last one
	pointsReview    = 60  // for each star of the lower bound above or below 3
	pointsSupport   = 60
	pointsMaybe     = 20
	pointsUnmet     = -250 // a requirement that is known not to be met
	pointsLevel     = -100 // for each level of education below or more than one above
	pointsOver      = -300 // no run to come
	pointsDead      = -200 // the address did not answer
	pointsOld       = -150 // nobody has confirmed it for long
)

// Part is one term of a score.
type Part struct {
	Source Source `json:"source"`
	Points int64  `json:"points"`
	// What refines the source: "essential", "optional", "near" for a goal;
	// "recorded" for what a file says that nobody verified;
	// "module", "last" for a stack; "yes", "maybe" for support; "skill",
	// "offer", "eqf" for what is required; "above", "below" for levels;
	// "over", "dead", "old" for dates.
	What  string          `json:"what,omitempty"`
	Skill catalogue.Texts `json:"skill,omitempty"`
	// Offer is the ref of another offer that is spoken of: a course of the
	// history, the larger qualification, one that is required.
	Offer string `json:"offer,omitempty"`
	// Credential is the source of the credential that gave it.
	Credential string `json:"credential,omitempty"`
	Scheme     string `json:"scheme,omitempty"`
}

// Requirement is something that an offer requires, and whether it is met.
type Requirement struct {
	catalogue.Requirement
	Met support.Outcome `json:"met"` // maybe: only a person can tell, or it is not known
}

// Suggestion is an offer with the reasons for its place.
type Suggestion struct {
	Listing  catalogue.Listing `json:"listing"`
	Position int               `json:"position"` // from 1
	Score    int64             `json:"score"`    // exactly the sum of Parts
	Parts    []Part            `json:"parts"`    // greatest effect first
	Requires []Requirement     `json:"requires,omitempty"`
	Support  []support.Answer  `json:"support,omitempty"` // schemes that are not out of the question
	// Unknown names conditions that the offer does not tell enough to judge.
	Unknown []string `json:"unknown,omitempty"`
}

// Aside is an offer that was not ranked.
type Aside struct {
	Ref string `json:"ref"`
	// Why is "completed", "recorded" (completed as a file says that nobody
	// verified), or the condition: "language", "mode", "place",
	// "price", "hours", "start".
	Why string `json:"why"`
}

// personal tells whether anything of the person's own speaks for it. That a
// course is liked, or paid for, is no reason to suggest it to this person.
func (s Suggestion) personal() bool {
	return slices.ContainsFunc(s.Parts, func(p Part) bool {
		return p.Points > 0 && slices.Contains([]Source{FromGoal, FromProfile, FromDeclared, FromHistory, FromStack}, p.Source)
	})
}

// Ranking is what came of an input.
type Ranking struct {
	// Suggestions have a score above 0, and something of the person's own that
	// speaks for them.
	Suggestions []Suggestion `json:"suggestions"`
	Others      []Suggestion `json:"others"` // the rest, in the same order
	SetAside    []Aside      `json:"setAside"`
}

// All returns every offer that was ranked, by position.
func (r Ranking) All() []Suggestion {
	all := append(slices.Clone(r.Suggestions), r.Others...)
	slices.SortFunc(all, func(a, b Suggestion) int { return cmp.Compare(a.Position, b.Position) })
	return all
}

// Rank scores every offer. Equal scores stand in the order of their refs.
func Rank(in Input) Ranking {
	r := newRanker(in)
	var all []Suggestion
	var out Ranking
	for _, l := range in.Offers {
		unknown, why := r.judge(l.Offer)
		if why != "" {
			out.SetAside = append(out.SetAside, Aside{l.Offer.Ref(), why})
			continue
		}
		s := r.score(l)
		s.Unknown = unknown
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Listing.Offer.Ref(), b.Listing.Offer.Ref()))
	})
	slices.SortFunc(out.SetAside, func(a, b Aside) int { return cmp.Compare(a.Ref, b.Ref) })
	for i := range all {
		all[i].Position = i + 1
		if all[i].Score > 0 && all[i].personal() {
			out.Suggestions = append(out.Suggestions, all[i])
		} else {
			out.Others = append(out.Others, all[i])
		}
	}
	return out
}

type ranker struct {
	in        Input
	completed map[string]string // ref → credential
	recorded  map[string]string // ref → file that says it was completed
	history   []string          // refs, newest last
	stacks    map[string]competence.Stack
	open      []competence.Covered
	has       map[string]competence.Skill // by URI, of the skills in use
}

func newRanker(in Input) *ranker {
	r := &ranker{in: in, completed: map[string]string{}, recorded: map[string]string{}, stacks: map[string]competence.Stack{}, has: map[string]competence.Skill{}}
	achieved := slices.Clone(in.Profile.Achieved)
	slices.SortStableFunc(achieved, func(a, b competence.Achieved) int { return a.On.Compare(b.On) })
	for _, a := range achieved {
		switch {
		case a.Offer == "" || r.completed[a.Offer] != "":
		case a.Verified:
			if r.recorded[a.Offer] == "" {
				r.history = append(r.history, a.Offer)
			}
			delete(r.recorded, a.Offer)
			r.completed[a.Offer] = a.Source
		case a.Recorded && in.uses(FromDeclared) && r.recorded[a.Offer] == "":
			r.recorded[a.Offer] = a.Source
			r.history = append(r.history, a.Offer)
		}
	}
	if in.uses(FromProfile) || in.uses(FromDeclared) {
		for _, s := range in.Profile.Skills {
			own := s.Grade < competence.Read
			if s.URI != "" && (own && in.uses(FromDeclared) || !own && in.uses(FromProfile)) {
				r.has[s.URI] = s
			}
		}
	}
	if in.uses(FromStack) {
		offers := make([]catalogue.Offer, len(in.Offers))
		for i, l := range in.Offers {
			offers[i] = l.Offer
		}
		for _, s := range in.Profile.Stacks(offers) {
			r.stacks[s.Larger.Ref()] = s
		}
	}
	if in.Gap != nil && in.uses(FromGoal) {
		r.open = in.Gap.Open()
	}
	return r
}

func (r *ranker) score(l catalogue.Listing) Suggestion {
	s := Suggestion{Listing: l}
	o := l.Offer
	s.Parts = append(s.Parts, r.goal(o)...)
	s.Parts = append(s.Parts, r.buildsOn(o)...)
	if r.in.Statistics != nil && r.in.uses(FromHistory) && len(r.history) > 0 {
		for _, c := range r.in.Statistics.Contributions(r.history, o.Ref()) {
			if c.Points != 0 {
				p := Part{Source: FromHistory, Points: c.Points, Offer: c.From, Credential: r.completed[c.From]}
				if p.Credential == "" {
					p.What, p.Credential = "recorded", r.recorded[c.From]
				}
				s.Parts = append(s.Parts, p)
			}
		}
	}
	s.Parts = append(s.Parts, r.stack(o)...)
	if lower := l.Standing.Lower; lower > 0 && r.in.uses(FromReviews) {
		if p := int64((lower - 3) * pointsReview); p != 0 {
			s.Parts = append(s.Parts, Part{Source: FromReviews, Points: p})
		}
	}
	s.Requires = r.requires(o)
	for _, q := range s.Requires {
		if q.Met == support.No && r.in.uses(FromRequires) {
			s.Parts = append(s.Parts, unmet(q.Requirement, r.label(q.Skill)))
		}
	}
	s.Parts = append(s.Parts, r.level(o)...)
	s.Parts = append(s.Parts, r.dates(o)...)
	var part []Part
	s.Support, part = r.support(o)
	s.Parts = append(s.Parts, part...)
	slices.SortStableFunc(s.Parts, func(a, b Part) int { return cmp.Compare(abs(b.Points), abs(a.Points)) })
	for _, p := range s.Parts {
		s.Score += p.Points
	}
	return s
}

func abs(n int64) int64 { return max(n, -n) }

func (r *ranker) label(uri string) catalogue.Texts {
	s, _ := r.in.Vocabulary.Skill(uri)
	return s.Labels
}

// goal gives points for each open skill of the goal that the offer leads to.
func (r *ranker) goal(o catalogue.Offer) []Part {
	var parts []Part
	for _, w := range r.open {
		p := Part{Source: FromGoal, Points: pointsOptional, What: "optional", Skill: w.Label}
		if w.Essential {
			p.Points, p.What = pointsEssential, "essential"
		}
		near := 0.
		for _, outcome := range o.Outcomes {
			if outcome.Skill != "" {
				near = max(near, r.in.Vocabulary.Similar(outcome.Skill, w.URI))
			}
		}
		if near < 1 {
			p.What, p.Points = "near", int64(float64(p.Points)*near/2)
		}
		if near >= 0.5 && p.Points > 0 {
			parts = append(parts, p)
		}
	}
	return parts
}

// buildsOn gives points for what is new and close to what the person has.
func (r *ranker) buildsOn(o catalogue.Offer) []Part {
	var parts []Part
	for _, outcome := range o.Outcomes {
		if _, known := r.has[outcome.Skill]; known || outcome.Skill == "" {
			continue
		}
		var best competence.Skill
		near := 0.
		for _, s := range r.in.Profile.Skills {
			if held, ok := r.has[s.URI]; ok {
				if n := r.in.Vocabulary.Similar(s.URI, outcome.Skill); n > near {
					best, near = held, n
				}
			}
		}
		if points := int64(pointsBuildsOn * near); points > 0 && near >= 0.2 {
			p := Part{Source: FromProfile, Points: points, Skill: best.Label, Credential: best.Grounds[0].Source}
			switch best.Grade {
			case competence.Declared:
				p.Source = FromDeclared
			case competence.Recorded:
				p.Source, p.What = FromDeclared, "recorded"
			}
			parts = append(parts, p)
		}
	}
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(b.Points, a.Points) })
	return parts[:min(len(parts), maxBuildsOn)]
}

func (r *ranker) stack(o catalogue.Offer) []Part {
	var parts []Part
	for _, larger := range o.PartOf {
		s, begun := r.stacks[larger]
		if !begun {
			continue
		}
		p := Part{Source: FromStack, Points: pointsStack, What: "module", Offer: larger, Credential: s.Done[0].Source}
		if len(s.Left) == 1 {
			p.Points, p.What = pointsStack+pointsLast, "last"
		}
		parts = append(parts, p)
	}
	return parts
}

// requires judges what the offer requires.
func (r *ranker) requires(o catalogue.Offer) []Requirement {
	var out []Requirement
	for _, q := range o.Requires {
		x := Requirement{Requirement: q}
		switch {
		case q.Offer != "":
			x.Met = support.No
			if r.completed[q.Offer] != "" {
				x.Met = support.Yes
			} else if r.recorded[q.Offer] != "" {
				x.Met = support.Maybe
			}
		case q.Skill != "":
			x.Met = support.No
			if s, ok := r.has[q.Skill]; ok && s.Grade.Proven() {
				x.Met = support.Yes
			} else if ok {
				x.Met = support.Maybe
			}
		case q.EQF > 0 && r.in.Profile.EQF >= q.EQF:
			x.Met = support.Yes
		case q.EQF > 0:
			x.Met = levelOf(r.in.Facts, q.EQF)
		}
		out = append(out, x)
	}
	return out
}

// levelOf judges a level by what the person told; credentials seldom tell it.
func levelOf(facts support.Facts, eqf int) support.Outcome {
	s := support.Scheme{Rule: support.Expr{Fact: "person.education", Op: ">=", Of: support.Operand{support.Number(float64(eqf))}}}
	return s.Evaluate(facts, "").Outcome
}

func unmet(q catalogue.Requirement, label catalogue.Texts) Part {
	p := Part{Source: FromRequires, Points: pointsUnmet, What: "eqf"}
	switch {
	case q.Offer != "":
		p.What, p.Offer = "offer", q.Offer
	case q.Skill != "":
		p.What, p.Skill = "skill", label
	}
	return p
}

func (r *ranker) level(o catalogue.Offer) []Part {
	at := r.in.Profile.EQF
	if !r.in.uses(FromLevel) || o.Level.EQF == 0 || at == 0 {
		return nil
	}
	switch {
	case o.Level.EQF > at+1:
		return []Part{{Source: FromLevel, Points: int64(pointsLevel * (o.Level.EQF - at - 1)), What: "above"}}
	case o.Level.EQF < at:
		return []Part{{Source: FromLevel, Points: int64(pointsLevel * (at - o.Level.EQF)), What: "below"}}
	}
	return nil
}

func (r *ranker) dates(o catalogue.Offer) []Part {
	var parts []Part
	if !r.in.uses(FromDates) {
		return nil
	}
	if len(o.Runs) > 0 && !slices.ContainsFunc(o.Runs, func(run catalogue.Run) bool { return run.Start == "" || run.Start >= r.in.On }) {
		parts = append(parts, Part{Source: FromDates, Points: pointsOver, What: "over"})
	}
	if l := o.Link; l != nil && (l.Status == 0 || l.Status >= 400) {
		parts = append(parts, Part{Source: FromDates, Points: pointsDead, What: "dead"})
	}
	if r.in.Old[o.Ref()] {
		parts = append(parts, Part{Source: FromDates, Points: pointsOld, What: "old"})
	}
	return parts
}

// support evaluates the schemes; the best one counts, and once. A scheme that
// can be ruled out is not mentioned.
func (r *ranker) support(o catalogue.Offer) ([]support.Answer, []Part) {
	if !r.in.uses(FromSupport) || o.Price != nil && o.Price.Amount == 0 {
		return nil, nil
	}
	facts := support.OfferFacts(o)
	for name, v := range r.in.Facts {
		if strings.HasPrefix(name, "person.") || strings.HasPrefix(name, "employer.") {
			facts[name] = v
		}
	}
	var answers []support.Answer
	for _, s := range r.in.Schemes {
		if a := s.Evaluate(facts, r.in.On); a.Outcome == support.Yes || a.Outcome == support.Maybe {
			answers = append(answers, a)
		}
	}
	slices.SortStableFunc(answers, func(a, b support.Answer) int {
		return cmp.Or(cmp.Compare(b.Outcome, a.Outcome), cmp.Compare(len(a.Missing), len(b.Missing)), cmp.Compare(a.Scheme, b.Scheme))
	})
	if len(answers) == 0 {
		return nil, nil
	}
	p := Part{Source: FromSupport, Points: pointsMaybe, What: "maybe", Scheme: answers[0].Scheme}
	if answers[0].Outcome == support.Yes {
		p.Points, p.What = pointsSupport, "yes"
	}
	return answers, []Part{p}
}
