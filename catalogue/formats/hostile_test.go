package formats

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestHostile: what is made to cost much costs little, or is refused.
func TestHostile(t *testing.T) {
	t.Parallel()
	const mega = 1 << 20
	for name, raw := range map[string]string{
		"everybody refers to one large tree": `<div id=x>` + strings.Repeat("<b></b>", mega/7) + `</div>` + strings.Repeat(`<i itemscope itemref=x></i>`, mega/27),
		"items in items that refer to all":   strings.Repeat(`<p id=x itemprop=a itemscope itemtype=Course itemref=x>`, 400),
		"quotes that never end":              "title\n" + strings.Repeat("\"a\n", mega/3),
		"quotes that end wrongly":            "title\n" + strings.Repeat("\"a\"b;", mega/5),
		"one line of separators":             "title;x\n" + strings.Repeat(";", 2*mega),
		"a value in every cell of a line":    "title;x\n" + strings.Repeat("a;", mega),
		"many runs by reference": `{"@graph":[{"@id":"r","@type":"CourseInstance"` + members(199) + `}` +
			strings.Repeat(`,{"@type":"Course","name":"A","provider":"P","hasCourseInstance":[`+strings.TrimSuffix(strings.Repeat(`{"@id":"r"},`, 150), ",")+`]}`, 200) + `]}`,
		"an offer of many members": `{"@type":"Course"` + members(50_000) + `}`,
		"parts in parts":           strings.Repeat(`{"@type":"Course","name":"A","provider":"P","hasPart":`, 60) + `1` + strings.Repeat(`}`, 60),
		"tags without an end":      `{"@type":"Course","name":"A","provider":"P","description":"` + strings.Repeat("<a ", mega/3) + `"}`,
		"a number of many digits":  "title;price\na;" + strings.Repeat("1.234", mega/5),
		"issuers":                  "<elmo>" + strings.Repeat("<report/>", mega/9) + "</elmo>",
	} {
		start := time.Now()
		b, err := Read(t.Context(), []byte(raw), Options{})
		if took := time.Since(start); took > 20*time.Second { // a hundredfold of what it takes
			t.Errorf("%s: %v", name, took)
		} else {
			t.Logf("%s: %v, %d offers, %d problems, %v", name, took.Round(time.Millisecond), len(b.Offers), len(b.Problems), err)
		}
		sound(t, name, b)
	}
}

func members(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"m%d":1`, i)
	}
	return b.String()
}
