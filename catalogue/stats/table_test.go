package stats

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

func spec() Spec {
	return Spec{Name: "completions by region", Source: "completions", PerPerson: 2, Dimensions: []Dimension{
		{"region", []string{"Oslo", "Træna", "Vardø"}}, {"occupation", []string{"2512", "5321"}}}}
}

// counted is a table of 37 people in Oslo, 12 of them in 5321, and 11 and 4
// in Træna.
func counted(t testing.TB) *Counter {
	t.Helper()
	c, err := NewCounter(spec(), year())
	if err != nil {
		t.Fatal(err)
	}
	for values, n := range map[[2]string]int{{"Oslo", "2512"}: 25, {"Oslo", "5321"}: 12, {"Træna", "2512"}: 11, {"Træna", "5321"}: 4} {
		for range n {
			if err := c.Add(values[:]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return c
}

// TestNothingToSubtract: where a cell is withheld no sum contains it, so no
// difference gives it away; and an empty cell looks like a small one.
func TestNothingToSubtract(t *testing.T) {
	t.Parallel()
	m := &terms.Manifest{}
	table, err := counted(t).Release(t.Context(), people(), about(), m)
	if err != nil {
		t.Fatal(err)
	}
	want := []Cell{{[]string{"Oslo", "2512"}, 25}, {[]string{"Oslo", "5321"}, 10}, {[]string{"Træna", "2512"}, 10}}
	if !reflect.DeepEqual(table.Cells, want) || table.Withheld != 3 {
		t.Errorf("%+v", table)
	}
	for _, c := range []struct {
		dimension, value string
		sum              int
		complete         bool
	}{{"region", "Oslo", 35, true}, {"region", "Træna", 10, false}, {"region", "Vardø", 0, false}, {"occupation", "5321", 10, false}, {"", "", 45, false}, {"x", "y", 0, false}} {
		if sum, complete := table.Sum(c.dimension, c.value); sum != c.sum || complete != c.complete {
			t.Errorf("%+v: %d %t", c, sum, complete)
		}
	}
	raw := string(table.Marshal())
	if strings.Contains(raw, "52") && !strings.Contains(raw, `"2512"`) || strings.Contains(raw, "total") {
		t.Error(raw)
	}
	// A coarser table of the same events would do what totals do.
	coarse, err := NewCounter(Spec{Name: "by region", Source: "completions", PerPerson: 1, Dimensions: spec().Dimensions[:1]}, year())
	if err != nil {
		t.Fatal(err)
	}
	_, err = coarse.Release(t.Context(), people(), about(), m)
	wantCode(t, "coarser", err, "statistics_invalid/overlap")
	later := year()
	later.From, later.To = "2026-12-31", "2027-12-31"
	next, err := NewCounter(spec(), later)
	if err != nil {
		t.Fatal(err)
	}
	_, err = next.Release(t.Context(), people(), terms.About{By: about().By, Period: later}, m)
	wantCode(t, "one day in common", err, "statistics_invalid/overlap")
}

func TestTableWithNoise(t *testing.T) {
	t.Parallel()
	rule := terms.Rule{Epsilon: 1000, Threshold: 3}
	alpha := math.Exp(-.5) // one person stands in two cells
	const times = 4000
	from, empty, sum := steadyNoise(5), 0, 0
	c := counted(t)
	for range times {
		table, err := c.release(t.Context(), rule, about(), &terms.Manifest{Budget: 1000}, from)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range table.Cells {
			switch fmt.Sprint(cell.Values) {
			case "[Vardø 5321]":
				empty++
			case "[Oslo 2512]":
				sum += cell.Count
			}
		}
	}
	expected := times * math.Pow(alpha, 3) / (1 + alpha)
	if math.Abs(float64(empty)-expected) > 5*math.Sqrt(expected) {
		t.Errorf("an empty cell is told %d times, expected %.0f", empty, expected)
	}
	if mean := float64(sum) / times; math.Abs(mean-25) > .3 {
		t.Errorf("25 people are %.2f in the mean", mean)
	}
}

func TestCounterRefuses(t *testing.T) {
	t.Parallel()
	c := counted(t)
	before := fmt.Sprint(c.counts)
	oslo := []string{"Oslo", "2512"}
	for what, cells := range map[string][][]string{
		"three": {oslo, {"Oslo", "5321"}, {"Vardø", "2512"}}, "twice": {oslo, oslo}, "unknown": {{"Bergen", "2512"}}, "short": {{"Oslo"}}, "second": {oslo, {"Oslo", "x"}},
	} {
		wantCode(t, what, c.Add(cells...), "statistics_invalid/contribution")
	}
	if fmt.Sprint(c.counts) != before {
		t.Error("a refused person counts")
	}
	for what, change := range map[string]func(*Spec){
		"name": func(s *Spec) { s.Name = "" }, "source": func(s *Spec) { s.Source = "" }, "no dimension": func(s *Spec) { s.Dimensions = nil },
		"no values": func(s *Spec) { s.Dimensions = []Dimension{{"x", nil}} }, "twice": func(s *Spec) { s.Dimensions = []Dimension{{"x", []string{"a", "a"}}} },
		"large": func(s *Spec) {
			s.Dimensions = []Dimension{{"x", make([]string, 1001)}, {"y", make([]string, 1001)}}
		},
		"per person": func(s *Spec) { s.PerPerson = 0 },
	} {
		s := spec()
		change(&s)
		_, err := NewCounter(s, year())
		wantCode(t, what, err, "statistics_invalid/table")
	}
	_, err := c.Release(t.Context(), terms.Rule{MinPeople: 3, Round: 5}, about(), &terms.Manifest{})
	wantCode(t, "k of 3", err, "statistics_invalid/rule")
}

func TestTableParses(t *testing.T) {
	t.Parallel()
	table, err := counted(t).Release(t.Context(), people(), about(), &terms.Manifest{})
	if err != nil {
		t.Fatal(err)
	}
	raw := table.Marshal()
	read, err := ParseTable(raw)
	if err != nil || !reflect.DeepEqual(read, table) {
		t.Errorf("%s: %+v %v", raw, read, err)
	}
	for change, to := range map[string]string{
		`[0,25]`: `[0,4]`, `[1,10]`: `[0,10]`, `[2,10]`: `[6,10]`, `"cells":[[`: `"cells":[[0],[`, `"perPerson":2`: `"perPerson":0`,
		`"Vardø"`: `"Oslo"`, `"minPeople":10`: `"minPeople":3`, `"bevis-table/1"`: `"bevis-transitions/1"`, `"name":"region"`: `"name":"region","total":52`,
	} {
		if bad := strings.Replace(string(raw), change, to, 1); bad == string(raw) {
			t.Errorf("%s is not there", change)
		} else if _, err := ParseTable([]byte(bad)); err == nil {
			t.Errorf("%s is read", to)
		}
	}
}

func TestSigned(t *testing.T) {
	t.Parallel()
	private, err := key.Generate(key.P256)
	if err != nil {
		t.Fatal(err)
	}
	keyOf := func(string) (key.Public, error) { return private.Public(), nil }
	p := release(t, crowd(t, shape(), 400), people(), use())
	table, err := counted(t).Release(t.Context(), people(), about(), &terms.Manifest{})
	if err != nil {
		t.Fatal(err)
	}
	for kid, want := range map[string]reason.Code{"did:web:statistikk.example#key-1": "", "did:web:statistikk.example.evil#key-1": "statistics_invalid/publisher", "did:web:other#key-1": "statistics_invalid/publisher"} {
		raw, err := Sign(t.Context(), p, private.Signer(kid))
		if err != nil {
			t.Fatal(err)
		}
		read, err := Open(raw, keyOf)
		wantCode(t, kid, err, want)
		if err == nil && !bytes.Equal(read.Marshal(), p.Marshal()) {
			t.Error("another file")
		}
		if _, err := OpenTable(raw, keyOf); err == nil {
			t.Error("transitions open as a table")
		}
		if raw, err = Sign(t.Context(), table, private.Signer(kid)); err != nil {
			t.Fatal(err)
		}
		_, err = OpenTable(raw, keyOf)
		wantCode(t, kid, err, want)
	}
}

func FuzzParseTable(f *testing.F) {
	table, err := counted(f).Release(f.Context(), people(), about(), &terms.Manifest{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(table.Marshal())
	f.Fuzz(func(t *testing.T, raw []byte) {
		table, err := ParseTable(raw)
		if err != nil {
			return
		}
		again, err := ParseTable(table.Marshal())
		if err != nil || !reflect.DeepEqual(again, table) {
			t.Fatalf("%s\n%s: %v", raw, table.Marshal(), err)
		}
		table.Sum("", "")
	})
}
