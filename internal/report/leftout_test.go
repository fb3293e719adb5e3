package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/attacks"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/report"
)

// TestReportsAreLeftOut: a report of whatever was judged, in each form that programs
// or people keep, is known for what it is when it is come across again. The first
// report is of all documents, so that the page is a table, and each other of one.
func TestReportsAreLeftOut(t *testing.T) {
	t.Parallel()
	a := newApp(t)
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
		r.KeepDocument = true
		out, err := a.Verify(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		reports, err := written(out, i18n.Languages()[n%len(i18n.Languages())])
		if err != nil {
			t.Fatal(err)
		}
		for form, raw := range reports {
			again.Inputs = append(again.Inputs, app.Input{Name: r.Inputs[0].Name + " as " + form, Raw: raw})
		}
	}
	out, err := a.Verify(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range out.Results {
		t.Errorf("%s is judged: %s", r.Input, r.Reason)
	}
	if got := len(out.Summary.LeftOut); got != len(again.Inputs) || got < 400 {
		t.Errorf("%d of %d were left out", got, len(again.Inputs))
	}
}

// written is a report in each form.
func written(out app.VerifyResults, lang string) (map[string][]byte, error) {
	var table, page, lines bytes.Buffer
	c, err := report.NewCSV(&table)
	if err != nil {
		return nil, err
	}
	p, encoder := report.NewPage(&page, i18n.New(lang)), json.NewEncoder(&lines)
	for _, r := range out.Results {
		if err := c.Write(r); err != nil {
			return nil, err
		}
		if err := p.Add(r); err != nil {
			return nil, err
		}
		if err := encoder.Encode(r); err != nil {
			return nil, err
		}
	}
	if err := c.Flush(); err != nil {
		return nil, err
	}
	if err := p.End(out.Summary); err != nil {
		return nil, err
	}
	if err := encoder.Encode(map[string]any{"schema": out.Schema, "summary": out.Summary}); err != nil {
		return nil, err
	}
	whole, err := json.MarshalIndent(out, "", "  ")
	return map[string][]byte{"csv": table.Bytes(), "html": page.Bytes(), "ndjson": lines.Bytes(), "json": whole}, err
}
