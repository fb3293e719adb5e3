package batch

import (
	"cmp"
	"context"
	"hash/maphash"
	"iter"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/inorder"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// Books are what rows are held against before anything is issued.
type Books struct {
	Issuer *issuer.Issuer
	// HadBefore returns the id of a credential for the achievement that a
	// person has from elsewhere than this batch, empty if there is none. Nil:
	// nobody asks.
	HadBefore func(ctx context.Context, a issuer.Award) (id string, err error)
	Jobs      int    // rows are looked at on so many cores, zero: on all
	Seen      func() // is called for each row, may be nil
}

// MaxProblems is how many problems are kept; the rest is counted.
const MaxProblems = 10_000

// Checked is what is known of a table before it is issued.
type Checked struct {
	Rows     int       // that hold something
	Bad      int       // of them, something is wrong with
	Before   int       // of them, were issued by this batch before
	Problems []Problem // by line
	More     int       // problems that are not among them

	bad     []uint64 // a bit for each row
	persons []seen
}

// seen is a person in a row.
type seen struct {
	person uint64
	n      uint32
	line   uint32
}

func (c *Checked) isBad(n int) bool { return n/64 < len(c.bad) && c.bad[n/64]>>(n%64)&1 == 1 }

func (c *Checked) add(n int, problems ...Problem) {
	if len(problems) == 0 {
		return
	}
	for n/64 >= len(c.bad) {
		c.bad = append(c.bad, 0)
	}
	if !c.isBad(n) {
		c.Bad++
	}
	c.bad[n/64] |= 1 << (n % 64)
	room := min(len(problems), MaxProblems-len(c.Problems))
	c.Problems = append(c.Problems, problems[:room]...)
	c.More += len(problems) - room
}

// judged is what is known of a row by itself.
type judged struct {
	n, line  int
	persons  []string
	problems []Problem
	before   bool
	err      error // of the books, or of reading: nothing more can be said
}

const checkGroup = 64

// Check reads all rows and says what is wrong with them. Nothing is changed.
// The error is of reading the table or of the books.
func (b *Batch) Check(ctx context.Context, books Books) (*Checked, error) {
	out := &Checked{}
	seed := maphash.MakeSeed()
	judge := func(ctx context.Context, group []judgement) (out []judged) {
		for _, g := range group {
			out = append(out, b.judge(ctx, books, g))
		}
		return out
	}
	for group := range inorder.Map(ctx, books.Jobs, grouped(b.rows(ctx)), judge) {
		for _, j := range group {
			if j.err != nil {
				return nil, j.err
			}
			out.Rows++
			if books.Seen != nil {
				books.Seen()
			}
			if j.before {
				out.Before++
			}
			out.add(j.n, j.problems...)
			for _, p := range j.persons {
				out.persons = append(out.persons, seen{maphash.String(seed, p), uint32(j.n), uint32(j.line)})
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	out.findTwins()
	if out.Rows == 0 {
		return nil, reason.New("table_invalid/empty", "", "below the names of the columns there is nothing")
	}
	return out, nil
}

// findTwins finds rows about the same person as one above.
func (c *Checked) findTwins() {
	slices.SortFunc(c.persons, func(a, b seen) int { return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.n, b.n)) })
	var first seen
	for k, s := range c.persons {
		if k == 0 || s.person != first.person {
			first = s
		} else if s.n != first.n {
			c.add(int(s.n), Problem{Line: int(s.line), Code: "row_invalid/twice", Also: int(first.line)})
		}
	}
	c.persons = nil
	slices.SortStableFunc(c.Problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	// Who is there twice by both their id and their address is told once.
	c.Problems = slices.CompactFunc(c.Problems, func(a, b Problem) bool { return a == b && a.Code == "row_invalid/twice" })
}

// judgement is a row to be judged, or why there is none.
type judgement struct {
	row
	err error
}

func grouped(rows iter.Seq2[row, error]) iter.Seq[[]judgement] {
	return func(yield func([]judgement) bool) {
		var group []judgement
		for r, err := range rows {
			if group = append(group, judgement{r, err}); len(group) == checkGroup || err != nil {
				if !yield(group) || err != nil {
					return
				}
				group = nil
			}
		}
		if len(group) > 0 {
			yield(group)
		}
	}
}

// judge says what is wrong with a row by itself.
func (b *Batch) judge(ctx context.Context, books Books, in judgement) judged {
	out := judged{n: in.n, line: in.Line, err: in.err}
	if out.err != nil {
		return out
	}
	var a issuer.Award
	a, out.problems = b.award(ctx, in.row)
	if a.Recipient.ID != "" {
		out.persons = append(out.persons, a.Recipient.ID)
	}
	if a.Recipient.Email != "" {
		out.persons = append(out.persons, strings.ToLower(a.Recipient.Email))
	}
	if len(out.problems) > 0 {
		return out
	}
	wrong := func(code reason.Code, value, detail string) judged {
		out.problems = []Problem{{Line: in.Line, Code: code, Value: value, Detail: detail}}
		return out
	}
	before, err := books.Issuer.Again(ctx, a)
	switch code := reason.CodeOf(err); {
	case code == "conflict/idempotency-key":
		return wrong("row_invalid/changed", reason.AtOf(err), "")
	case code == "conflict/erased":
		return wrong("row_invalid/erased", reason.AtOf(err), "")
	case err != nil:
		out.err = err
		return out
	case before != nil:
		out.before = true
		return out
	}
	if err := books.Issuer.Check(a); err != nil {
		return wrong("row_invalid/award", "", err.Error())
	}
	if books.HadBefore == nil {
		return out
	}
	id, err := books.HadBefore(ctx, a)
	if out.err = err; id == "" || err != nil {
		return out
	}
	// Another process may have issued this very row since it was asked for.
	if before, err = books.Issuer.Again(ctx, a); err == nil && before != nil {
		out.before = true
		return out
	}
	out.err = err
	return wrong("row_invalid/had-before", id, "")
}
