package terms

import (
	"time"

	"github.com/kompetansebevis/bevis/internal/form"
	"github.com/kompetansebevis/bevis/internal/laplace"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// leastPeople is the fewest people that a rule may let a cell have.
const leastPeople = 10

// Rule says how numbers about people become numbers that may be published.
// Either MinPeople and Round are set or Epsilon is.
type Rule struct {
	// MinPeople is how many people at least stand behind every cell, 10 or
	// more; Round, 5 or more and no more than MinPeople, is what every number
	// is rounded to a multiple of.
	MinPeople int
	Round     int
	// Epsilon is the ε of user-level differential privacy in thousandths, for
	// the release as a whole. Threshold is below which a noisy number of a
	// cell is left out, chosen beforehand; it costs no privacy, because it
	// looks at nothing but what was noised.
	Epsilon   int
	Threshold int
}

// About says who releases a statistic, about when.
type About struct {
	By     string // the publisher's DID
	Period Period
	Made   time.Time
}

// Stamp is Made as files have it.
func (a About) Stamp() *strictjson.Value {
	return strictjson.String(a.Made.UTC().Format(time.RFC3339))
}

// ReadAbout reads the members by, period and made.
func ReadAbout(r *form.Reader, v *strictjson.Value) About {
	return About{By: r.Text(v, "", "by"), Period: ReadPeriod(r, v), Made: r.Time(v, "", "made")}
}

// Check tells whether it is one of the two, within bounds. Errors are
// statistics_invalid/rule.
func (r Rule) Check() error {
	switch people, private := r.MinPeople != 0 || r.Round != 0, r.Epsilon != 0 || r.Threshold != 0; {
	case people == private:
		return invalid("rule", "/rule", "a rule is a least number of people or an epsilon, one of the two")
	case people && (r.MinPeople < leastPeople || r.MinPeople > 1e6):
		return invalid("rule", "/rule/minPeople", "%d people a cell are too few, at least %d must stand behind each", r.MinPeople, leastPeople)
	case people && (r.Round < 5 || r.Round > r.MinPeople):
		return invalid("rule", "/rule/round", "numbers are rounded to a multiple of 5 or more, up to the least number of people")
	case private && (r.Epsilon < 1 || r.Epsilon > 20_000):
		return invalid("rule", "/rule/epsilon", "epsilon is from 1 to 20,000 thousandths")
	case private && (r.Threshold < 1 || r.Threshold > 1e6):
		return invalid("rule", "/rule/threshold", "a threshold is from 1 to 1,000,000")
	}
	return nil
}

// Rounded is n to the nearest multiple of r.Round, halves up.
func (r Rule) Rounded(n int) int { return (n + r.Round/2) / r.Round * r.Round }

// Share is a part of the rule's ε that is spent on numbers to which one
// person adds at most sensitivity in all.
type Share struct{ Epsilon, Sensitivity int }

// MaxSensitivity keeps noise within the numbers that it is drawn with.
const MaxSensitivity = 100_000

// Noisy is n with the noise of the share.
func (s Share) Noisy(n int, from *laplace.Source) int {
	return n + from.Draw(uint32(s.Epsilon), uint32(s.Sensitivity)*1000)
}

// Value is the rule as files have it.
func (r Rule) Value() *strictjson.Value {
	return form.Object(
		form.Member("minPeople", form.Optional(r.MinPeople)), form.Member("round", form.Optional(r.Round)),
		form.Member("epsilonThousandths", form.Optional(r.Epsilon)), form.Member("threshold", form.Optional(r.Threshold)))
}

// ReadRule reads the member rule of an object that stands at a place.
func ReadRule(r *form.Reader, v *strictjson.Value, at string) Rule {
	rule := v.Get("rule")
	at += "/rule"
	r.Members(rule, at, "minPeople", "round", "epsilonThousandths", "threshold")
	out := Rule{
		MinPeople: r.Number(rule, at, "minPeople"), Round: r.Number(rule, at, "round"),
		Epsilon: r.Number(rule, at, "epsilonThousandths"), Threshold: r.Number(rule, at, "threshold"),
	}
	if err := out.Check(); err != nil {
		r.Fail(at, "%w", err)
	}
	return out
}
