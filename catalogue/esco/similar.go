package esco

import "slices"

// How near skills are, see Similar.
const (
	nearNarrower = 0.7
	nearBroader  = 0.5
	nearTwice    = 0.3 // two steps, either way
	nearSibling  = 0.2
	family       = 20 // a group of more has nothing to say about its members
)

// Similar tells how far having skill a does for skill b, from 0 to 1: 1 if
// they are the same, 0.7 if a is directly narrower than b ("MAG welding" for
// "welding"), 0.5 if directly broader, 0.3 if two steps lie between, 0.2 if
// both stand directly under the same small group, else 0. Nothing but the
// broader relations counts.
func (v *Vocabulary) Similar(a, b string) float64 {
	if a == b {
		return 1
	}
	above, over := v.Broader(a), v.Broader(b)
	near := 0.
	if slices.Contains(over, a) {
		near = nearBroader
	}
	for _, x := range above {
		switch {
		case x == b:
			near = nearNarrower
		case slices.Contains(v.Broader(x), b):
			near = max(near, nearTwice)
		case slices.Contains(over, x) && v.narrower[x] <= family:
			near = max(near, nearSibling)
		}
	}
	for _, x := range over {
		if slices.Contains(v.Broader(x), a) {
			near = max(near, nearTwice)
		}
	}
	return near
}

// Broader returns the URIs of what stands directly above a skill.
func (v *Vocabulary) Broader(uri string) []string {
	s, _ := v.Skill(uri)
	return s.Broader
}

// Related returns the URIs of the skills that a skill is used with.
func (v *Vocabulary) Related(uri string) []string {
	s, _ := v.Skill(uri)
	return s.Related
}
