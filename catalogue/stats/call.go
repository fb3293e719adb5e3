package stats

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/internal/form"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Call asks people to contribute. It fixes, before anybody does, what is
// counted, how much one person gives and under which rule the sum leaves: that
// is what they agree to, and nothing else is made of it.
type Call struct {
	About   terms.About // By is who collects
	Purpose string
	Rule    terms.Rule
	// Issuers are those whose credentials let a person in, Achievement, if it
	// is not empty, is the only one that does. Both are on trust: who issues
	// to invented people lets them in.
	Issuers     []string
	Achievement string

	// Of transitions:
	Shape   Shape
	Use     Use
	Courses []string // the public list

	// Of every other purpose:
	Table Spec
}

const (
	callType   = "bevis-call/1"
	maxIssuers = 1000
)

// Check tells whether the call can be made.
func (c *Call) Check() error {
	if c.Purpose != Transitions && c.Purpose != Gaps {
		return invalid("call", "/purpose", "%.40q is no purpose that is known here", c.Purpose)
	}
	if !strings.HasPrefix(c.About.By, "did:") || len(c.About.By) > maxRef || strings.ContainsAny(c.About.By, "\r\n") {
		return invalid("call", "/by", "a call says which DID it is by")
	}
	if len(c.Issuers) == 0 || len(c.Issuers) > maxIssuers || slices.ContainsFunc(c.Issuers, func(s string) bool { return !strings.HasPrefix(s, "did:") || len(s) > maxRef }) || len(c.Achievement) > maxRef {
		return invalid("call", "/issuers", "a call names those whose credentials let a person in, up to %d", maxIssuers)
	}
	if err := c.Rule.Check(); err != nil {
		return err
	}
	_, _, err := c.counters()
	if err == nil && c.Purpose == Transitions {
		err = c.Use.check()
	}
	return err
}

// counters makes what adds contributions up: one of the two.
func (c *Call) counters() (*Aggregator, *Counter, error) {
	if c.Purpose == Transitions {
		a, err := NewAggregator(c.About.Period, c.Shape, c.Courses)
		return a, nil, err
	}
	k, err := NewCounter(c.Table, c.About.Period)
	return nil, k, err
}

// Entry is what the manifest will say of the release, before anything is
// counted.
func (c *Call) Entry() terms.Release {
	if c.Purpose == Transitions {
		return terms.Release{Name: Transitions, Source: Completions, Period: c.About.Period, Rule: c.Rule}
	}
	return terms.Release{Name: c.Table.Name, Source: c.Table.Source, Period: c.About.Period, Rule: c.Rule}
}

// Fits refuses a contribution that the call does not ask for.
func (c *Call) Fits(given Contribution) error {
	if given.Purpose != c.Purpose || given.Period != c.About.Period {
		return invalid("contribution", "/purpose", "was given for %.40q from %s to %s, which is not what is called for", given.Purpose, given.Period.From, given.Period.To)
	}
	if c.Purpose != Transitions {
		_, err := c.Table.places(given.Cells)
		return err
	}
	if err := given.check(c.Shape); err != nil {
		return err
	}
	for i, ref := range given.Courses {
		if !c.Lists(ref) {
			return invalid("contribution", form.Pointer("/courses", i), "is not on the public list")
		}
	}
	return nil
}

// Lists tells whether a course is on the public list. The list of a call that
// was parsed is sorted.
func (c *Call) Lists(course string) bool {
	_, ok := slices.BinarySearch(c.Courses, course)
	return ok
}

// Release adds up contributions, one for each person, and makes a Published or
// a Table of them; see Aggregator.Release and Counter.Release.
func (c *Call) Release(ctx context.Context, given []Contribution, made time.Time, m *terms.Manifest) (File, error) {
	aggregator, counter, err := c.counters()
	if err != nil {
		return nil, err
	}
	for _, one := range given {
		if err := c.Fits(one); err != nil {
			return nil, err
		}
		if aggregator != nil {
			err = aggregator.Add(one)
		} else {
			err = counter.Add(one.Cells...)
		}
		if err != nil {
			return nil, err
		}
	}
	about := c.About
	about.Made = made
	if aggregator != nil {
		return aggregator.Release(ctx, c.Rule, c.Use, about, m)
	}
	return counter.Release(ctx, c.Rule, about, m)
}

// Digest tells calls apart: what somebody agreed to is this call and no other.
func (c *Call) Digest() string {
	sum := sha256.Sum256(c.Marshal())
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Marshal writes the call as ParseCall reads it.
func (c *Call) Marshal() []byte {
	members := []strictjson.Member{form.Member("type", strictjson.String(callType)), form.Member("purpose", strictjson.String(c.Purpose)),
		form.Member("by", strictjson.String(c.About.By)), form.Member("made", c.About.Stamp()), form.Member("period", c.About.Period.Value()),
		form.Member("rule", c.Rule.Value()), form.Member("issuers", form.Texts(c.Issuers))}
	if c.Achievement != "" {
		members = append(members, form.Member("achievement", strictjson.String(c.Achievement)))
	}
	if c.Purpose == Transitions {
		return form.Bytes(append(members, form.Member("shape", c.Shape.value()), form.Member("use", c.Use.value()), form.Member("courses", form.Texts(c.Courses)))...)
	}
	return form.Bytes(append(members, form.Member("table", form.Object(c.Table.members()...)))...)
}

// ParseCall reads a call whose origin is not asked for; OpenCall is for those
// that come from elsewhere.
func ParseCall(raw []byte) (*Call, error) {
	v, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxFile, MaxDepth: 6, MaxValues: 1_000_000})
	if err != nil {
		return nil, err
	}
	r := newReader("call")
	if r.Text(v, "", "type") != callType {
		r.Fail("/type", "is no call that is known here")
	}
	c := &Call{About: terms.ReadAbout(&r.Reader, v), Purpose: r.Text(v, "", "purpose"), Rule: terms.ReadRule(&r.Reader, v, ""), Issuers: r.Texts(v, "", "issuers")}
	if v.Get("achievement") != nil {
		if c.Achievement = r.Text(v, "", "achievement"); c.Achievement == "" {
			r.Fail("/achievement", "is empty")
		}
	}
	head := []string{"type", "purpose", "by", "made", "period", "rule", "issuers", "achievement"}
	if c.Purpose == Transitions {
		r.Members(v, "", append(head, "shape", "use", "courses")...)
		c.Shape, c.Use, c.Courses = r.shape(v), r.use(v), r.Texts(v, "", "courses")
		if !slices.IsSorted(c.Courses) {
			r.Fail("/courses", "is not sorted")
		}
	} else {
		r.Members(v, "", append(head, "table")...)
		r.Members(v.Get("table"), "/table", "name", "source", "perPerson", "dimensions")
		c.Table = r.spec(v.Get("table"), "/table")
	}
	if err := cmp.Or(r.Err(), c.Check()); err != nil {
		return nil, err
	}
	return c, nil
}
