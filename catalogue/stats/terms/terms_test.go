package terms

import (
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

func year() Period { return Period{"2026-01-01", "2026-12-31"} }

// TestAllow: a second count of the same days is refused, and ε adds up
// whatever it was spent on.
func TestAllow(t *testing.T) {
	t.Parallel()
	people, noise := Rule{MinPeople: 10, Round: 5}, func(e int) Rule { return Rule{Epsilon: e, Threshold: 1} }
	m := &Manifest{Budget: 3000, Releases: []Release{
		{Name: "a", Source: "completions", Period: year(), Rule: people}, {Name: "b", Source: "gaps", Period: year(), Rule: noise(2000)}}}
	for _, test := range []struct {
		name string
		next Release
		code reason.Code
	}{
		{"the same days", Release{Source: "completions", Period: year(), Rule: people}, "statistics_invalid/overlap"},
		{"one day of them", Release{Source: "completions", Period: Period{"2026-12-31", "2027-06-30"}, Rule: people}, "statistics_invalid/overlap"},
		{"the days after", Release{Source: "completions", Period: Period{"2027-01-01", "2027-06-30"}, Rule: people}, ""},
		{"other events", Release{Source: "ratings", Period: year(), Rule: people}, ""},
		{"what is left", Release{Source: "gaps", Period: year(), Rule: noise(1000)}, ""},
		{"more than is left", Release{Source: "ratings", Period: Period{"2030-01-01", "2030-12-31"}, Rule: noise(1001)}, "statistics_invalid/budget"},
	} {
		if err := m.Allow(test.next); reason.CodeOf(err) != test.code && !(test.code == "" && err == nil) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if m.Spent() != 2000 {
		t.Error(m.Spent())
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, r := range []Rule{{}, {MinPeople: 9, Round: 5}, {MinPeople: 10, Round: 4}, {MinPeople: 10, Round: 11}, {MinPeople: 10}, {Epsilon: 1}, {Threshold: 1},
		{Epsilon: 20_001, Threshold: 1}, {Epsilon: 1, Threshold: 1, MinPeople: 10, Round: 5}, {Epsilon: -1, Threshold: 1}} {
		if code := reason.CodeOf(r.Check()); code != "statistics_invalid/rule" {
			t.Errorf("%+v: %s", r, code)
		}
	}
	for _, p := range []Period{{}, {"2026-01-02", "2026-01-01"}, {"2026-01-01", "2026-02-30"}, {"2026", "2027"}} {
		if code := reason.CodeOf(p.Check()); code != "statistics_invalid/period" {
			t.Errorf("%+v: %s", p, code)
		}
	}
	for n, want := range map[int]int{10: 10, 12: 10, 13: 15, 17: 15, 18: 20} {
		if got := (Rule{MinPeople: 10, Round: 5}).Rounded(n); got != want {
			t.Errorf("%d is rounded to %d", n, got)
		}
	}
	if s, _ := (About{Made: time.Date(2026, 1, 2, 4, 0, 0, 0, time.FixedZone("", 3600))}).Stamp().Text(); s != "2026-01-02T03:00:00Z" {
		t.Error(s)
	}
}

func FuzzParseManifest(f *testing.F) {
	people := Rule{MinPeople: 10, Round: 5}
	m := &Manifest{Budget: 10_000, Releases: []Release{{"a", "b", year(), people, 3, 4}, {"a", "b", year(), Rule{Epsilon: 3000, Threshold: 5}, 3, 4}}}
	f.Add(m.Marshal())
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ParseManifest(raw)
		if err != nil {
			return
		}
		if again, err := ParseManifest(m.Marshal()); err != nil || again.Spent() != m.Spent() {
			t.Fatalf("%s: %v", raw, err)
		}
	})
}
