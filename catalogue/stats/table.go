package stats

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/internal/form"
	"github.com/kompetansebevis/bevis/internal/laplace"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// maxCells is the most cells that the dimensions of a table may make.
const maxCells = 1_000_000

// maxDimensions is the most ways in which a table is divided.
const maxDimensions = 6

// Dimension is one way in which a table is divided. Its values are public and
// fixed beforehand, so that which of them are there tells nothing.
type Dimension struct {
	Name   string
	Values []string
}

// Spec says what a table counts.
type Spec struct {
	Name       string
	Source     string // what is counted, such as "completions"; see Release
	Dimensions []Dimension
	// PerPerson is the most cells that one person is counted in.
	PerPerson int
}

// Cell is one count of a table, by a value of each dimension.
type Cell struct {
	Values []string
	Count  int
}

// Table is a released table. It holds inner cells only and no totals, and a
// total that a reader makes is one of released cells: what is withheld can't be
// found by subtracting.
type Table struct {
	About    terms.About
	Rule     terms.Rule
	Spec     Spec
	Cells    []Cell // in the order of the dimensions' values
	Withheld int    // cells not told of, be they small or empty
}

func (s Spec) cells() int {
	n := 1
	for _, d := range s.Dimensions {
		if n *= len(d.Values); n > maxCells {
			return n
		}
	}
	return n
}

func (s Spec) check() error {
	n := s.cells()
	switch {
	case s.Name == "" || s.Source == "" || len(s.Name) > 200 || len(s.Source) > 200:
		return invalid("table", "/name", "a table names itself and its source")
	case len(s.Dimensions) < 1 || len(s.Dimensions) > maxDimensions || n < 1 || n > maxCells:
		return invalid("table", "/dimensions", "a table has 1 to %d dimensions and up to %d cells", maxDimensions, maxCells)
	case s.PerPerson < 1 || s.PerPerson > 1000:
		return invalid("table", "/perPerson", "one person is counted in 1 to 1,000 cells")
	}
	for i, d := range s.Dimensions {
		values := slices.Sorted(slices.Values(d.Values))
		if d.Name == "" || len(d.Name) > 200 || len(slices.Compact(values)) != len(d.Values) || slices.ContainsFunc(d.Values, func(v string) bool { return v == "" || len(v) > maxRef }) {
			return invalid("table", form.Pointer("/dimensions", i), "a dimension has a name and values, each once")
		}
	}
	return nil
}

// place is where a cell stands when all are in a row, or -1.
func (s Spec) place(values []string) int {
	if len(values) != len(s.Dimensions) {
		return -1
	}
	at := 0
	for i, d := range s.Dimensions {
		v := slices.Index(d.Values, values[i])
		if v < 0 {
			return -1
		}
		at = at*len(d.Values) + v
	}
	return at
}

// values is the inverse of place.
func (s Spec) values(at int) []string {
	out := make([]string, len(s.Dimensions))
	for i, d := range slices.Backward(s.Dimensions) {
		out[i] = d.Values[at%len(d.Values)]
		at /= len(d.Values)
	}
	return out
}

// Counter counts people for a table. What it holds is about people until it
// is released.
type Counter struct {
	spec   Spec
	period terms.Period
	counts []int
}

// NewCounter starts a table.
func NewCounter(spec Spec, period terms.Period) (*Counter, error) {
	if err := cmp.Or(spec.check(), period.Check()); err != nil {
		return nil, err
	}
	return &Counter{spec, period, make([]int, spec.cells())}, nil
}

// Add counts one person in cells, each once. More cells than one person may
// be counted in, or a value that no dimension has, are refused as a whole. That
// nobody is added twice, the caller has to see to.
func (c *Counter) Add(cells ...[]string) error {
	at, err := c.spec.places(cells)
	for _, i := range at {
		c.counts[i]++
	}
	return err
}

// places holds one person's cells to the bounds and returns where they stand.
func (s Spec) places(cells [][]string) ([]int, error) {
	if len(cells) > s.PerPerson {
		return nil, invalid("contribution", "", "%d cells, one person is counted in up to %d", len(cells), s.PerPerson)
	}
	at := make([]int, len(cells))
	for i, values := range cells {
		if at[i] = s.place(values); at[i] < 0 || slices.Contains(at[:i], at[i]) {
			return nil, invalid("contribution", form.Pointer("", i), "is no cell of the table, or one that was named before")
		}
	}
	return at, nil
}

// Release makes the table under a rule and enters it in the manifest, which
// says no to what may not be released.
func (c *Counter) Release(ctx context.Context, rule terms.Rule, about terms.About, m *terms.Manifest) (*Table, error) {
	return c.release(ctx, rule, about, m, laplace.New(rand.Reader))
}

func (c *Counter) release(ctx context.Context, rule terms.Rule, about terms.About, m *terms.Manifest, from *laplace.Source) (*Table, error) {
	if err := rule.Check(); err != nil {
		return nil, err
	}
	if about.Period != c.period {
		return nil, invalid("period", "/period", "the counts are of another period")
	}
	entry := terms.Release{Name: c.spec.Name, Source: c.spec.Source, Period: c.period, Rule: rule}
	if err := m.Allow(entry); err != nil {
		return nil, err
	}
	t := &Table{About: about, Rule: rule, Spec: c.spec}
	for i, n := range c.counts {
		if i%10_000 == 0 && ctx.Err() != nil {
			return nil, reason.Wrap(reason.Canceled, "", ctx.Err())
		}
		told := n >= rule.MinPeople
		if rule.Epsilon > 0 {
			n = terms.Share{Epsilon: rule.Epsilon, Sensitivity: c.spec.PerPerson}.Noisy(n, from)
			told = n >= rule.Threshold
		} else {
			n = rule.Rounded(n)
		}
		if told {
			t.Cells = append(t.Cells, Cell{c.spec.values(i), n})
		}
	}
	if err := from.Err(); err != nil {
		return nil, err
	}
	t.Withheld = len(c.counts) - len(t.Cells)
	entry.Cells, entry.Withheld = len(t.Cells), t.Withheld
	m.Releases = append(m.Releases, entry)
	return t, nil
}

// Sum adds the released cells that have a value in a dimension, or all where
// dimension is empty. complete is false where cells of it are withheld: then
// the sum is less than there is, by how much is not told.
func (t *Table) Sum(dimension, value string) (count int, complete bool) {
	at := slices.IndexFunc(t.Spec.Dimensions, func(d Dimension) bool { return d.Name == dimension })
	cells := t.Spec.cells()
	if at >= 0 {
		cells /= len(t.Spec.Dimensions[at].Values)
	} else if dimension != "" {
		return 0, false
	}
	for _, c := range t.Cells {
		if at < 0 || c.Values[at] == value {
			count += c.Count
			cells--
		}
	}
	return count, cells == 0
}

const tableType = "bevis-table/1"

// Marshal writes the table as ParseTable reads it.
func (t *Table) Marshal() []byte {
	cells := make([]*strictjson.Value, len(t.Cells))
	for i, c := range t.Cells {
		cells[i] = form.Ints(t.Spec.place(c.Values), c.Count)
	}
	members := []strictjson.Member{form.Member("type", strictjson.String(tableType)),
		form.Member("by", strictjson.String(t.About.By)), form.Member("made", t.About.Stamp()), form.Member("period", t.About.Period.Value()),
		form.Member("rule", t.Rule.Value())}
	return form.Bytes(append(append(members, t.Spec.members()...), form.Member("cells", strictjson.Array(cells...)))...)
}

func (s Spec) members() []strictjson.Member {
	dimensions := make([]*strictjson.Value, len(s.Dimensions))
	for i, d := range s.Dimensions {
		dimensions[i] = form.Object(form.Member("name", strictjson.String(d.Name)), form.Member("values", form.Texts(d.Values)))
	}
	return []strictjson.Member{form.Member("name", strictjson.String(s.Name)), form.Member("source", strictjson.String(s.Source)),
		form.Member("perPerson", form.Optional(s.PerPerson)), form.Member("dimensions", strictjson.Array(dimensions...))}
}

func (r *reader) spec(v *strictjson.Value, at string) Spec {
	s := Spec{Name: r.Text(v, at, "name"), Source: r.Text(v, at, "source"), PerPerson: r.Number(v, at, "perPerson")}
	for i, item := range r.List(v, at, "dimensions") {
		at := form.Pointer(at+"/dimensions", i)
		r.Members(item, at, "name", "values")
		s.Dimensions = append(s.Dimensions, Dimension{r.Text(item, at, "name"), r.Texts(item, at, "values")})
	}
	return s
}

// ParseTable reads a table whose origin is not asked for; OpenTable is for
// those that come from elsewhere.
func ParseTable(raw []byte) (*Table, error) {
	v, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxFile, MaxDepth: 5, MaxValues: 1_000_000})
	if err != nil {
		return nil, err
	}
	r := newReader("file")
	r.Members(v, "", "type", "by", "made", "period", "rule", "name", "source", "perPerson", "dimensions", "cells")
	if r.Text(v, "", "type") != tableType {
		r.Fail("/type", "is no table that is known here")
	}
	t := &Table{About: terms.ReadAbout(&r.Reader, v), Rule: terms.ReadRule(&r.Reader, v, ""), Spec: r.spec(v, "")}
	if r.Err() != nil {
		return nil, r.Err()
	}
	if err := t.Spec.check(); err != nil {
		return nil, err
	}
	last, all := -1, t.Spec.cells()
	for i, item := range r.List(v, "", "cells") {
		n := r.Ints(item, form.Pointer("/cells", i))
		if len(n) != 2 || n[0] <= last || n[0] >= all || n[1] < max(1, t.Rule.MinPeople/2) {
			r.Fail(form.Pointer("/cells", i), "is not a further place in the table and a count that the rule tells of")
			break
		}
		last = n[0]
		t.Cells = append(t.Cells, Cell{t.Spec.values(n[0]), n[1]})
	}
	t.Withheld = all - len(t.Cells)
	if r.Err() != nil {
		return nil, r.Err()
	}
	return t, nil
}
