package competence

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/reason"
)

// Grade is the ground on which somebody is said to have a skill.
type Grade uint8

// The grades, from the weakest.
const (
	Declared Grade = iota // the person says so, or nobody could verify it
	Recorded              // a file of results says so that nobody verified, see Record
	Read                  // the words of a verified credential point to it
	Course                // a verified credential for a course that leads to it
	Stated                // a verified credential names it
)

// Proven tells whether a verified credential speaks for the skill itself, not
// merely its wording.
func (g Grade) Proven() bool { return g >= Course }

// String returns the grade's name in machine output.
func (g Grade) String() string {
	return [...]string{"declared", "recorded", "read", "course", "stated"}[g]
}

// MarshalText implements encoding.TextMarshaler.
func (g Grade) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// Achieved is a credential, or a result in a file, as the ground for skills.
type Achieved struct {
	Source     string `json:"source"` // by which the caller knows the credential
	Title      string `json:"title"`
	Issuer     string `json:"issuer,omitempty"`
	IssuerName string `json:"issuerName,omitempty"`
	// Verified tells whether a verifier found it valid. If not, Why is the
	// reason's code, and the credential proves nothing.
	Verified bool   `json:"verified"`
	Why      string `json:"why,omitempty"`
	// Recorded tells that it is no credential at all, but stands in a file.
	Recorded bool `json:"recorded,omitempty"`
	// Result is how well, as a record says: a grade in words or letters.
	Result      string    `json:"result,omitempty"`
	On          time.Time `json:"on,omitzero"`
	Until       time.Time `json:"until,omitzero"`
	Achievement string    `json:"achievement,omitempty"` // its id
	Credits     float64   `json:"credits,omitempty"`     // the standard names no unit
	// Offer is the ref of the catalogue's offer that gives this achievement.
	Offer string `json:"offer,omitempty"`

	detail openbadge.Achievement
}

// FromCredential reads a credential. Source is what the caller knows it by;
// why is the reason for which it is not verified, "" if it is.
func FromCredential(source string, c *credential.Credential, why string) (Achieved, error) {
	badge, err := openbadge.FromCredential(c)
	if err != nil {
		return Achieved{}, err
	}
	a := badge.Subject.Achievement
	from, until, err := c.Period()
	if err != nil {
		return Achieved{}, err
	}
	on := badge.AwardedDate
	for _, t := range []time.Time{badge.Subject.ActivityEndDate, from} {
		if on.IsZero() {
			on = t
		}
	}
	return Achieved{
		Source: source, Title: a.Name, Issuer: c.IssuerID(), IssuerName: c.IssuerName(), Verified: why == "", Why: why,
		On: on, Until: until, Achievement: a.ID, Credits: cmp.Or(badge.Subject.CreditsEarned, a.CreditsAvailable), detail: *a,
	}, nil
}

// Record is one result in a file that somebody was handed about themselves and
// that nobody verified, such as one of a diploma portal.
type Record struct {
	Source      string // by which the caller knows the file
	Title       catalogue.Texts
	Description catalogue.Texts
	Issuer      string // id
	IssuerName  string
	Offer       string // ref of the offer that it is of, if the catalogue has it
	On          time.Time
	Credits     float64
	Result      string // "B", "Passed", …
}

// FromRecord reads a record. It proves nothing: skills have it as their ground
// by the grade Recorded, if they have it at all.
func FromRecord(r Record) Achieved {
	language := ""
	if all := catalogue.Languages(r.Title); len(all) > 0 && all[0] != "und" {
		language = all[0]
	}
	return Achieved{
		Source: r.Source, Title: r.Title.In(), Issuer: r.Issuer, IssuerName: r.IssuerName, Recorded: true, Result: r.Result, On: r.On, Credits: r.Credits, Offer: r.Offer,
		detail: openbadge.Achievement{Name: r.Title.In(), Description: r.Description.In(language), InLanguage: language},
	}
}

// Ground is one reason to say that somebody has a skill.
type Ground struct {
	Grade  Grade  `json:"grade"`
	Source string `json:"source,omitempty"` // Achieved.Source; "" for the person's own word
	Title  string `json:"title,omitempty"`
	// Words are those of the credential that name the skill, when it was read
	// from its text.
	Words string    `json:"words,omitempty"`
	On    time.Time `json:"on,omitzero"`
}

// Skill is what somebody knows or can do.
type Skill struct {
	URI     string          `json:"uri,omitempty"` // ESCO; "" for one that has only a name
	Label   catalogue.Texts `json:"label"`
	Grade   Grade           `json:"grade"` // the best of Grounds
	Grounds []Ground        `json:"grounds"`
}

// Profile is what somebody's credentials add up to.
type Profile struct {
	Skills   []Skill    `json:"skills"` // best ground first, then by name
	Achieved []Achieved `json:"achieved"`
	// EQF is the highest level among the proven courses that tell theirs.
	EQF int `json:"eqf,omitempty"`
}

// Input is what a profile is built from.
type Input struct {
	Achieved []Achieved
	Declared []string          // skills that the person names: ESCO URIs, or words
	Offers   []catalogue.Offer // to know which courses the achievements are of
	// Issuers are the DIDs under which each provider issues, by provider id. An
	// achievement's id alone could be claimed by anybody.
	Issuers    map[string][]string
	Vocabulary *esco.Vocabulary
	Linker     Linker // nil: texts are not read
}

// Linker finds skills in a text, the surest first.
type Linker interface {
	// Link returns at most limit skills; language is "" if it is not known.
	Link(ctx context.Context, text, language string, limit int) ([]Link, error)
}

// Link is a skill that was found in a text.
type Link struct {
	Skill string  // URI
	Score float64 // 0 to 1
	Words string  // of the text, that made it
}

// Build makes a profile. Vocabulary may be empty: skills then have only the
// names that credentials give them. The error is canceled or none.
func Build(ctx context.Context, in Input) (Profile, error) {
	b := builder{in: in, skills: map[string]*Skill{}, awards: awards(in.Offers), offers: map[string]catalogue.Offer{}}
	for _, o := range in.Offers {
		b.offers[o.Ref()] = o
	}
	p := Profile{Achieved: slices.Clone(in.Achieved)}
	for i := range p.Achieved {
		if err := ctx.Err(); err != nil {
			return Profile{}, reason.Wrap(reason.Canceled, "", err)
		}
		a := &p.Achieved[i]
		o, ok := b.offer(*a)
		a.Offer = ""
		if ok {
			a.Offer = o.Ref()
			b.course(*a, o)
			if a.Verified {
				p.EQF = max(p.EQF, o.Level.EQF)
			}
		}
		b.stated(*a)
		if err := b.read(ctx, *a); err != nil {
			return Profile{}, err
		}
	}
	for _, d := range in.Declared {
		b.add(d, d, Ground{Grade: Declared})
	}
	for _, s := range b.skills {
		slices.SortStableFunc(s.Grounds, func(x, y Ground) int { return cmp.Compare(y.Grade, x.Grade) })
		s.Grade = s.Grounds[0].Grade
		p.Skills = append(p.Skills, *s)
	}
	slices.SortFunc(p.Skills, func(x, y Skill) int {
		return cmp.Or(cmp.Compare(y.Grade, x.Grade), cmp.Compare(x.Label.In(), y.Label.In()), cmp.Compare(x.URI, y.URI))
	})
	return p, nil
}

type builder struct {
	in     Input
	skills map[string]*Skill
	awards map[string][]catalogue.Offer // by achievement id
	offers map[string]catalogue.Offer   // by ref
}

func awards(offers []catalogue.Offer) map[string][]catalogue.Offer {
	m := map[string][]catalogue.Offer{}
	for _, o := range offers {
		if o.Awards != nil && o.Awards.Achievement != "" {
			m[o.Awards.Achievement] = append(m[o.Awards.Achievement], o)
		}
	}
	return m
}

// offer finds the offer that gives an achievement, if the credential's issuer
// is the one who issues for it. A record names its offer.
func (b *builder) offer(a Achieved) (catalogue.Offer, bool) {
	if a.Recorded {
		o, ok := b.offers[a.Offer]
		return o, ok
	}
	for _, o := range b.awards[a.Achievement] {
		if o.Provider == a.Issuer || o.Awards.Issuer == a.Issuer && a.Issuer != "" || slices.Contains(b.in.Issuers[o.Provider], a.Issuer) {
			return o, true
		}
	}
	return catalogue.Offer{}, false
}

func (b *builder) course(a Achieved, o catalogue.Offer) {
	for _, outcome := range o.Outcomes {
		if outcome.Skill != "" {
			b.add(outcome.Skill, outcome.Text.In(), a.ground(Course, ""))
		}
	}
}

func (b *builder) stated(a Achieved) {
	for _, x := range a.detail.Alignment {
		b.add(x.TargetURL, x.TargetName, a.ground(Stated, ""))
	}
	for _, tag := range a.detail.Tag {
		if len(b.in.Vocabulary.ByLabel(tag)) > 0 {
			b.add("", tag, a.ground(Stated, ""))
		}
	}
}

// From which score, about the share of such links that are right, a skill
// counts as read from a text: what a credential is said to show must be surer
// than what a job's text may ask for.
const (
	readAbove  = 0.5
	askedAbove = 0.3
)

func (b *builder) read(ctx context.Context, a Achieved) error {
	if b.in.Linker == nil {
		return nil
	}
	text := a.detail.Name + ". " + a.detail.Description
	if a.detail.Criteria != nil {
		text += " " + a.detail.Criteria.Narrative
	}
	links, err := b.in.Linker.Link(ctx, text, a.detail.InLanguage, 5)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.Score >= readAbove {
			b.add(l.Skill, "", a.ground(Read, l.Words))
		}
	}
	return nil
}

func (a Achieved) ground(g Grade, words string) Ground {
	switch {
	case a.Recorded:
		g = Recorded
	case !a.Verified:
		g = Declared
	}
	return Ground{Grade: g, Source: a.Source, Title: a.Title, Words: words, On: a.On}
}

// add notes a ground for a skill that is named by a URI, by words or both.
func (b *builder) add(uri, name string, g Ground) {
	known, ok := b.in.Vocabulary.Skill(uri)
	if !ok {
		if found := b.in.Vocabulary.ByLabel(name); len(found) > 0 {
			known, ok = found[0], true
		}
	}
	s := Skill{URI: known.URI, Label: known.Labels}
	if !ok {
		if name = strings.TrimSpace(name); name == "" {
			return
		}
		s = Skill{Label: catalogue.Texts{"und": name}}
		if esco.IsURI(uri) {
			s.URI = uri
		}
	}
	id := s.key()
	if b.skills[id] == nil {
		b.skills[id] = &s
	}
	held := b.skills[id]
	if !slices.ContainsFunc(held.Grounds, func(h Ground) bool { return h.Source == g.Source && h.Grade >= g.Grade }) {
		held.Grounds = append(held.Grounds, g)
	}
}

func (s Skill) key() string {
	if s.URI != "" {
		return s.URI
	}
	return "name:" + strings.ToLower(s.Label.In())
}

// Proven returns the skills that verified credentials speak for.
func (p Profile) Proven() []Skill {
	var out []Skill
	for _, s := range p.Skills {
		if s.Grade.Proven() {
			out = append(out, s)
		}
	}
	return out
}
