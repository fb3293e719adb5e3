package stats

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

func (a About) made() *strictjson.Value {
	return strictjson.String(a.Made.UTC().Format(time.RFC3339))
}

func (r *reader) about(v *strictjson.Value) About {
	return About{By: r.Text(v, "", "by"), Period: r.period(v), Made: r.Time(v, "", "made")}
}

func (r Rule) check() error {
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

// rounded is n to the nearest multiple of r.Round, halves up.
func (r Rule) rounded(n int) int { return (n + r.Round/2) / r.Round * r.Round }

// share is a part of the rule's ε that is spent on numbers to which one
// person adds at most sensitivity in all.
type share struct{ epsilon, sensitivity int }

// maxSensitivity keeps noise within the numbers that it is drawn with.
const maxSensitivity = 100_000

func (s share) noisy(n int, from *laplace.Source) int {
	return n + from.Draw(uint32(s.epsilon), uint32(s.sensitivity)*1000)
}

// split divides the ε of a release of transitions: the parts add up to it.
func (r Rule) split(s Shape) (people, courses, pairs share) {
	people = share{max(1, r.Epsilon/50), 1}
	courses = share{max(1, r.Epsilon*15/100), s.Courses}
	pairs = share{r.Epsilon - people.epsilon - courses.epsilon, s.Pairs * s.Weights[0]}
	return people, courses, pairs
}

func (r Rule) value() *strictjson.Value {
	return form.Object(
		form.Member("minPeople", form.Optional(r.MinPeople)), form.Member("round", form.Optional(r.Round)),
		form.Member("epsilonThousandths", form.Optional(r.Epsilon)), form.Member("threshold", form.Optional(r.Threshold)))
}

func (r *reader) rule(v *strictjson.Value, at string) Rule {
	rule := v.Get("rule")
	at += "/rule"
	r.Members(rule, at, "minPeople", "round", "epsilonThousandths", "threshold")
	out := Rule{
		MinPeople: r.Number(rule, at, "minPeople"), Round: r.Number(rule, at, "round"),
		Epsilon: r.Number(rule, at, "epsilonThousandths"), Threshold: r.Number(rule, at, "threshold"),
	}
	if err := out.check(); err != nil {
		r.Fail(at, "%w", err)
	}
	return out
}
