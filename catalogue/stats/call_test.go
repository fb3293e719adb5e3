package stats

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/reason"
)

func call() *Call {
	return &Call{About: about(), Purpose: Transitions, Rule: people(), Issuers: []string{"did:web:kurs.example"}, Shape: shape(), Use: use(), Courses: []string{"a", "b", "c"}}
}

func tableCall() *Call {
	return &Call{About: about(), Purpose: Gaps, Rule: terms.Rule{Epsilon: 1000, Threshold: 3}, Issuers: []string{"did:web:kurs.example"}, Achievement: "https://kurs.example/member",
		Table: Spec{Name: "missing skills", Source: "gaps", PerPerson: 2, Dimensions: []Dimension{{"region", []string{"Troms", "Vestland"}}, {"skill", []string{"x", "y"}}}}}
}

// TestCall: a call that is read is the call that was written, with the same
// digest, and every change makes another one or none.
func TestCall(t *testing.T) {
	t.Parallel()
	for _, c := range []*Call{call(), tableCall()} {
		back, err := ParseCall(c.Marshal())
		if err != nil || back.Digest() != c.Digest() || !bytes.Equal(back.Marshal(), c.Marshal()) {
			t.Fatalf("%s: %v", c.Marshal(), err)
		}
		for _, change := range [][2]string{
			{`"by":"did:web:statistikk.example"`, `"by":"did:web:annen.example"`}, {`2026-12-31`, `2026-12-30`}, {`["did:web:kurs.example"]`, `["did:web:kurs.example","did:web:b.example"]`},
		} {
			other := strings.Replace(string(c.Marshal()), change[0], change[1], 1)
			back, err := ParseCall([]byte(other))
			if other == string(c.Marshal()) || err != nil || back.Digest() == c.Digest() {
				t.Errorf("%s: %v", other, err)
			}
		}
	}
	for name, test := range map[string]struct {
		change func(*Call)
		code   reason.Code
	}{
		"no purpose":          {func(c *Call) { c.Purpose = "" }, "statistics_invalid/call"},
		"nobody":              {func(c *Call) { c.About.By = "" }, "statistics_invalid/call"},
		"line breaks":         {func(c *Call) { c.About.By = "did:web:a\nb" }, "statistics_invalid/call"},
		"no issuer":           {func(c *Call) { c.Issuers = nil }, "statistics_invalid/call"},
		"an issuer by name":   {func(c *Call) { c.Issuers = []string{"Kursstedet"} }, "statistics_invalid/call"},
		"nine people":         {func(c *Call) { c.Rule.MinPeople = 9 }, "statistics_invalid/rule"},
		"no rule":             {func(c *Call) { c.Rule = terms.Rule{} }, "statistics_invalid/rule"},
		"two rules":           {func(c *Call) { c.Rule.Epsilon = 1 }, "statistics_invalid/rule"},
		"no period":           {func(c *Call) { c.About.Period = terms.Period{} }, "statistics_invalid/period"},
		"no shape":            {func(c *Call) { c.Shape = Shape{} }, "statistics_invalid/shape"},
		"no weights to score": {func(c *Call) { c.Use = Use{} }, "statistics_invalid/use"},
		"no table":            {func(c *Call) { c.Purpose = Gaps }, "statistics_invalid/table"},
	} {
		c := call()
		test.change(c)
		wantCode(t, name, c.Check(), test.code)
		if _, err := ParseCall(c.Marshal()); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	for _, bad := range []string{
		strings.Replace(string(call().Marshal()), `["a","b","c"]`, `["b","a","c"]`, 1),
		strings.Replace(string(call().Marshal()), `"use"`, `"more":1,"use"`, 1),
		strings.Replace(string(tableCall().Marshal()), `"table"`, `"shape":{},"table"`, 1),
		strings.Replace(string(tableCall().Marshal()), `https://kurs.example/member`, ``, 1),
		strings.Replace(string(call().Marshal()), callType, publishedType, 1),
	} {
		if _, err := ParseCall([]byte(bad)); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

// TestFits: what was not called for is refused before it is added.
func TestFits(t *testing.T) {
	t.Parallel()
	courses, cells := call(), tableCall()
	right := contribute(t, shape(), "a", "c")
	gaps := Contribution{Purpose: Gaps, Period: year(), Cells: [][]string{{"Troms", "x"}, {"Troms", "y"}}}
	for _, test := range []struct {
		name string
		call *Call
		give Contribution
		code reason.Code
	}{
		{"courses", courses, right, ""},
		{"cells", cells, gaps, ""},
		{"another purpose", cells, right, "statistics_invalid/contribution"},
		{"another period", courses, Contribution{Purpose: Transitions, Period: terms.Period{From: "2025-01-01", To: "2025-12-31"}}, "statistics_invalid/contribution"},
		{"not listed", courses, contribute(t, shape(), "a", "x"), "statistics_invalid/contribution"},
		{"too many", cells, Contribution{Purpose: Gaps, Period: year(), Cells: [][]string{{"Troms", "x"}, {"Troms", "y"}, {"Vestland", "x"}}}, "statistics_invalid/contribution"},
		{"the same twice", cells, Contribution{Purpose: Gaps, Period: year(), Cells: [][]string{{"Troms", "x"}, {"Troms", "x"}}}, "statistics_invalid/contribution"},
		{"a value that is none", cells, Contribution{Purpose: Gaps, Period: year(), Cells: [][]string{{"Oslo", "x"}}}, "statistics_invalid/contribution"},
		{"half a cell", cells, Contribution{Purpose: Gaps, Period: year(), Cells: [][]string{{"Troms"}}}, "statistics_invalid/contribution"},
	} {
		err := test.call.Fits(test.give)
		if test.code == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		wantCode(t, test.name, err, test.code)
		if _, err := test.call.Release(t.Context(), []Contribution{test.give}, about().Made, &terms.Manifest{Budget: 9000}); reason.CodeOf(err) != test.code {
			t.Errorf("%s is added up: %v", test.name, err)
		}
	}
}

func FuzzParseCall(f *testing.F) {
	f.Add(call().Marshal())
	f.Add(tableCall().Marshal())
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := ParseCall(raw)
		if err != nil {
			return
		}
		again, err := ParseCall(c.Marshal())
		if err != nil || again.Digest() != c.Digest() {
			t.Errorf("%s\n%s: %v", raw, c.Marshal(), err)
		}
	})
}
