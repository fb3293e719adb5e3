package stats

import (
	"encoding/binary"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/internal/laplace"
	"github.com/kompetansebevis/bevis/reason"
)

func year() terms.Period { return terms.Period{From: "2026-01-01", To: "2026-12-31"} }

func about() terms.About {
	return terms.About{By: "did:web:statistikk.example", Period: year(), Made: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func shape() Shape { return Shape{Courses: 20, Pairs: 40, Weights: []int{4, 2, 1}} }

func use() Use { return Use{Recency: []int{1000, 500, 250, 125}, Smooth: 2, Popularity: 10} }

func people() terms.Rule { return terms.Rule{MinPeople: 10, Round: 5} }

// steady is a source of numbers that are the same each time, for tests alone.
type steady struct{ state uint64 }

func (s *steady) Read(p []byte) (int, error) {
	for i := 0; i+8 <= len(p); i += 8 {
		s.state += 0x9e3779b97f4a7c15
		z := s.state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		binary.LittleEndian.PutUint64(p[i:], z^z>>31)
	}
	return len(p) &^ 7, nil
}

func steadyNoise(seed uint64) *laplace.Source { return laplace.New(&steady{seed}) }

var _ io.Reader = (*steady)(nil)

// history takes courses on days in order.
func history(courses ...string) []Visit {
	out := make([]Visit, len(courses))
	for i, c := range courses {
		out[i] = Visit{c, catalogue.Date(time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))}
	}
	return out
}

func anything(string) bool { return true }

func contribute(t testing.TB, s Shape, courses ...string) Contribution {
	t.Helper()
	c, err := Contribute(history(courses...), anything, Transitions, year(), s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// crowd is an aggregator over courses c00 to c39 with people whose histories
// follow a pattern.
func crowd(t testing.TB, s Shape, n int) *Aggregator {
	t.Helper()
	courses := make([]string, 40)
	for i := range courses {
		courses[i] = fmt.Sprintf("did:web:kurs.example#c%02d", i)
	}
	a, err := NewAggregator(year(), s, courses)
	if err != nil {
		t.Fatal(err)
	}
	for u := range n {
		var h []string
		for i := range 3 + u%7 {
			h = append(h, courses[(u%11*3+i*(1+u%3))%len(courses)])
		}
		if err := a.Add(contribute(t, s, h...)); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func release(t testing.TB, a *Aggregator, r terms.Rule, u Use) *Published {
	t.Helper()
	p, err := a.release(t.Context(), r, u, about(), &terms.Manifest{Budget: 20_000}, steadyNoise(1))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func wantCode(t testing.TB, what string, err error, code reason.Code) {
	t.Helper()
	if reason.CodeOf(err) != code {
		t.Errorf("%s: %v (%s), want %s", what, err, reason.CodeOf(err), code)
	}
}
