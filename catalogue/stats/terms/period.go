package terms

import (
	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/internal/form"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Period is the days that a statistic is about, the first and the last one
// among them.
type Period struct {
	From catalogue.Date `json:"from"`
	To   catalogue.Date `json:"to"`
}

// Check tells whether it is two days in order.
func (p Period) Check() error {
	if !p.From.Valid() || !p.To.Valid() || p.To < p.From {
		return invalid("period", "/period", "a period is two days such as 2026-01-01, in order")
	}
	return nil
}

// Holds tells whether a day is in the period.
func (p Period) Holds(d catalogue.Date) bool { return d.Valid() && p.From <= d && d <= p.To }

// Overlaps tells whether a day is in both.
func (p Period) Overlaps(q Period) bool { return p.From <= q.To && q.From <= p.To }

// Value is the period as files have it.
func (p Period) Value() *strictjson.Value {
	return strictjson.Array(strictjson.String(string(p.From)), strictjson.String(string(p.To)))
}

// ReadPeriod reads the member period.
func ReadPeriod(r *form.Reader, v *strictjson.Value) Period {
	days := r.Texts(v, "", "period")
	if len(days) != 2 {
		r.Fail("/period", "is not two days")
		return Period{}
	}
	p := Period{catalogue.Date(days[0]), catalogue.Date(days[1])}
	if err := p.Check(); err != nil {
		r.Fail("/period", "%w", err)
	}
	return p
}
