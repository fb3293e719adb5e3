package competence

import (
	"cmp"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
)

// Stack is a larger qualification that has been begun by its modules.
type Stack struct {
	Larger catalogue.Offer `json:"larger"`
	Done   []Part          `json:"done"`
	Left   []Part          `json:"left"`
	// Credits are counted only in the larger offer's own scheme.
	CreditsDone float64 `json:"creditsDone,omitempty"`
	CreditsAll  float64 `json:"creditsAll,omitempty"`
}

// Part is a module of a larger qualification.
type Part struct {
	Offer  catalogue.Offer `json:"offer"`
	Source string          `json:"source,omitempty"` // the credential that proves it
}

// Stacks tells towards which larger qualifications of the catalogue the
// verified credentials count, and what is left; the one with the most done
// comes first. A module may count towards several.
func (p Profile) Stacks(offers []catalogue.Offer) []Stack {
	proof := map[string]string{} // offer's ref → source
	for _, a := range p.Achieved {
		if a.Verified && a.Offer != "" && proof[a.Offer] == "" {
			proof[a.Offer] = a.Source
		}
	}
	parts := map[string][]catalogue.Offer{}
	for _, o := range offers {
		for _, larger := range o.PartOf {
			parts[larger] = append(parts[larger], o)
		}
	}
	var out []Stack
	for _, larger := range offers {
		s := Stack{Larger: larger}
		if larger.Credits != nil {
			s.CreditsAll = larger.Credits.Value
		}
		for _, o := range parts[larger.Ref()] {
			source := proof[o.Ref()]
			if source == "" {
				s.Left = append(s.Left, Part{Offer: o})
				continue
			}
			s.Done = append(s.Done, Part{o, source})
			if o.Credits != nil && larger.Credits != nil && o.Credits.Scheme == larger.Credits.Scheme {
				s.CreditsDone += o.Credits.Value
			}
		}
		if len(s.Done) > 0 && proof[larger.Ref()] == "" {
			for _, list := range [][]Part{s.Done, s.Left} {
				slices.SortFunc(list, func(a, b Part) int { return cmp.Compare(a.Offer.Ref(), b.Offer.Ref()) })
			}
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Stack) int {
		return cmp.Or(cmp.Compare(len(b.Done), len(a.Done)), cmp.Compare(len(a.Left), len(b.Left)), cmp.Compare(a.Larger.Ref(), b.Larger.Ref()))
	})
	return out
}
