package cli

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/attacks"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/report"
)

// TestTextReportsAreLeftOut: a report as text, of whatever was judged and in each
// language, written at a terminal or not, is known for what it is when it is come across
// again. The first is of all documents, so that it is a table.
func TestTextReportsAreLeftOut(t *testing.T) {
	t.Parallel()
	a, err := app.New(app.Config{Home: t.TempDir(), Offline: true, Now: attacks.At})
	if err != nil {
		t.Fatal(err)
	}
	cases, err := attacks.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	runs := make([]app.VerifyRequest, 1, 1+len(cases))
	for _, c := range cases {
		in := app.Input{Name: c.File(), Raw: c.Raw}
		runs[0].Inputs = append(runs[0].Inputs, in)
		runs = append(runs, app.VerifyRequest{Inputs: []app.Input{in}, Issuers: c.Trusted, Audience: c.Audience, Challenge: c.Challenge,
			RequireHolder: c.Holder, StatusLists: c.StatusLists})
	}
	again := app.VerifyRequest{LeaveOut: true}
	for n, r := range runs {
		out, err := a.Verify(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		s := &session{app: a, p: i18n.New(i18n.Languages()[n%3]), env: Env{Columns: func(io.Writer) int { return n % 2 * 60 }}}
		var b strings.Builder
		w, err := s.resultWriter(verifyOut{outFlags: outFlags{file: "report.txt"}, format: "text", details: n%5 > 0}, &b, report.NewRepeater(nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range out.Results {
			if err := w.add(one); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.end(out.Summary); err != nil {
			t.Fatal(err)
		}
		again.Inputs = append(again.Inputs, app.Input{Name: fmt.Sprint(n, " ", r.Inputs[0].Name), Raw: []byte(b.String())})
	}
	out, err := a.Verify(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range out.Results {
		t.Errorf("%s is judged: %s", r.Input, r.Reason)
	}
	if got := len(out.Summary.LeftOut); got != len(again.Inputs) || got < 100 {
		t.Errorf("%d of %d were left out", got, len(again.Inputs))
	}
}
