package terms

import (
	"github.com/kompetansebevis/bevis/internal/form"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Manifest lists all that a publisher has released from people's
// contributions. It is kept, and published beside the files.
type Manifest struct {
	// Budget is the most ε, in thousandths, that all releases together may
	// spend on one person.
	Budget   int
	Releases []Release
}

// Release is one entry of a manifest.
type Release struct {
	Name   string // of the table
	Source string // what was counted; tables of one source are about the same events
	Period Period
	Rule   Rule
	// Cells were released, Withheld were not: those that are too small, those
	// that nobody is in, and those beyond the most that are told. Which of
	// these a cell is, is not told.
	Cells    int
	Withheld int
}

// Spent returns the ε, in thousandths, of all releases together. Epsilons add
// up whatever the periods, since one person may stand in all of them.
func (m *Manifest) Spent() int {
	sum := 0
	for _, r := range m.Releases {
		sum += r.Rule.Epsilon
	}
	return sum
}

// Allow refuses a release, by its source, period and rule, that could be
// subtracted from an earlier one, or that would spend more than the budget. Two
// tables of one source over the same days tell, as their difference, what each
// of them withholds; noise has ε to account for that, a least number of people
// has nothing.
func (m *Manifest) Allow(r Release) error {
	if r.Rule.Epsilon > 0 {
		if spent := m.Spent(); spent+r.Rule.Epsilon > m.Budget {
			return invalid("budget", "", "epsilon %d and the %d that is spent are more than the budget of %d (thousandths)", r.Rule.Epsilon, spent, m.Budget)
		}
		return nil
	}
	for i, earlier := range m.Releases {
		if earlier.Source == r.Source && earlier.Rule.Epsilon == 0 && earlier.Period.Overlaps(r.Period) {
			return invalid("overlap", form.Pointer("/releases", i), "%s of %s was released for days of this period already: their difference could tell of single people", earlier.Name, earlier.Source)
		}
	}
	return nil
}

// Marshal writes the manifest as ParseManifest reads it.
func (m *Manifest) Marshal() []byte {
	list := make([]*strictjson.Value, len(m.Releases))
	for i, r := range m.Releases {
		list[i] = form.Object(
			form.Member("name", strictjson.String(r.Name)), form.Member("source", strictjson.String(r.Source)),
			form.Member("period", r.Period.Value()), form.Member("rule", r.Rule.Value()),
			form.Member("cells", strictjson.Int(int64(r.Cells))), form.Member("withheld", strictjson.Int(int64(r.Withheld))))
	}
	return form.Bytes(
		form.Member("type", strictjson.String("bevis-released/1")),
		form.Member("budgetThousandths", strictjson.Int(int64(m.Budget))),
		form.Member("spentThousandths", strictjson.Int(int64(m.Spent()))),
		form.Member("releases", strictjson.Array(list...)))
}

// ParseManifest reads a manifest. One whose sum is wrong is refused.
func ParseManifest(raw []byte) (*Manifest, error) {
	v, err := strictjson.ParseObject(raw, strictjson.Limits{MaxDepth: 6})
	if err != nil {
		return nil, err
	}
	r := &form.Reader{Code: reason.StatsInvalid + "/manifest"}
	r.Members(v, "", "type", "budgetThousandths", "spentThousandths", "releases")
	if r.Text(v, "", "type") != "bevis-released/1" {
		r.Fail("/type", "is no manifest that is known here")
	}
	m := &Manifest{Budget: r.Number(v, "", "budgetThousandths")}
	for i, item := range r.List(v, "", "releases") {
		at := form.Pointer("/releases", i)
		r.Members(item, at, "name", "source", "period", "rule", "cells", "withheld")
		m.Releases = append(m.Releases, Release{
			Name: r.Text(item, at, "name"), Source: r.Text(item, at, "source"), Period: ReadPeriod(r, item), Rule: ReadRule(r, item, at),
			Cells: r.Number(item, at, "cells"), Withheld: r.Number(item, at, "withheld"),
		})
	}
	if r.Number(v, "", "spentThousandths") != m.Spent() {
		r.Fail("/spentThousandths", "is not the sum of the releases")
	}
	if r.Err() != nil {
		return nil, r.Err()
	}
	return m, nil
}

func invalid(fine, at, format string, args ...any) error {
	return reason.New(reason.StatsInvalid+"/"+reason.Code(fine), at, format, args...)
}
