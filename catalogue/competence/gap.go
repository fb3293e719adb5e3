package competence

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/esco"
)

// Goal is a set of skills that somebody wants, or that a place asks for.
type Goal struct {
	Kind   string          `json:"kind"` // "occupation", "text", "offer" or "skills"
	Title  catalogue.Texts `json:"title"`
	Wanted []Wanted        `json:"wanted"`
}

// Wanted is one skill of a goal.
type Wanted struct {
	URI       string          `json:"uri"`
	Label     catalogue.Texts `json:"label"`
	Essential bool            `json:"essential"`
	Words     string          `json:"words,omitempty"` // of the text that asks for it
}

func (w Wanted) weight() int {
	if w.Essential {
		return 3
	}
	return 1
}

// OccupationGoal is what an occupation takes.
func OccupationGoal(v *esco.Vocabulary, o esco.Occupation) Goal {
	g := Goal{Kind: "occupation", Title: o.Labels}
	for _, uri := range o.Essential {
		g.want(v, uri, true, "")
	}
	for _, uri := range o.Optional {
		g.want(v, uri, false, "")
	}
	return g
}

// OfferGoal is what an offer requires of those who want to begin.
func OfferGoal(v *esco.Vocabulary, o catalogue.Offer) Goal {
	g := Goal{Kind: "offer", Title: o.Title}
	for _, r := range o.Requires {
		if r.Skill != "" {
			g.want(v, r.Skill, true, r.Text.In())
		}
	}
	return g
}

// SkillsGoal is a list of skills.
func SkillsGoal(v *esco.Vocabulary, uris ...string) Goal {
	g := Goal{Kind: "skills"}
	for _, uri := range uris {
		g.want(v, uri, true, "")
	}
	return g
}

// maxTextSkills is how many skills of a text are taken, the surest first.
const maxTextSkills = 15

// TextGoal reads the skills that a text asks for, such as the advertisement of
// a job, sentence by sentence. Each of them is a reading that may be wrong, so
// it carries the words that it was read from.
func TextGoal(ctx context.Context, v *esco.Vocabulary, l Linker, title, text string) (Goal, error) {
	g := Goal{Kind: "text", Title: catalogue.Texts{"und": title}}
	type read struct {
		Link
		order int
	}
	best := map[string]read{}
	for i, sentence := range sentences(text) {
		links, err := l.Link(ctx, sentence, "", 3)
		if err != nil {
			return Goal{}, err
		}
		for _, x := range links {
			if x.Score >= askedAbove && x.Score > best[x.Skill].Score {
				best[x.Skill] = read{x, i}
			}
		}
	}
	var all []read
	for _, r := range best {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b read) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.order, b.order), cmp.Compare(a.Skill, b.Skill))
	})
	for _, r := range all[:min(len(all), maxTextSkills)] {
		g.want(v, r.Skill, true, r.Words)
	}
	return g, nil
}

func sentences(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".;:!?\n•·", r) })
}

func (g *Goal) want(v *esco.Vocabulary, uri string, essential bool, words string) {
	if slices.ContainsFunc(g.Wanted, func(w Wanted) bool { return w.URI == uri }) {
		return
	}
	s, ok := v.Skill(uri)
	if !ok {
		s.Labels = catalogue.Texts{"und": cmp.Or(words, uri)}
	}
	g.Wanted = append(g.Wanted, Wanted{uri, s.Labels, essential, words})
}

// Cover tells how far a profile covers one wanted skill.
type Cover uint8

// The covers, from none.
const (
	Missing Cover = iota
	Said          // the person says so, or a file; nothing proves it
	Partly        // a proven skill that is close to it
	Proven
)

// String returns the cover's name in machine output.
func (c Cover) String() string { return [...]string{"missing", "declared", "partly", "proven"}[c] }

// MarshalText implements encoding.TextMarshaler.
func (c Cover) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Covered is one wanted skill and what the profile has for it.
type Covered struct {
	Wanted
	Cover Cover  `json:"cover"`
	By    *Skill `json:"by,omitempty"` // nil if Missing
}

// Gap is a goal seen from a profile.
type Gap struct {
	Goal   Goal      `json:"goal"`
	Skills []Covered `json:"skills"` // in the goal's order
	// Share is how much of the goal is proven, 0 to 1: essential skills count
	// three times, one that is partly covered a half.
	Share float64 `json:"share"`
}

// closeEnough is the similarity from which a skill covers another partly.
const closeEnough = 0.5

// Gap compares the profile with a goal.
func (p Profile) Gap(v *esco.Vocabulary, g Goal) Gap {
	out := Gap{Goal: g}
	var have, all int // in halves
	for _, w := range g.Wanted {
		c := p.cover(v, w)
		out.Skills = append(out.Skills, c)
		all += 2 * w.weight()
		have += map[Cover]int{Proven: 2, Partly: 1}[c.Cover] * w.weight()
	}
	if all > 0 {
		out.Share = float64(have) / float64(all)
	}
	return out
}

func (p Profile) cover(v *esco.Vocabulary, w Wanted) Covered {
	c := Covered{Wanted: w}
	best := 0.
	for i := range p.Skills {
		s := &p.Skills[i]
		is := Missing
		near := 0.
		switch {
		case s.URI == "":
			continue
		case s.URI == w.URI && s.Grade.Proven():
			is = Proven
		case s.Grade < Read && s.URI == w.URI:
			is = Said
		case s.Grade == Read && s.URI == w.URI:
			is, near = Partly, 1
		case s.Grade.Proven():
			if near = v.Similar(s.URI, w.URI); near >= closeEnough {
				is = Partly
			}
		}
		if is > c.Cover || is == c.Cover && is == Partly && near > best {
			c.Cover, c.By, best = is, s, near
		}
	}
	return c
}

// Open returns the wanted skills that are not proven, essential ones first.
func (g Gap) Open() []Covered {
	var out []Covered
	for _, c := range g.Skills {
		if c.Cover != Proven {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Covered) int { return cmp.Compare(b.weight(), a.weight()) })
	return out
}
