package stats

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/internal/form"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// maxFile is the most bytes of a published file, signed.
const maxFile = 8 << 20

const (
	publishedType = "bevis-transitions/1"
	maxValue      = 1 << 30
)

// Published is what a release tells of what was taken after what: no number
// in it is about fewer people than its rule allows. It does not change, and is
// safe for concurrent use.
type Published struct {
	About  terms.About
	Rule   terms.Rule
	Shape  Shape
	Use    Use
	People int // who contributed, rounded or with noise

	courses []string // sorted
	taken   []int    // people by course, rounded or with noise
	next    [][]cell // by course, sorted by the one after it
	factors []int8   // Use.Rank for each course

	weights [][]int64 // what a cell of next counts in a score
	from    []float64 // what factors count
	to      []float64
}

// Use says how the numbers make a score. The publisher chooses it, on data of
// its own, so that every reader scores the same.
type Use struct {
	// Recency is how much a course of the history counts by how many came
	// after it, in thousandths, the newest first. Older ones do not count.
	Recency []int
	// Smooth is added to the number of people that a course's cells are
	// divided by, so that few people prove less.
	Smooth int
	// Popularity is by which power, in hundredths, of the people who took a
	// course the score for it is divided.
	Popularity int
	// Rank is the number of factors of each course, which are computed from
	// the released cells alone, and LowRank, in thousandths, how much they
	// count. Both 0: none.
	Rank    int
	LowRank int
}

const (
	maxRecency = 100
	maxRank    = 256
)

func (u Use) check() error {
	bad := len(u.Recency) < 1 || len(u.Recency) > maxRecency || u.Smooth < 0 || u.Smooth > 1e6 || u.Popularity < 0 || u.Popularity > 100 ||
		u.Rank < 0 || u.Rank > maxRank || u.LowRank < 0 || u.LowRank > 1000 || (u.Rank == 0) != (u.LowRank == 0)
	for _, r := range u.Recency {
		bad = bad || r < 0 || r > 1000
	}
	if bad {
		return invalid("use", "/use", "a weight for the score is missing or out of bounds")
	}
	return nil
}

func (u Use) value() *strictjson.Value {
	return form.Object(form.Member("recency", form.Ints(u.Recency...)), form.Member("smooth", form.Optional(u.Smooth)),
		form.Member("popularity", form.Optional(u.Popularity)), form.Member("rank", form.Optional(u.Rank)), form.Member("lowRank", form.Optional(u.LowRank)))
}

// Courses returns the refs that the file knows, sorted.
func (p *Published) Courses() []string { return slices.Clone(p.courses) }

// Taken returns how many people took a course, rounded or with noise; 0 where
// nothing is told.
func (p *Published) Taken(course string) int {
	i, ok := slices.BinarySearch(p.courses, course)
	if !ok {
		return 0
	}
	return p.taken[i]
}

// Cells returns how many pairs of courses are told of.
func (p *Published) Cells() int {
	n := 0
	for _, row := range p.next {
		n += len(row)
	}
	return n
}

// Marshal writes the file as Parse reads it. The rows of "next" hold, for each
// course, how many courses further on in the list each next one stands, and
// its value.
func (p *Published) Marshal() []byte {
	rows := make([]string, len(p.next))
	for i, row := range p.next {
		var b []byte
		last := int32(-1)
		for _, c := range row {
			if len(b) > 0 {
				b = append(b, ' ')
			}
			b = strconv.AppendInt(b, int64(c.to-last), 10)
			b = strconv.AppendInt(append(b, ' '), int64(c.value), 10)
			last = c.to
		}
		rows[i] = string(b)
	}
	var factors *strictjson.Value
	if p.Use.Rank > 0 {
		raw := make([]byte, len(p.factors))
		for i, f := range p.factors {
			raw[i] = byte(f)
		}
		factors = strictjson.String(base64.RawURLEncoding.EncodeToString(raw))
	}
	return form.Bytes(
		form.Member("type", strictjson.String(publishedType)),
		form.Member("by", strictjson.String(p.About.By)),
		form.Member("made", p.About.Stamp()),
		form.Member("period", p.About.Period.Value()),
		form.Member("rule", p.Rule.Value()),
		form.Member("shape", p.Shape.value()),
		form.Member("use", p.Use.value()),
		form.Member("people", strictjson.Int(int64(p.People))),
		form.Member("courses", form.Texts(p.courses)),
		form.Member("taken", form.Ints(p.taken...)),
		form.Member("next", form.Texts(rows)),
		form.Member("factors", factors),
	)
}

// Parse reads a published file whose origin is not asked for; Open is for
// those that come from elsewhere.
func Parse(raw []byte) (*Published, error) {
	v, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxFile, MaxDepth: 4, MaxValues: 3*maxCatalogue + 1000})
	if err != nil {
		return nil, err
	}
	r := newReader("file")
	r.Members(v, "", "type", "by", "made", "period", "rule", "shape", "use", "people", "courses", "taken", "next", "factors")
	if r.Text(v, "", "type") != publishedType {
		r.Fail("/type", "is no statistic that is known here")
	}
	p := &Published{
		About: terms.ReadAbout(&r.Reader, v), Rule: terms.ReadRule(&r.Reader, v, ""), Shape: r.shape(v), Use: r.use(v), People: r.Number(v, "", "people"),
		courses: r.Texts(v, "", "courses"), taken: r.Ints(v.Get("taken"), "/taken"),
	}
	for i, ref := range p.courses {
		if ref == "" || len(ref) > maxRef || i > 0 && p.courses[i-1] >= ref {
			r.Fail(form.Pointer("/courses", i), "courses are sorted, each once, of 1 to %d bytes", maxRef)
			break
		}
	}
	rows := r.Texts(v, "", "next")
	if p.People < 0 || len(p.courses) > maxCatalogue || len(p.taken) != len(p.courses) || len(rows) != len(p.courses) {
		r.Fail("/courses", "courses, taken and next are not of one length, up to %d", maxCatalogue)
	}
	if r.Err() != nil {
		return nil, r.Err()
	}
	p.next = make([][]cell, len(rows))
	for i, row := range rows {
		if p.taken[i] < max(1, p.Rule.MinPeople/2) || p.taken[i] > maxValue {
			r.Fail(form.Pointer("/taken", i), "is a number of people that the rule does not tell of")
		}
		p.next[i] = r.row(row, form.Pointer("/next", i), i, len(rows))
	}
	r.readFactors(v, p)
	if r.Err() != nil {
		return nil, r.Err()
	}
	p.compile()
	return p, nil
}

// row reads the cells after course from.
func (r *reader) row(text, at string, from, courses int) []cell {
	if text == "" {
		return nil
	}
	words := strings.SplitN(text, " ", 2*maxNext+1)
	if len(words) > 2*maxNext || len(words)%2 != 0 {
		r.Fail(at, "is not up to %d pairs of numbers", maxNext)
		return nil
	}
	out := make([]cell, 0, len(words)/2)
	to := -1
	for i := 0; i < len(words); i += 2 {
		gap, value := positive(words[i]), positive(words[i+1])
		to += gap
		if gap == 0 || value == 0 || to >= courses || to == from {
			r.Fail(at, "cell %d is not a course further on and a value", i/2)
			return nil
		}
		out = append(out, cell{int32(to), int32(value)})
	}
	return out
}

// positive reads a number in its one spelling, up to maxValue; 0 is none.
func positive(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxValue || s[0] == '0' || s[0] == '+' {
		return 0
	}
	return n
}

func (r *reader) shape(v *strictjson.Value) Shape {
	shape := v.Get("shape")
	r.Members(shape, "/shape", "courses", "pairs", "weights")
	s := Shape{Courses: r.Number(shape, "/shape", "courses"), Pairs: r.Number(shape, "/shape", "pairs"), Weights: r.Ints(shape.Get("weights"), "/shape/weights")}
	if err := s.check(); err != nil {
		r.Fail("/shape", "%w", err)
	}
	return s
}

func (r *reader) use(v *strictjson.Value) Use {
	use := v.Get("use")
	r.Members(use, "/use", "recency", "smooth", "popularity", "rank", "lowRank")
	u := Use{
		Recency: r.Ints(use.Get("recency"), "/use/recency"), Smooth: r.Number(use, "/use", "smooth"), Popularity: r.Number(use, "/use", "popularity"),
		Rank: r.Number(use, "/use", "rank"), LowRank: r.Number(use, "/use", "lowRank"),
	}
	if err := u.check(); err != nil {
		r.Fail("/use", "%w", err)
	}
	return u
}

func (r *reader) readFactors(v *strictjson.Value, p *Published) {
	if p.Use.Rank == 0 {
		if v.Get("factors") != nil {
			r.Fail("/factors", "there is no rank for them")
		}
		return
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(r.Text(v, "", "factors"))
	if err != nil || len(raw) != len(p.courses)*p.Use.Rank {
		r.Fail("/factors", "is not base64url of %d numbers for each course", p.Use.Rank)
		return
	}
	p.factors = make([]int8, len(raw))
	for i, b := range raw {
		p.factors[i] = int8(b)
	}
}
