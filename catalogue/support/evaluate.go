package support

import (
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
)

// Outcome is what is known of a person's right to a scheme.
type Outcome uint8

// The outcomes. Maybe is zero: what was not worked out is not known.
const (
	Maybe Outcome = iota
	Yes
	No
	Closed // not in force on that day
)

// String returns the outcome's name in machine output.
func (o Outcome) String() string {
	return [...]string{"maybe", "yes", "no", "closed"}[o]
}

// MarshalText implements encoding.TextMarshaler.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Answer is what came of a scheme.
type Answer struct {
	Scheme  string  `json:"scheme"`
	Outcome Outcome `json:"outcome"`
	// Because are the comparisons that settled it; for Maybe, those that held
	// so far.
	Because []Reason `json:"because,omitempty"`
	// Missing are the facts that would settle it.
	Missing []Question `json:"missing,omitempty"`
	// Pays is what the scheme would pay of the offer, if that can be told.
	Pays *catalogue.Price `json:"pays,omitempty"`
}

// Reason is a comparison of a fact that is known.
type Reason struct {
	Fact  string  `json:"fact"`
	Is    []Value `json:"is"`
	Op    string  `json:"op"`
	Of    Operand `json:"value"`
	Holds bool    `json:"holds"`
}

// Question is a fact that is not known.
type Question struct {
	Fact string          `json:"fact"`
	Ask  catalogue.Texts `json:"ask,omitempty"`
}

// Evaluate works out whether somebody with these facts may use the scheme on
// a day.
func (s Scheme) Evaluate(facts Facts, on catalogue.Date) Answer {
	a := Answer{Scheme: s.ID}
	if s.ValidFrom != "" && on < s.ValidFrom || s.ValidTo != "" && on > s.ValidTo {
		a.Outcome = Closed
		return a
	}
	r := s.Rule.evaluate(facts)
	a.Outcome, a.Because, a.Missing = r.outcome, r.because, r.missing
	if price := facts["offer.price"]; a.Outcome != No && s.Covers != nil && len(price) == 1 && price[0].kind == 'n' {
		a.Pays = s.Covers.of(catalogue.Price{Amount: price[0].n, Currency: "NOK"})
	}
	return a
}

func (c Covers) of(p catalogue.Price) *catalogue.Price {
	if c.Share > 0 {
		p.Amount *= c.Share
	}
	if c.Max != nil {
		if c.Max.Currency != p.Currency {
			return nil
		}
		p.Amount = min(p.Amount, c.Max.Amount)
	}
	return &p
}

type result struct {
	outcome Outcome
	because []Reason
	missing []Question
}

func (e Expr) evaluate(facts Facts) result {
	switch {
	case e.Not != nil:
		r := e.Not.evaluate(facts)
		switch r.outcome {
		case Yes:
			r.outcome = No
		case No:
			r.outcome = Yes
		}
		return r
	case len(e.All) > 0:
		return join(e.All, facts, Yes, No)
	case len(e.Any) > 0:
		return join(e.Any, facts, No, Yes)
	}
	return e.compare(facts)
}

// join works out All (each must be Yes, one No settles it) and Any (the
// other way round). What settles it is all that is told.
func join(of []Expr, facts Facts, each, settles Outcome) result {
	var r result
	open := false
	for _, e := range of {
		x := e.evaluate(facts)
		if x.outcome == settles {
			return result{outcome: settles, because: x.because}
		}
		open = open || x.outcome == Maybe
		r.because = append(r.because, x.because...)
		for _, q := range x.missing {
			if !slices.ContainsFunc(r.missing, func(other Question) bool { return other.Fact == q.Fact }) {
				r.missing = append(r.missing, q)
			}
		}
	}
	if !open {
		r.outcome = each
	}
	return r
}

func (e Expr) compare(facts Facts) result {
	is, known := facts[e.Fact]
	if !known {
		return result{missing: []Question{{e.Fact, e.Ask}}}
	}
	holds := false
	switch e.Op {
	case "has": // the fact is a list with the value in it
		holds = slices.ContainsFunc(is, func(v Value) bool { return equal(v, e.Of[0]) })
	case "in": // a value of the fact is in the list
		holds = slices.ContainsFunc(is, func(v Value) bool {
			return slices.ContainsFunc(e.Of, func(of Value) bool { return equal(v, of) })
		})
	default:
		if len(is) != 1 {
			return result{missing: []Question{{e.Fact, e.Ask}}}
		}
		order, same := compare(is[0], e.Of[0])
		if !same { // a text where a number is asked for tells nothing
			return result{missing: []Question{{e.Fact, e.Ask}}}
		}
		switch e.Op {
		case "=":
			holds = order == 0
		case "!=":
			holds = order != 0
		case "<":
			holds = order < 0
		case "<=":
			holds = order <= 0
		case ">":
			holds = order > 0
		case ">=":
			holds = order >= 0
		}
	}
	outcome := No
	if holds {
		outcome = Yes
	}
	return result{outcome: outcome, because: []Reason{{e.Fact, slices.Clone(is), e.Op, e.Of, holds}}}
}

func equal(a, b Value) bool {
	order, same := compare(a, b)
	return same && order == 0
}

// OfferFacts are the facts of an offer that the rules of schemes may ask for.
func OfferFacts(o catalogue.Offer) Facts {
	f := Facts{"offer.provider": {Text(o.Provider)}, "offer.scheme": {}, "offer.language": {}, "offer.accredited": {Bool(o.Accreditation != nil)}}
	for _, s := range o.Schemes {
		f["offer.scheme"] = append(f["offer.scheme"], Text(s))
	}
	for _, l := range o.Languages {
		f["offer.language"] = append(f["offer.language"], Text(l))
	}
	if o.Credits != nil {
		f["offer.credits"] = []Value{Number(o.Credits.Value)}
	}
	if o.Level.EQF > 0 {
		f["offer.eqf"] = []Value{Number(float64(o.Level.EQF))}
	}
	if o.Price != nil && o.Price.Currency == "NOK" {
		f["offer.price"] = []Value{Number(o.Price.Amount)}
	}
	if hours, err := catalogue.ParseDuration(o.Workload); err == nil {
		f["offer.hours"] = []Value{Number(hours)}
	}
	if o.Type != "" {
		f["offer.type"] = []Value{Text(string(o.Type))}
	}
	if o.Mode != "" {
		f["offer.mode"] = []Value{Text(string(o.Mode))}
	}
	return f
}
