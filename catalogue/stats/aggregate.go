package stats

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/internal/form"
	"github.com/kompetansebevis/bevis/internal/laplace"
	"github.com/kompetansebevis/bevis/reason"
)

// maxNext is the most courses that are told for after one course.
const maxNext = 100

// maxCatalogue is the most courses of one statistic: with noise, the work is
// its square.
const maxCatalogue = 50_000

// Aggregator adds contributions to course-to-course transitions. What it
// holds is about people until it is released.
type Aggregator struct {
	period  terms.Period
	shape   Shape
	courses []string // sorted
	people  int
	taken   []int             // people by course
	pairs   []map[int32]tally // by from, then to
}

type tally struct{ people, weight int32 }

// NewAggregator counts over a public list of courses: what was taken beside
// these is not counted, so that which courses there are tells nothing.
func NewAggregator(period terms.Period, shape Shape, courses []string) (*Aggregator, error) {
	if err := cmp.Or(period.Check(), shape.check()); err != nil {
		return nil, err
	}
	a := &Aggregator{period: period, shape: shape, courses: slices.Compact(slices.Sorted(slices.Values(courses)))}
	if len(a.courses) > maxCatalogue {
		return nil, reason.New(reason.LimitValues, "", "%d courses, the limit is %d", len(a.courses), maxCatalogue)
	}
	for i, ref := range a.courses {
		if ref == "" || len(ref) > maxRef {
			return nil, invalid("courses", form.Pointer("/courses", i), "a ref has 1 to %d bytes", maxRef)
		}
	}
	a.taken, a.pairs = make([]int, len(a.courses)), make([]map[int32]tally, len(a.courses))
	return a, nil
}

// Add counts the contribution of one person. One that breaks the bounds is
// refused as a whole. That nobody contributes twice, the caller has to see to:
// a contribution holds nothing by which it could be seen here.
func (a *Aggregator) Add(c Contribution) error {
	if c.Purpose != Transitions || c.Period != a.period {
		return invalid("contribution", "/purpose", "was given for %.40q from %s to %s, which is not what is counted here", c.Purpose, c.Period.From, c.Period.To)
	}
	if err := c.check(a.shape); err != nil {
		return err
	}
	at := make([]int, len(c.Courses))
	for i, ref := range c.Courses {
		found := false
		if at[i], found = slices.BinarySearch(a.courses, ref); !found {
			at[i] = -1
			continue
		}
		a.taken[at[i]]++
	}
	for _, p := range c.Pairs {
		from, to := at[p.From], at[p.To]
		if from < 0 || to < 0 {
			continue
		}
		if a.pairs[from] == nil {
			a.pairs[from] = map[int32]tally{}
		}
		t := a.pairs[from][int32(to)]
		a.pairs[from][int32(to)] = tally{t.people + 1, t.weight + int32(p.Weight)}
	}
	a.people++
	return nil
}

// cell is what is told of one pair of courses.
type cell struct {
	to    int32
	value int32
}

// Release makes the file under a rule and enters it in the manifest, which
// says no to what may not be released. The manifest must be kept before the
// file leaves.
func (a *Aggregator) Release(ctx context.Context, rule terms.Rule, use Use, about terms.About, m *terms.Manifest) (*Published, error) {
	return a.release(ctx, rule, use, about, m, laplace.New(rand.Reader))
}

func (a *Aggregator) release(ctx context.Context, rule terms.Rule, use Use, about terms.About, m *terms.Manifest, from *laplace.Source) (*Published, error) {
	if err := cmp.Or(rule.Check(), use.check()); err != nil {
		return nil, err
	}
	if about.Period != a.period {
		return nil, invalid("period", "/period", "the contributions are of another period")
	}
	entry := terms.Release{Name: Transitions, Source: Completions, Period: a.period, Rule: rule}
	if err := m.Allow(entry); err != nil {
		return nil, err
	}
	p := &Published{About: about, Rule: rule, Shape: a.shape, Use: use}
	var err error
	if rule.Epsilon > 0 {
		err = a.noised(ctx, p, from)
	} else {
		err = a.thresholded(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	if err := p.factor(ctx); err != nil {
		return nil, err
	}
	p.compile()
	entry.Cells = p.Cells()
	entry.Withheld = len(a.courses)*(len(a.courses)-1) - entry.Cells
	m.Releases = append(m.Releases, entry)
	return p, nil
}

// split divides the ε of a release of transitions: the parts add up to it.
func split(r terms.Rule, s Shape) (people, courses, pairs terms.Share) {
	people = terms.Share{Epsilon: max(1, r.Epsilon/50), Sensitivity: 1}
	courses = terms.Share{Epsilon: max(1, r.Epsilon*15/100), Sensitivity: s.Courses}
	pairs = terms.Share{Epsilon: r.Epsilon - people.Epsilon - courses.Epsilon, Sensitivity: s.Pairs * s.Weights[0]}
	return people, courses, pairs
}

// thresholded tells of courses and pairs with at least rule.MinPeople people.
func (a *Aggregator) thresholded(ctx context.Context, p *Published) error {
	if a.people < p.Rule.MinPeople {
		return invalid("people", "", "too few people contributed for anything to be told")
	}
	p.People = p.Rule.Rounded(a.people)
	told := make([]int32, len(a.courses)) // place among those told, or -1
	for i, n := range a.taken {
		told[i] = -1
		if n >= p.Rule.MinPeople {
			told[i] = int32(len(p.courses))
			p.courses, p.taken = append(p.courses, a.courses[i]), append(p.taken, p.Rule.Rounded(n))
		}
	}
	for i, row := range a.pairs {
		if told[i] < 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return reason.Wrap(reason.Canceled, "", err)
		}
		var cells []cell
		for to, t := range row {
			if int(t.people) < p.Rule.MinPeople || told[to] < 0 {
				continue
			}
			if v := p.Rule.Rounded(int(t.weight)); v > 0 {
				cells = append(cells, cell{told[to], int32(v)})
			}
		}
		p.next = append(p.next, best(cells))
	}
	return nil
}

// noised adds noise to the number of people, to the people of every course of
// the public list and to every pair of courses on it, also of those pairs
// that nobody took, and only then looks which are large enough to be told.
func (a *Aggregator) noised(ctx context.Context, p *Published, from *laplace.Source) error {
	people, courses, pairs := split(p.Rule, a.shape)
	if pairs.Epsilon < 1 || pairs.Sensitivity > terms.MaxSensitivity {
		return invalid("rule", "/rule/epsilon", "is too small for what one person may contribute")
	}
	p.People = max(0, people.Noisy(a.people, from))
	p.courses = a.courses
	for _, n := range a.taken {
		p.taken = append(p.taken, max(1, courses.Noisy(n, from)))
	}
	weights := make([]int, len(a.courses))
	for i, row := range a.pairs {
		if err := ctx.Err(); err != nil {
			return reason.Wrap(reason.Canceled, "", err)
		}
		clear(weights)
		for to, t := range row {
			weights[to] = int(t.weight)
		}
		var cells []cell
		for to, weight := range weights {
			if to == i {
				continue
			}
			if v := pairs.Noisy(weight, from); v >= p.Rule.Threshold {
				cells = append(cells, cell{int32(to), int32(min(v, maxValue))})
			}
		}
		p.next = append(p.next, best(cells))
	}
	return from.Err()
}

// best keeps the maxNext largest, and sorts them by course.
func best(cells []cell) []cell {
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.to, b.to)) })
	cells = slices.Clone(cells[:min(len(cells), maxNext)])
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Compare(a.to, b.to) })
	return cells
}
