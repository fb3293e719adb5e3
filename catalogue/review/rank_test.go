package review_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/review"
)

// monday is the beginning of a week, counted from that of noon.
func monday(week int) catalogue.Date {
	return catalogue.Date(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*week).Format(time.DateOnly))
}

// spread are reviews of people who completed a course long before, one a week
// back in time, so that no rule is about them.
func spread(course string, ratings ...int) []review.Record {
	var out []review.Record
	for i, rating := range ratings {
		out = append(out, review.Record{
			Review:    review.Review{ID: fmt.Sprintf("%s-%03d", course, i), Course: course, Rating: rating, Month: "2026-06", Issuer: "did:key:" + course},
			Pseudonym: fmt.Sprintf("%s-%d", course, i), Week: monday(-i), IssuedWeek: monday(-i - 10), Checked: monday(0),
			Handles: []review.Handle{{List: "https://kurs.example/1", Index: uint64(i), Purpose: "revocation"}},
		})
	}
	return out
}

// change returns the reviews with a change to each.
func change(records []review.Record, f func(i int, r *review.Record)) []review.Record {
	out := slices.Clone(records)
	for i := range out {
		f(i, &out[i])
	}
	return out
}

func times(n, rating int) []int { return slices.Repeat([]int{rating}, n) }

func explanation(t *testing.T, r review.Ranking, course string) review.Explanation {
	t.Helper()
	for _, e := range r.Courses {
		if e.Course == course {
			return e
		}
	}
	t.Fatalf("%s has no explanation", course)
	return review.Explanation{}
}

// TestStanding holds the formula against figures that were worked out apart
// from it, and what it is for: low ones sink, good ones rise, and new ones
// stand between them.
func TestStanding(t *testing.T) {
	t.Parallel()
	records := slices.Concat(spread("bad", 1, 2, 1, 2, 1, 2), spread("fair", 4, 4, 3, 4, 5), spread("good", 5, 4, 5, 4, 5, 5, 4, 5), spread("new", 5, 5))
	facts := map[string]review.Facts{"bad": {Issued: 100}, "fair": {Issued: 100}, "good": {Issued: 100}, "new": {Issued: 100}}
	r := review.Rank(records, facts, noon)
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s is %.9f, not %.9f", what, got, want)
		}
	}
	near("mean", r.Mean, 3.5)
	near("neutral", r.Neutral, 2.764333635)
	for course, want := range map[string][2]float64{"bad": {1.5, 1.5}, "fair": {4, 3.295759528}, "good": {4.625, 3.777052672}, "new": {0, 0}} {
		got := r.Standings[course]
		near(course+" mean", got.Mean, want[0])
		near(course+" lower", got.Lower, want[1])
		if e := explanation(t, r, course); len(e.Rules) != 0 || float64(e.Reviews) != e.Counted || got.Reviews != e.Reviews || e.Standing != got || e.Issued != 100 {
			t.Errorf("%+v", e)
		}
	}
	if bad, good := r.Standings["bad"].Lower, r.Standings["good"].Lower; !(bad < r.Neutral && r.Neutral < good) {
		t.Errorf("bad %.2f, neutral %.2f, good %.2f", bad, r.Neutral, good)
	}
	// The order of the records is no matter.
	for range 20 {
		rand.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		if again := review.Rank(records, facts, noon); !reflect.DeepEqual(again, r) {
			t.Fatal("another order gives another ranking")
		}
	}
	// More of the same makes the bound tighter, and never higher than the mean.
	last := 0.0
	for n := 5; n <= 400; n++ {
		records := change(spread("x", times(n, 4)...), func(i int, r *review.Record) { r.Week = monday(-i) })
		s := review.Rank(records, map[string]review.Facts{"x": {Issued: 10_000}}, noon).Standings["x"]
		if s.Lower < last || s.Lower > s.Mean || s.Reviews != n {
			t.Fatalf("%d reviews: %+v after %f", n, s, last)
		}
		last = s.Lower
	}
	if empty := review.Rank(nil, nil, noon); len(empty.Standings) != 0 || empty.Mean != 3 || empty.Neutral >= 3 {
		t.Errorf("%+v", empty)
	}
	// One star from everybody is 1, not what the others of the catalogue lift it to.
	s := review.Rank(slices.Concat(spread("a", times(6, 1)...), spread("b", times(100, 5)...)), nil, noon).Standings["a"]
	if s.Lower > s.Mean || s.Lower < 1 {
		t.Errorf("%+v", s)
	}
}

// TestRules: each rule takes what it says, and stays away from what it is not
// about.
func TestRules(t *testing.T) {
	t.Parallel()
	inWeek := func(week, issued int) func(int, *review.Record) {
		return func(_ int, r *review.Record) { r.Week, r.IssuedWeek = monday(week), monday(issued) }
	}
	// Several issuers, so that the rule about one is not about these.
	apart := func(week, issued int) func(int, *review.Record) {
		return func(i int, r *review.Record) {
			inWeek(week, issued)(i, r)
			r.Issuer = fmt.Sprint("did:key:", i)
		}
	}
	for name, test := range map[string]struct {
		records []review.Record
		issued  int
		counted float64
		rule    review.Rule // empty: none
		about   int
	}{
		"ordinary":           {spread("x", times(12, 5)...), 40, 12, "", 0},
		"nobody has checked": {change(spread("x", times(8, 5)...), func(_ int, r *review.Record) { r.Checked = monday(-7) }), 40, 0, "stale", 8},
		"checked long ago":   {change(spread("x", times(8, 5)...), func(_ int, r *review.Record) { r.Checked = monday(-6) }), 40, 8, "", 0},
		"not to be checked":  {change(spread("x", times(8, 5)...), func(_ int, r *review.Record) { r.Checked, r.Handles = monday(-70), nil }), 40, 8, "", 0},

		"issued and praised within a week": {change(spread("x", times(9, 5)...), inWeek(0, 0)), 40, 2, "minted", 9},
		"… or the next":                    {change(spread("x", times(9, 5)...), inWeek(0, -1)), 40, 2, "minted", 9},
		"… two weeks after":                {change(spread("x", times(9, 5)...), inWeek(0, -2)), 40, 9, "", 0},
		"… nine of ten":                    {change(spread("x", append(times(9, 5), 1)...), apart(0, 0)), 40, 2, "minted", 10},
		"… not so many":                    {change(spread("x", append(times(8, 5), 4, 4)...), inWeek(0, 0)), 40, 10, "", 0},
		"… only four":                      {change(spread("x", times(4, 5)...), inWeek(0, 0)), 40, 4, "", 0},
		"… twice": {change(spread("x", times(12, 5)...), func(i int, r *review.Record) {
			r.Issuer, r.Week, r.IssuedWeek = fmt.Sprint("did:key:", i), monday(-i%2), monday(-i%2)
		}), 40, 4, "minted", 12},

		"many in one week":      {change(spread("x", times(30, 4)...), inWeek(0, -9)), 100, 10, "burst", 30},
		"ten in one week":       {change(spread("x", times(10, 4)...), inWeek(0, -9)), 100, 10, "", 0},
		"more than issued":      {spread("x", times(12, 4)...), 8, 4, "more-than-issued", 12},
		"all have reviewed it":  {spread("x", times(30, 4)...), 30, 15, "share", 30},
		"all of a small course": {spread("x", times(10, 4)...), 10, 10, "", 0},
		"nobody tells":          {spread("x", times(30, 4)...), 0, 20, "issued-not-told", 30},
		"nobody tells of few":   {spread("x", times(20, 4)...), 0, 20, "", 0},
		"a nonsense figure":     {spread("x", times(30, 4)...), -5, 20, "issued-not-told", 30},
	} {
		e := explanation(t, review.Rank(test.records, map[string]review.Facts{"x": {Issued: test.issued}}, noon), "x")
		if math.Abs(e.Counted-test.counted) > 1e-9 || e.Reviews != len(test.records) || e.Standing.Reviews != int(test.counted) {
			t.Errorf("%s: %+v, not %g", name, e, test.counted)
		}
		switch {
		case test.rule == "" && len(e.Rules) > 0, test.rule != "" && len(e.Rules) != 1:
			t.Errorf("%s: %+v", name, e.Rules)
		case test.rule != "":
			if a := e.Rules[0]; a.Rule != test.rule || a.Reviews != test.about || math.Abs(a.Discount-(float64(len(test.records))-test.counted)) > 1e-9 {
				t.Errorf("%s: %+v", name, a)
			}
			if !slices.Contains(review.Rules(), test.rule) {
				t.Errorf("%s is not among the rules", test.rule)
			}
		}
		if (e.Standing.Lower > 0) != (test.counted >= 5) {
			t.Errorf("%s: %g reviews count and the standing is %+v", name, test.counted, e.Standing)
		}
	}
}

// TestIssuerPays: an issuer that mints for one course has all its courses
// weighed down; others have not.
func TestIssuerPays(t *testing.T) {
	t.Parallel()
	by := func(issuer string) func(int, *review.Record) {
		return func(_ int, r *review.Record) { r.Issuer = issuer }
	}
	minted := change(spread("minted", times(10, 5)...), func(_ int, r *review.Record) { r.Issuer, r.Week, r.IssuedWeek = "did:key:m", monday(0), monday(0) })
	records := slices.Concat(minted, change(spread("honest", times(8, 5)...), by("did:key:m")), change(spread("others", times(8, 5)...), by("did:key:o")))
	r := review.Rank(records, nil, noon)
	for course, want := range map[string]float64{"minted": 1, "honest": 4, "others": 8} {
		if e := explanation(t, r, course); math.Abs(e.Counted-want) > 1e-9 {
			t.Errorf("%+v, not %g", e, want)
		}
	}
	if e := explanation(t, r, "minted"); len(e.Rules) != 2 || e.Rules[0].Rule != "minted" || e.Rules[1].Rule != "issuer" {
		t.Errorf("%+v", e.Rules)
	}
	// Where its minted reviews are the smaller part, it is left alone.
	r = review.Rank(slices.Concat(minted, change(spread("honest", times(12, 5)...), by("did:key:m"))), nil, noon)
	if e := explanation(t, r, "honest"); e.Counted != 12 {
		t.Errorf("%+v", e)
	}
}

// TestNotCounted: withdrawn and suspended reviews are not there.
func TestNotCounted(t *testing.T) {
	t.Parallel()
	records := spread("x", times(7, 4)...)
	records[0].Withdrawn, records[1].Suspended = true, true
	if e := explanation(t, review.Rank(records, nil, noon), "x"); e.Reviews != 5 || e.Counted != 5 {
		t.Errorf("%+v", e)
	}
}

func BenchmarkRank(b *testing.B) {
	var records []review.Record
	for c := range 1000 {
		records = append(records, spread(fmt.Sprint("c", c), times(20, 4)...)...)
	}
	for b.Loop() {
		review.Rank(records, nil, noon)
	}
}
