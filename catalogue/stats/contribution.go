package stats

import (
	"cmp"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/internal/form"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The purposes that people contribute for.
const (
	Transitions = "transitions" // what was taken after what
	Gaps        = "gaps"        // which skills are missing for what
)

// Completions is the source of everything that counts completed courses,
// whoever knows of them: each of two counts would tell what the other
// withholds.
const Completions = "completions"

// Visit is a course that was completed, and when.
type Visit struct {
	Course string // ref of the offer
	Day    catalogue.Date
}

// Shape bounds what one person contributes. It is fixed before anybody does,
// and stands in the published file.
type Shape struct {
	// Courses and Pairs are the most that one person contributes.
	Courses int
	Pairs   int
	// Weights says how much a pair counts by how far apart its courses are:
	// first those that follow each other. Farther apart than Weights is long,
	// a pair doesn't count. Weights do not rise.
	Weights []int
}

// Contribution is what one person gives to a statistic. It holds no id, no
// day and no place.
type Contribution struct {
	Purpose string
	Period  terms.Period
	Courses []string // of transitions, sorted
	Pairs   []Pair   // of transitions, sorted
	// Cells are those of a table in which the person is counted, for every
	// other purpose: a value of each dimension.
	Cells [][]string
}

// Pair says that Courses[To] was completed after Courses[From].
type Pair struct{ From, To, Weight int }

// Limits of a contribution, whatever the shape.
const (
	maxCourses = 1000
	maxPairs   = 20_000
	maxRef     = 700 // bytes
)

func (s Shape) check() error {
	if s.Courses < 2 || s.Courses > maxCourses || s.Pairs < 1 || s.Pairs > maxPairs || len(s.Weights) < 1 || len(s.Weights) > 100 {
		return invalid("shape", "/shape", "a shape has 2 to %d courses, 1 to %d pairs and 1 to 100 weights", maxCourses, maxPairs)
	}
	last := 100
	for _, w := range s.Weights {
		if w < 1 || w > last {
			return invalid("shape", "/shape/weights", "weights are from 100 to 1 and do not rise")
		}
		last = w
	}
	return nil
}

func (s Shape) value() *strictjson.Value {
	return form.Object(form.Member("courses", form.Optional(s.Courses)), form.Member("pairs", form.Optional(s.Pairs)), form.Member("weights", form.Ints(s.Weights...)))
}

// Contribute makes the contribution of a history, on the person's own machine
// and after the person agreed to the purpose. Only courses that are listed, in
// the public catalogue, leave it. The rule is fixed: the first
// completion of each course counts; of the courses in the period, the newest
// up to the bound; of their pairs, the closest first and among those the
// newest, up to the bound. Courses completed on one day have no order, so they
// form no pair.
func Contribute(history []Visit, listed func(course string) bool, purpose string, period terms.Period, s Shape) (Contribution, error) {
	if err := cmp.Or(s.check(), period.Check()); err != nil {
		return Contribution{}, err
	}
	visits := slices.Clone(history)
	slices.SortFunc(visits, func(a, b Visit) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Course, b.Course))
	})
	seen := map[string]bool{}
	visits = slices.DeleteFunc(visits, func(v Visit) bool {
		again := seen[v.Course]
		seen[v.Course] = true
		return again || !period.Holds(v.Day) || len(v.Course) > maxRef || v.Course == "" || !listed(v.Course)
	})
	visits = visits[max(0, len(visits)-s.Courses):]

	c := Contribution{Purpose: purpose, Period: period, Courses: make([]string, len(visits))}
	for i, v := range visits {
		c.Courses[i] = v.Course
	}
	slices.Sort(c.Courses)
	at := make([]int, len(visits))
	for i, v := range visits {
		at[i], _ = slices.BinarySearch(c.Courses, v.Course)
	}
	for apart := 1; apart <= len(s.Weights) && apart < len(visits); apart++ {
		for to := len(visits) - 1; to >= apart && len(c.Pairs) < s.Pairs; to-- {
			if from := to - apart; visits[from].Day < visits[to].Day {
				c.Pairs = append(c.Pairs, Pair{at[from], at[to], s.Weights[apart-1]})
			}
		}
	}
	slices.SortFunc(c.Pairs, comparePairs)
	return c, nil
}

func comparePairs(a, b Pair) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) }

// check holds a contribution to its shape: an aggregator's bounds are those
// that it has checked itself.
func (c Contribution) check(s Shape) error {
	if len(c.Courses) > s.Courses || len(c.Pairs) > s.Pairs {
		return invalid("contribution", "", "%d courses and %d pairs, one person may give %d and %d", len(c.Courses), len(c.Pairs), s.Courses, s.Pairs)
	}
	for i, ref := range c.Courses {
		if ref == "" || len(ref) > maxRef || i > 0 && c.Courses[i-1] >= ref {
			return invalid("contribution", form.Pointer("/courses", i), "courses are sorted, each once, of 1 to %d bytes", maxRef)
		}
	}
	for i, p := range c.Pairs {
		if p.From < 0 || p.To < 0 || p.From >= len(c.Courses) || p.To >= len(c.Courses) || p.From == p.To ||
			!slices.Contains(s.Weights, p.Weight) || i > 0 && comparePairs(c.Pairs[i-1], p) >= 0 {
			return invalid("contribution", form.Pointer("/pairs", i), "pairs are sorted, each once, of two courses and with a weight of the shape")
		}
	}
	return nil
}

// MarshalJSON writes what ParseContribution reads.
func (c Contribution) MarshalJSON() ([]byte, error) {
	head := []strictjson.Member{form.Member("type", strictjson.String("bevis-contribution/1")),
		form.Member("purpose", strictjson.String(c.Purpose)), form.Member("period", c.Period.Value())}
	if c.Purpose != Transitions {
		cells := make([]*strictjson.Value, len(c.Cells))
		for i, values := range c.Cells {
			cells[i] = form.Texts(values)
		}
		return form.Bytes(append(head, form.Member("cells", strictjson.Array(cells...)))...), nil
	}
	pairs := make([]*strictjson.Value, len(c.Pairs))
	for i, p := range c.Pairs {
		pairs[i] = form.Ints(p.From, p.To, p.Weight)
	}
	return form.Bytes(append(head, form.Member("courses", form.Texts(c.Courses)), form.Member("pairs", strictjson.Array(pairs...)))...), nil
}

// ParseContribution reads a contribution that somebody sent. Errors are
// statistics_invalid/contribution or those of reading JSON.
func ParseContribution(raw []byte) (Contribution, error) {
	v, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: 1 << 20, MaxDepth: 4, MaxValues: 100_000})
	if err != nil {
		return Contribution{}, err
	}
	r := newReader("contribution")
	c := Contribution{Purpose: r.Text(v, "", "purpose"), Period: terms.ReadPeriod(&r.Reader, v)}
	if r.Text(v, "", "type") != "bevis-contribution/1" {
		r.Fail("/type", "is no contribution that is known here")
	}
	if c.Purpose != Transitions {
		r.Members(v, "", "type", "purpose", "period", "cells")
		for i, item := range r.List(v, "", "cells") {
			c.Cells = append(c.Cells, r.cell(item, form.Pointer("/cells", i)))
		}
		return c, r.Err()
	}
	r.Members(v, "", "type", "purpose", "period", "courses", "pairs")
	c.Courses = r.Texts(v, "", "courses")
	for i, item := range r.List(v, "", "pairs") {
		n := r.Ints(item, form.Pointer("/pairs", i))
		if len(n) != 3 {
			r.Fail(form.Pointer("/pairs", i), "is not three numbers")
			break
		}
		c.Pairs = append(c.Pairs, Pair{n[0], n[1], n[2]})
	}
	return c, r.Err()
}

// cell reads the values of a cell.
func (r *reader) cell(v *strictjson.Value, at string) []string {
	var out []string
	for i, item := range v.Items() {
		value, ok := item.Text()
		if !ok {
			r.Fail(form.Pointer(at, i), "is no text")
		}
		out = append(out, value)
	}
	if len(out) == 0 || len(out) > maxDimensions {
		r.Fail(at, "is not up to %d values", maxDimensions)
	}
	return out
}

func invalid(fine, at, format string, args ...any) error {
	return reason.New(reason.StatsInvalid+"/"+reason.Code(fine), at, format, args...)
}

// reader reads the parts that several files have.
type reader struct{ form.Reader }

func newReader(fine reason.Code) *reader {
	return &reader{form.Reader{Code: reason.StatsInvalid + "/" + fine}}
}
