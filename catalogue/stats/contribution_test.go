package stats

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/reason"
)

func TestContribute(t *testing.T) {
	t.Parallel()
	c := contribute(t, shape(), "d", "b", "a", "c", "e")
	if !slices.Equal(c.Courses, []string{"a", "b", "c", "d", "e"}) {
		t.Error(c.Courses)
	}
	// d b a c e: next to each other 4, one between 2, two between 1, d before e not.
	want := []Pair{{0, 2, 4}, {0, 4, 2}, {1, 0, 4}, {1, 2, 2}, {1, 4, 1}, {2, 4, 4}, {3, 0, 2}, {3, 1, 4}, {3, 2, 1}}
	if !reflect.DeepEqual(c.Pairs, want) {
		t.Error(c.Pairs)
	}
	if err := c.check(shape()); err != nil {
		t.Error(err)
	}
	// The order in which a wallet hands visits out does not matter, nor does a repetition.
	h := history("d", "b", "a", "c", "e")
	h = append(h, Visit{"d", "2026-06-01"}, Visit{"old", "2025-12-31"}, Visit{"none", "2026-02-30"}, Visit{"", "2026-02-01"})
	slices.Reverse(h)
	if again, err := Contribute(h, anything, Transitions, year(), shape()); err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("%+v %v", again, err)
	}
	// What is in no catalogue stays at home, and what was around it moves together.
	if c, err := Contribute(history("a", "secret", "b"), func(c string) bool { return c != "secret" }, Transitions, year(), shape()); err != nil ||
		!reflect.DeepEqual(c.Courses, []string{"a", "b"}) || !reflect.DeepEqual(c.Pairs, []Pair{{0, 1, 4}}) {
		t.Error(c, err)
	}
	// One day has no order.
	same := []Visit{{"a", "2026-01-01"}, {"b", "2026-01-01"}, {"c", "2026-01-02"}}
	if c, err := Contribute(same, anything, Transitions, year(), shape()); err != nil || !reflect.DeepEqual(c.Pairs, []Pair{{0, 2, 2}, {1, 2, 4}}) {
		t.Error(c.Pairs, err)
	}
}

func TestContributeIsBounded(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprintf("c%03d", i))
	}
	c := contribute(t, Shape{Courses: 10, Pairs: 4, Weights: []int{2, 1}}, many...)
	if c.Courses[0] != "c290" || len(c.Courses) != 10 || !reflect.DeepEqual(c.Pairs, []Pair{{5, 6, 2}, {6, 7, 2}, {7, 8, 2}, {8, 9, 2}}) {
		t.Errorf("%+v", c)
	}
	for _, s := range []Shape{{}, {Courses: 1, Pairs: 1, Weights: []int{1}}, {Courses: 2, Pairs: 0, Weights: []int{1}}, {Courses: 2, Pairs: 1},
		{Courses: 2, Pairs: 1, Weights: []int{1, 2}}, {Courses: 2, Pairs: 1, Weights: []int{0}}, {Courses: 2000, Pairs: 1, Weights: []int{1}}} {
		_, err := Contribute(nil, anything, Transitions, year(), s)
		wantCode(t, fmt.Sprint(s), err, "statistics_invalid/shape")
	}
	_, err := Contribute(nil, anything, Transitions, terms.Period{From: "2026-02-01", To: "2026-01-01"}, shape())
	wantCode(t, "period", err, "statistics_invalid/period")
}

// TestContributionTellsNoMore: what leaves the machine is courses in
// alphabetical order and pairs; two people who did the same are the same.
func TestContributionTellsNoMore(t *testing.T) {
	t.Parallel()
	early, err := Contribute([]Visit{{"a", "2026-01-01"}, {"b", "2026-01-09"}}, anything, Transitions, year(), shape())
	if err != nil {
		t.Fatal(err)
	}
	late, err := Contribute([]Visit{{"b", "2026-11-30"}, {"a", "2026-10-01"}}, anything, Transitions, year(), shape())
	if err != nil {
		t.Fatal(err)
	}
	one, err1 := json.Marshal(early)
	two, err2 := json.Marshal(late)
	want := `{"type":"bevis-contribution/1","purpose":"transitions","period":["2026-01-01","2026-12-31"],"courses":["a","b"],"pairs":[[0,1,4]]}`
	if err1 != nil || err2 != nil || !bytes.Equal(one, two) || string(one) != want {
		t.Errorf("%s\n%s", one, two)
	}
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	a := crowd(t, shape(), 0)
	good := contribute(t, shape(), "did:web:kurs.example#c01", "did:web:kurs.example#c02")
	for what, change := range map[string]func(*Contribution){
		"purpose":        func(c *Contribution) { c.Purpose = "ratings" },
		"period":         func(c *Contribution) { c.Period.To = "2026-11-30" },
		"unsorted":       func(c *Contribution) { slices.Reverse(c.Courses) },
		"twice":          func(c *Contribution) { c.Pairs = append(c.Pairs, c.Pairs[0]) },
		"course twice":   func(c *Contribution) { c.Courses[1] = c.Courses[0] },
		"itself":         func(c *Contribution) { c.Pairs[0].To = c.Pairs[0].From },
		"beyond":         func(c *Contribution) { c.Pairs[0].To = 2 },
		"below":          func(c *Contribution) { c.Pairs[0].From = -1 },
		"heavy":          func(c *Contribution) { c.Pairs[0].Weight = 1000 },
		"no weight":      func(c *Contribution) { c.Pairs[0].Weight = 0 },
		"negative":       func(c *Contribution) { c.Pairs[0].Weight = -4 },
		"no course":      func(c *Contribution) { c.Courses[0] = "" },
		"many courses":   func(c *Contribution) { c.Courses = make([]string, 21) },
		"many pairs":     func(c *Contribution) { c.Pairs = make([]Pair, 41) },
		"course of 1 kB": func(c *Contribution) { c.Courses[1] = strings.Repeat("z", 1000) },
	} {
		c := good
		c.Courses, c.Pairs = slices.Clone(good.Courses), slices.Clone(good.Pairs)
		change(&c)
		wantCode(t, what, a.Add(c), "statistics_invalid/contribution")
	}
	if a.people != 0 || slices.Max(a.taken) != 0 {
		t.Error("a refused contribution counts")
	}
	if err := a.Add(good); err != nil || a.people != 1 {
		t.Error(err)
	}
	// What is on no public list does not count, and is no error.
	if err := a.Add(contribute(t, shape(), "did:web:kurs.example#c01", "secret")); err != nil || a.taken[1] != 2 || len(a.pairs[1]) != 1 {
		t.Error(err, a.taken, a.pairs[1])
	}
}

func FuzzParseContribution(f *testing.F) {
	raw, err := contribute(f, shape(), "a", "c", "b").MarshalJSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"type":"bevis-contribution/1","purpose":"","period":["2026-01-01","2026-01-01"],"courses":[],"pairs":[]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := ParseContribution(raw)
		if err != nil {
			if reason.CodeOf(err) == reason.Internal {
				t.Error(err)
			}
			return
		}
		again, err := c.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParseContribution(again); err != nil || fmt.Sprint(back) != fmt.Sprint(c) {
			t.Errorf("%s\n%s: %v", raw, again, err)
		}
		_ = c.check(shape()) // must not panic
	})
}
