package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
)

// fewResults is up to how many results are told in full. More are a table.
const fewResults = 10

// textResults writes results for people. The first ones wait until it is known
// whether there are few.
type textResults struct {
	s     *session
	w     io.Writer
	few   []app.VerifyResult
	table bool
	codes map[string]int // how many have each code, in a table
}

func (t *textResults) add(r app.VerifyResult) error {
	if !t.table && len(t.few) < fewResults {
		t.few = append(t.few, r)
		return nil
	}
	var b strings.Builder
	if !t.table {
		t.table, t.codes = true, map[string]int{}
		for _, waiting := range t.few {
			t.line(&b, waiting)
		}
		t.few = nil
	}
	t.line(&b, r)
	_, err := io.WriteString(t.w, b.String())
	return err
}

func (t *textResults) end(sum app.VerifySummary) error {
	var b strings.Builder
	for n, r := range t.few {
		if n > 0 {
			b.WriteByte('\n')
		}
		t.s.verdict(&b, r, r.Input)
	}
	if sum.Total > 1 {
		b.WriteByte('\n')
		t.s.counts(&b, sum)
	}
	if sum.Total == 0 {
		b.WriteString(t.s.t("verify.nothing") + "\n")
	}
	t.steps(&b)
	if !sum.Complete {
		b.WriteString(t.s.t("verify.incomplete") + "\n")
	}
	_, err := io.WriteString(t.w, b.String())
	return err
}

// line writes one line of the table: the verdict, the file, who says so, what
// it is for, and why.
func (t *textResults) line(w *strings.Builder, r app.VerifyResult) {
	width := 0
	for _, verdict := range verdicts() {
		width = max(width, utf8.RuneCountInString(t.s.t("verdict."+verdict)))
	}
	who, what := t.s.inShort(r)
	row := report.Sign(r.Verdict) + " " + padded(report.Verdict(t.s.p, r), width) + "  " + padded(show(r.Input), 28) + "  " + padded(show(who), 24) + "  " + show(what)
	if r.Reason != "" {
		row = strings.TrimRight(row, " ") + "  [" + r.Reason + "]"
		t.codes[r.Reason]++
	}
	w.WriteString(strings.TrimRight(row, " ") + "\n")
}

// inShort says of a result who says what. A name that only the document gives
// stands in quotes.
func (s *session) inShort(r app.VerifyResult) (who, what string) {
	if len(r.Credentials) > 0 {
		var whos, whats []string
		for _, part := range r.Credentials {
			who, what := s.inShort(part)
			if !slices.Contains(whos, who) {
				whos = append(whos, who)
			}
			whats = append(whats, what)
		}
		return strings.Join(whos, ", "), strings.Join(whats, ", ")
	}
	if r.Issuer != nil {
		verified, claimed := report.Names(r)
		switch {
		case verified != "":
			who = verified
		case claimed != "":
			who = s.t("verify.quoted", claimed)
		default:
			who = r.Issuer.ID
		}
	}
	return who, report.Achievement(r.Claims)
}

func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// steps says once for each code of a table what it means and what to do.
func (t *textResults) steps(w *strings.Builder) {
	for _, code := range slices.Sorted(maps.Keys(t.codes)) {
		fmt.Fprintf(w, "\n%d × [%s] %s\n  %s\n", t.codes[code], code, t.s.p.Code("reason.", code), t.s.p.Code("next.", code))
	}
}

func verdicts() []string {
	return []string{"valid", "invalid", "undetermined", "untrusted", "not-in-force", "unreadable"}
}

// counts says how many there are of each verdict.
func (s *session) counts(w *strings.Builder, sum app.VerifySummary) {
	for _, verdict := range verdicts() {
		if n := sum.Verdicts[verdict]; n > 0 {
			fmt.Fprintf(w, "%s %d %s\n", report.Sign(verdict), n, s.t("verdict."+verdict))
		}
	}
}
