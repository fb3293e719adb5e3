package recommend

import (
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/catalogue/support"
)

// Source is an input that the user can switch off.
type Source string

// The sources of points.
const (
	FromGoal     Source = "goal"     // skills of the goal that are not proven
	FromProfile  Source = "profile"  // skills that the offer builds on
	FromDeclared Source = "declared" // skills that the person says they have
	FromHistory  Source = "history"  // what others with such courses went on to
	FromStack    Source = "stack"    // larger qualifications that have been begun
	FromReviews  Source = "reviews"
	FromSupport  Source = "support" // schemes that may pay
	FromRequires Source = "requires"
	FromLevel    Source = "level"
	FromDates    Source = "dates" // offers without a run to come, dead links
)

// Sources returns all of them.
func Sources() []Source {
	return []Source{FromGoal, FromProfile, FromDeclared, FromHistory, FromStack, FromReviews, FromSupport, FromRequires, FromLevel, FromDates}
}

// Statistics says what others with such a history went on to.
type Statistics interface {
	// Contributions returns, for a candidate, what each course of the history
	// (refs, the newest last) speaks for it, in points.
	Contributions(history []string, candidate string) []Contribution
}

// Contribution is what one course of the history speaks for a candidate.
type Contribution struct {
	From   string
	Points int64
}

// Conditions are the person's own. An offer that does not tell meets them, and
// the suggestion says what is not known.
type Conditions struct {
	Languages []string         // of teaching, one of
	Modes     []catalogue.Mode // one of
	Place     string           // part of the place's name; online offers are anywhere
	MaxPrice  *catalogue.Price
	MaxHours  float64        // of work in all
	StartFrom catalogue.Date // a run begins then or later
}

// Input is all that Rank knows.
type Input struct {
	Profile    competence.Profile
	Gap        *competence.Gap // nil: no goal
	Offers     []catalogue.Listing
	Vocabulary *esco.Vocabulary
	Statistics Statistics // nil: none
	Schemes    []support.Scheme
	Facts      support.Facts // of the person; those of offers are added
	Conditions Conditions
	On         catalogue.Date // the day to judge dates and schemes by
	Without    []Source       // inputs to leave out
	// Old names offers, by ref, that nobody has confirmed for long; nil: none.
	Old map[string]bool
}

func (in Input) uses(s Source) bool { return !slices.Contains(in.Without, s) }
