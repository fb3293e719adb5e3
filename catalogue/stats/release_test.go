package stats

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/internal/laplace"
	"github.com/kompetansebevis/bevis/reason"
)

// TestThreshold holds every released number against what was contributed.
func TestThreshold(t *testing.T) {
	t.Parallel()
	a := crowd(t, shape(), 400)
	p := release(t, a, people(), use())
	if p.People != 400 || p.Cells() == 0 {
		t.Fatal(p.People, p.Cells())
	}
	place := map[string]int{}
	for i, c := range a.courses {
		place[c] = i
	}
	told := 0
	for i, from := range p.courses {
		if n := a.taken[place[from]]; n < 10 || p.taken[i]%5 != 0 || math.Abs(float64(n-p.taken[i])) > 2.5 {
			t.Errorf("%s: %d is told of %d", from, p.taken[i], n)
		}
		for _, c := range p.next[i] {
			tally := a.pairs[place[from]][int32(place[p.courses[c.to]])]
			if tally.people < 10 || c.value%5 != 0 || math.Abs(float64(tally.weight-c.value)) > 2.5 {
				t.Errorf("%s to %s: %d is told of %+v", from, p.courses[c.to], c.value, tally)
			}
			told++
		}
	}
	small, large := 0, 0
	for _, row := range a.pairs {
		for _, c := range row {
			if c.people < 10 {
				small++
			} else {
				large++
			}
		}
	}
	if told != large || small == 0 {
		t.Errorf("%d cells told, %d have 10 people or more, %d fewer", told, large, small)
	}
	if _, err := crowd(t, shape(), 9).release(t.Context(), people(), use(), about(), &terms.Manifest{}, nil); reason.CodeOf(err) != "statistics_invalid/people" {
		t.Error(err)
	}
}

// TestNineAreSilent: the tenth person makes a cell, the ninth does not show.
func TestNineAreSilent(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{8: 0, 9: 0, 10: 1} {
		a := crowd(t, shape(), 0)
		for range n {
			if err := a.Add(contribute(t, shape(), a.courses[0], a.courses[1])); err != nil {
				t.Fatal(err)
			}
		}
		for range 30 { // of other courses
			if err := a.Add(contribute(t, shape(), a.courses[2])); err != nil {
				t.Fatal(err)
			}
		}
		p := release(t, a, people(), use())
		if p.Cells() != want || (p.Taken(a.courses[0]) > 0) != (want == 1) {
			t.Errorf("%d people: %d cells, %d took", n, p.Cells(), p.Taken(a.courses[0]))
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	for _, r := range []terms.Rule{
		{}, {MinPeople: 9, Round: 5}, {MinPeople: 10}, {MinPeople: 10, Round: 4}, {MinPeople: 10, Round: 11}, {Round: 5}, {MinPeople: -10, Round: 5},
		{Epsilon: 20_001, Threshold: 5}, {Epsilon: -1, Threshold: 5}, {Epsilon: 8000}, {Threshold: 5},
		{MinPeople: 10, Round: 5, Epsilon: 8000, Threshold: 5},
	} {
		_, err := crowd(t, shape(), 20).Release(t.Context(), r, use(), about(), &terms.Manifest{Budget: 1e6})
		wantCode(t, fmt.Sprint(r), err, "statistics_invalid/rule")
	}
	for _, e := range []int{1, 7, 50, 999, 8000, 20_000} {
		people, courses, pairs := split(terms.Rule{Epsilon: e}, shape())
		if people.Epsilon+courses.Epsilon+pairs.Epsilon != e {
			t.Errorf("%d is split into %d, %d, %d", e, people, courses, pairs)
		}
		if pairs.Sensitivity != 160 || courses.Sensitivity != 20 || people.Sensitivity != 1 {
			t.Error(people, courses, pairs)
		}
	}
	for _, u := range []Use{{}, {Recency: []int{1001}}, {Recency: []int{-1}}, {Recency: make([]int, 101)}, {Recency: []int{1}, Rank: 3}, {Recency: []int{1}, LowRank: 3}, {Recency: []int{1}, Smooth: -1}} {
		_, err := crowd(t, shape(), 20).Release(t.Context(), people(), u, about(), &terms.Manifest{})
		wantCode(t, fmt.Sprint(u), err, "statistics_invalid/use")
	}
}

// TestSensitivity: whatever one person contributes within the shape moves the
// sums that noise is added to by no more than the accounting says.
func TestSensitivity(t *testing.T) {
	t.Parallel()
	s := Shape{Courses: 6, Pairs: 7, Weights: []int{3, 2, 1}}
	_, courses, pairs := split(terms.Rule{Epsilon: 8000}, s)
	for n := range 40 {
		a := crowd(t, s, 0)
		if err := a.Add(contribute(t, s, a.courses[:n]...)); err != nil {
			t.Fatal(err)
		}
		taken, weight := 0, 0
		for _, k := range a.taken {
			taken += k
		}
		for _, row := range a.pairs {
			for _, c := range row {
				weight += int(c.weight)
			}
		}
		if taken > courses.Sensitivity || weight > pairs.Sensitivity {
			t.Errorf("%d courses: %d and %d, more than %d and %d", n, taken, weight, courses.Sensitivity, pairs.Sensitivity)
		}
	}
}

// TestNoiseIsOnEverything compares many releases of the same data: nothing
// but the public list is the same in all of them, and pairs that nobody took
// are told as readily as the noise makes them.
func TestNoiseIsOnEverything(t *testing.T) {
	t.Parallel()
	s := Shape{Courses: 9, Pairs: 8, Weights: []int{1}}
	a := crowd(t, s, 400)
	rule := terms.Rule{Epsilon: 3000, Threshold: 8}
	const times = 60
	var people, taken []float64
	nobody, expected := 0, 0.
	_, _, pairs := split(rule, s)
	alpha := math.Exp(-float64(pairs.Epsilon) / 1000 / float64(pairs.Sensitivity))
	for seed := range uint64(times) {
		p, err := a.release(t.Context(), rule, use(), about(), &terms.Manifest{Budget: 3000}, steadyNoise(seed))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.courses, a.courses) {
			t.Fatal("the courses are not the public list")
		}
		people, taken = append(people, float64(p.People)), append(taken, float64(p.taken[0]))
		for i, row := range p.next {
			for _, c := range row {
				if a.pairs[i][c.to].people == 0 {
					nobody++
				}
			}
			expected += float64(len(a.courses)-1-len(a.pairs[i])) * math.Pow(alpha, 8) / (1 + alpha)
		}
	}
	for what, x := range map[string][]float64{"people": people, "taken": taken} {
		if len(slices.Compact(slices.Sorted(slices.Values(x)))) < 5 {
			t.Errorf("%s: %v", what, x)
		}
	}
	if d := math.Abs(float64(nobody) - expected); d > 6*math.Sqrt(expected) {
		t.Errorf("%d cells of pairs that nobody took, expected %.0f", nobody, expected)
	}
}

// TestEpsilonHolds estimates the loss from two neighbouring data sets: how
// much more likely a released number is with the person than without.
func TestEpsilonHolds(t *testing.T) {
	t.Parallel()
	s := Shape{Courses: 2, Pairs: 1, Weights: []int{1}}
	rule := terms.Rule{Epsilon: 1000, Threshold: 1}
	without, with := crowd(t, s, 0), crowd(t, s, 0)
	for _, a := range []*Aggregator{without, with} {
		a.courses, a.taken, a.pairs = a.courses[:2], a.taken[:2], a.pairs[:2]
	}
	if err := with.Add(contribute(t, s, with.courses[0], with.courses[1])); err != nil {
		t.Fatal(err)
	}
	const times = 40_000
	count := func(a *Aggregator, seed uint64) map[string]int {
		out, from := map[string]int{}, steadyNoise(seed)
		for range times {
			p, err := a.release(t.Context(), rule, use(), about(), &terms.Manifest{Budget: 1000}, from)
			if err != nil {
				t.Fatal(err)
			}
			told, _ := p.After(a.courses[0], a.courses[1])
			out[fmt.Sprint(min(told, 3), min(p.taken[0], 4), min(p.taken[1], 4), min(p.People, 2))]++
		}
		return out
	}
	a, b := count(without, 1), count(with, 1<<40)
	seen := 0.
	for outcome, n := range a {
		if m := b[outcome]; n > 400 && m > 400 {
			seen = max(seen, math.Abs(math.Log(float64(n)/float64(m))))
		}
	}
	if seen > 1.2 || seen < .3 {
		t.Errorf("a loss of %.2f was seen, ε is 1", seen)
	}
}

func TestTopNext(t *testing.T) {
	t.Parallel()
	cells := make([]cell, 150)
	for i := range cells {
		cells[i] = cell{int32(149 - i), int32(i%75 + 10)}
	}
	got := best(cells)
	if len(got) != maxNext || !slices.IsSortedFunc(got, func(a, b cell) int { return int(a.to - b.to) }) {
		t.Error(got)
	}
	for _, c := range got {
		if c.value < 35 {
			t.Errorf("%+v is not among the largest", c)
		}
	}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	a := crowd(t, shape(), 400)
	m := &terms.Manifest{Budget: 10_000}
	if _, err := a.Release(t.Context(), people(), use(), about(), m); err != nil {
		t.Fatal(err)
	}
	_, err := a.Release(t.Context(), people(), use(), about(), m)
	wantCode(t, "twice", err, "statistics_invalid/overlap")
	private := terms.Rule{Epsilon: 4000, Threshold: 50}
	for range 2 {
		if _, err := a.Release(t.Context(), private, use(), about(), m); err != nil {
			t.Fatal(err)
		}
	}
	_, err = a.Release(t.Context(), private, use(), about(), m)
	wantCode(t, "budget", err, "statistics_invalid/budget")
	if m.Spent() != 8000 || len(m.Releases) != 3 || m.Releases[0].Cells+m.Releases[0].Withheld != 40*39 || m.Releases[0].Cells == 0 {
		t.Errorf("%+v", m)
	}
	read, err := terms.ParseManifest(m.Marshal())
	if err != nil || !reflect.DeepEqual(read, m) {
		t.Errorf("%s: %v", m.Marshal(), err)
	}
	other := about()
	other.Period.To = "2026-12-30"
	_, err = a.Release(t.Context(), people(), use(), other, &terms.Manifest{})
	wantCode(t, "period", err, "statistics_invalid/period")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, r := range []terms.Rule{people(), private} {
		_, err = a.Release(ctx, r, use(), about(), &terms.Manifest{Budget: 10_000})
		wantCode(t, "canceled", err, reason.Canceled)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

// TestNoNoiseNoRelease: without random numbers nothing is released.
func TestNoNoiseNoRelease(t *testing.T) {
	t.Parallel()
	m := &terms.Manifest{Budget: 8000}
	p, err := crowd(t, shape(), 100).release(t.Context(), terms.Rule{Epsilon: 8000, Threshold: 5}, use(), about(), m, laplace.New(broken{}))
	if p != nil || reason.CodeOf(err) != reason.IO || len(m.Releases) != 0 {
		t.Error(p, err, m)
	}
}
