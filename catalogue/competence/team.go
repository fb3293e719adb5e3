package competence

import (
	"cmp"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/esco"
)

// Member is one person's share with an employer: the profile of what the
// presentation held, and nothing else.
type Member struct {
	Name    string    `json:"name"`           // as the employer files it
	Until   time.Time `json:"until,omitzero"` // end of the consent
	Profile Profile   `json:"-"`              // shown by skill, never as a list of persons by merit
}

// Team is what several people chose to share with one employer.
type Team struct {
	Members []Member `json:"members"`
	// Ended names those whose consent has run out. What they shared is not in
	// the team.
	Ended []string `json:"ended,omitempty"`
}

// NewTeam leaves out what was shared until before now.
func NewTeam(members []Member, now time.Time) Team {
	var t Team
	for _, m := range members {
		if !m.Until.IsZero() && now.After(m.Until) {
			t.Ended = append(t.Ended, m.Name)
			continue
		}
		t.Members = append(t.Members, m)
	}
	slices.SortStableFunc(t.Members, func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	slices.Sort(t.Ended)
	return t
}

// TeamSkill is a skill and who of the team has shown it.
type TeamSkill struct {
	Skill
	Members []string `json:"members"`
}

// Skills returns the map of the team: proven skills, those that most have
// first.
func (t Team) Skills() []TeamSkill {
	byKey := map[string]*TeamSkill{}
	for _, m := range t.Members {
		for _, s := range m.Profile.Proven() {
			if byKey[s.key()] == nil {
				byKey[s.key()] = &TeamSkill{Skill: Skill{URI: s.URI, Label: s.Label, Grade: s.Grade, Grounds: []Ground{}}}
			}
			held := byKey[s.key()]
			held.Members = append(held.Members, m.Name)
			held.Grade = max(held.Grade, s.Grade)
		}
	}
	out := make([]TeamSkill, 0, len(byKey))
	for _, s := range byKey {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b TeamSkill) int {
		return cmp.Or(cmp.Compare(len(b.Members), len(a.Members)), cmp.Compare(a.Label.In(), b.Label.In()), cmp.Compare(a.URI, b.URI))
	})
	return out
}

// TeamCovered is one wanted skill and who of the team covers it.
type TeamCovered struct {
	Wanted
	Proven []string `json:"proven,omitempty"`
	Partly []string `json:"partly,omitempty"`
}

// TeamGap is a goal seen from a team.
type TeamGap struct {
	Goal   Goal          `json:"goal"`
	Skills []TeamCovered `json:"skills"`
}

// Gap compares the team with a goal: who covers what, and what nobody does.
func (t Team) Gap(v *esco.Vocabulary, g Goal) TeamGap {
	out := TeamGap{Goal: g}
	for _, w := range g.Wanted {
		c := TeamCovered{Wanted: w}
		for _, m := range t.Members {
			switch m.Profile.cover(v, w).Cover {
			case Proven:
				c.Proven = append(c.Proven, m.Name)
			case Partly:
				c.Partly = append(c.Partly, m.Name)
			}
		}
		out.Skills = append(out.Skills, c)
	}
	return out
}

// Open returns the goal's skills that nobody has proven, as a goal of its own.
func (g TeamGap) Open() Goal {
	open := Goal{Kind: g.Goal.Kind, Title: g.Goal.Title}
	for _, c := range g.Skills {
		if len(c.Proven) == 0 {
			open.Wanted = append(open.Wanted, c.Wanted)
		}
	}
	return open
}
