package verifier_test

import (
	"context"
	"flag"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/attacks"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

var update = flag.Bool("update", false, "write the table of docs/attacks.md")

// ours are the inputs that internal/attacks makes, which takes a while.
var ours = sync.OnceValues(func() ([]attacks.Case, error) { return attacks.All(context.Background()) })

// TestOurAttacks judges the inputs that internal/attacks makes: at least one
// for each row of the table, and the controls beside them. None of them may
// cost more than a second or 64 MiB.
func TestOurAttacks(t *testing.T) {
	cases, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	table := newTable()
	for _, c := range cases {
		t.Run(c.Row+" "+c.Name, func(t *testing.T) {
			report := judged(t, c)
			table.add(c, report)
			got := report.Reason.Coarse()
			switch {
			case c.Valid() && report.Verdict != verifier.Valid:
				t.Errorf("%s: %s %v", c.What, report.Verdict, report.Err())
			case c.Valid() && len(c.Want) > 0 && got != c.Want[0]:
				t.Errorf("%s: without a warning: %+v", c.What, report.Checks)
			case !c.Valid() && report.Verdict == verifier.Valid:
				t.Errorf("%s: accepted", c.What)
			case !c.Valid() && !slices.Contains(c.Want, got):
				t.Errorf("%s: %s %v, want one of %v", c.What, report.Verdict, report.Err(), c.Want)
			}
		})
	}
	if !t.Failed() {
		table.hold(t)
	}
}

// attackTable is what docs/attacks.md shows: a line for each input.
type attackTable struct{ lines []string }

func newTable() *attackTable {
	return &attackTable{[]string{"| attack | input | answer |", "|---|---|---|"}}
}

func (a *attackTable) add(c attacks.Case, r *verifier.Report) {
	answer := r.Verdict.String()
	if r.Reason != "" {
		answer += " `" + string(r.Reason) + "`"
	}
	what := strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "*", `\*`, "_", `\_`).Replace(c.What)
	if len(what) > 160 {
		what = strings.ToValidUTF8(what[:160], "") + "…"
	}
	a.lines = append(a.lines, "| "+c.Row+" | "+c.Name+": "+what+" | "+answer+" |")
}

// hold compares the table with the one in the documents.
func (a *attackTable) hold(t *testing.T) {
	t.Helper()
	const file, mark = "../docs/attacks.md", "<!-- the table is written by: go test ./verifier -run TestOurAttacks -update -->\n"
	text := string(read(t, file))
	head, _, found := strings.Cut(text, mark)
	if !found {
		t.Fatalf("%s has no mark", file)
	}
	want := head + mark + "\n" + strings.Join(a.lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if text != want {
		t.Errorf("%s is not what was answered: run with -update", file)
	}
}

// judged judges a case, and holds what it costs to the bounds.
func judged(t *testing.T, c attacks.Case) *verifier.Report {
	t.Helper()
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(c.Trusted...)})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	report, err := v.Verify(t.Context(), verifier.Request{Raw: c.Raw, At: attacks.At(), Audience: c.Audience, Challenge: c.Challenge, RequireHolder: c.Holder, StatusLists: c.StatusLists})
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if (err == nil) != (report.Verdict == verifier.Valid) {
		t.Errorf("verdict %s, error %v", report.Verdict, err)
	}
	// Everything that was ever allocated is more than what was held at once.
	// Under the race detector, where tests are short, it is more still.
	if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 64 && !testing.Short() {
		t.Errorf("%d MiB", mib)
	}
	if testing.Verbose() {
		t.Logf("%v, %d KiB", took.Round(time.Microsecond), (after.TotalAlloc-before.TotalAlloc)>>10)
	}
	return report
}
