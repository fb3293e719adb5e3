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
	"github.com/kompetansebevis/bevis/reason"
)

// Up to fullResults results are told in full. More are a table, and behind it what
// is not valid: in full where it is that few of at most shortTable, else once for
// each code.
const (
	fullResults = 3
	shortTable  = 10
)

// textResults writes results for people. The first ones wait until it is known
// whether there are few.
type textResults struct {
	s       *session
	w       io.Writer
	again   *report.Repeater
	details bool               // tell each in full, however many
	head    bool               // write first what a file is known by
	told    int                // how many were
	few     []app.VerifyResult // all, until there is a table
	table   bool
	wrong   []app.VerifyResult // in a table, the first that are not valid: one too many to be told in full at most
	codes   map[string]*coded  // in a table, by their code
}

// coded are the results of a table that have one code.
type coded struct {
	verdict string
	count   int
	files   []string // the first of them
}

// fewFiles is up to how many files are named beside a code.
const fewFiles = 10

func (t *textResults) add(r app.VerifyResult) error {
	var b strings.Builder
	switch {
	case t.details:
		t.full(&b, r)
	case !t.table && len(t.few) < fullResults:
		t.few = append(t.few, r)
		return nil
	default:
		if !t.table {
			t.table, t.codes = true, map[string]*coded{}
			for _, waiting := range t.few {
				t.line(&b, waiting)
			}
			t.few = nil
		}
		t.line(&b, r)
	}
	return t.write(b.String())
}

// write writes text, behind the head of a file.
func (t *textResults) write(text string) error {
	if t.head {
		t.head, text = false, app.ReportHead+"\n\n"+text
	}
	_, err := io.WriteString(t.w, text)
	return err
}

// full writes all that is known of a result, with an empty line before all but
// what stands first.
func (t *textResults) full(w *strings.Builder, r app.VerifyResult) {
	if t.told++; t.told > 1 || t.table {
		w.WriteByte('\n')
	}
	r.Repeat = t.again.Line(r)
	t.s.verdict(w, r, r.Input)
}

func (t *textResults) end(sum app.VerifySummary) error {
	var b strings.Builder
	for _, r := range t.few {
		t.full(&b, r)
	}
	if sum.Total <= shortTable && len(t.wrong) <= fullResults {
		for _, r := range t.wrong {
			t.full(&b, r)
		}
		maps.DeleteFunc(t.codes, func(_ string, c *coded) bool { return c.verdict != "valid" })
	}
	if sum.Total > 1 {
		b.WriteByte('\n')
		t.s.counts(&b, sum)
	}
	if sum.Total == 0 && sum.Complete {
		t.s.say(&b, "", t.s.t(report.Nothing(sum)))
	}
	if len(sum.LeftOut) > 0 {
		b.WriteByte('\n')
		t.s.leftOut(&b, sum.LeftOut)
	}
	t.steps(&b)
	if !sum.Complete && sum.Total > 0 { // else what went wrong says it all
		b.WriteString(t.s.t("verify.incomplete") + "\n")
	}
	return t.write(b.String())
}

// line writes one line of the table: the verdict, the file, who says so, what
// it is for, and why.
func (t *textResults) line(w *strings.Builder, r app.VerifyResult) {
	if r.Verdict != "valid" && len(t.wrong) <= fullResults {
		t.wrong = append(t.wrong, r)
	}
	width := 0
	for _, verdict := range verdicts() {
		width = max(width, utf8.RuneCountInString(t.s.t("verdict."+verdict)))
	}
	who, what := t.s.inShort(r)
	if report.ShownByHolder(r) {
		what += " (" + t.s.t("verify.shown-by-holder") + ")"
	}
	lead := report.Sign(r.Verdict) + " " + padded(report.Verdict(t.s.p, r), width) + "  "
	row := lead + padded(show(r.Input), 28) + "  " + padded(show(who), 24) + "  " + show(what)
	for n, code := range report.Codes(r) {
		gap := " "
		if n == 0 {
			gap = "  "
		}
		row = strings.TrimRight(row, " ") + gap + "[" + code + "]"
		t.count(code, r)
	}
	t.s.resultRow(w, strings.TrimRight(row, " "), utf8.RuneCountInString(lead))
}

// resultRow writes a line of the table. On a terminal that is too narrow for it, what
// does not fit stands below, under the second column.
func (s *session) resultRow(w *strings.Builder, row string, indent int) {
	if columns := s.columns(s.env.Stdout); columns > 0 {
		s.wrap(w, row, strings.Repeat(" ", indent), max(columns, 20))
	} else {
		w.WriteString(row)
	}
	w.WriteByte('\n')
}

func (t *textResults) count(code string, r app.VerifyResult) {
	c := t.codes[code]
	if c == nil {
		c = &coded{verdict: r.Verdict}
		t.codes[code] = c
	}
	c.count++
	if c.count <= fewFiles {
		c.files = append(c.files, show(r.Input))
	}
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
		case claimed != "" && r.Reason == string(reason.UntrustedIssuer):
			who = r.Issuer.ID + " " + s.t("verify.quoted", claimed) // a name alone is what a forger would have one look at
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

// steps says once for each code of a table what it means, what to do, and of
// which files: first what is wrong, and what is valid last.
func (t *textResults) steps(w *strings.Builder) {
	order := verdicts()
	order = append(order[1:], order[0])
	for _, verdict := range order {
		for _, code := range slices.Sorted(maps.Keys(t.codes)) {
			c := t.codes[code]
			if c.verdict != verdict {
				continue
			}
			files := strings.Join(c.files, ", ")
			if more := c.count - len(c.files); more > 0 {
				files += " " + t.s.t("verify.and-more", more)
			}
			w.WriteByte('\n')
			t.s.say(w, "", fmt.Sprintf("%d × [%s] %s", c.count, code, t.s.p.Code("reason.", code)))
			t.s.say(w, "  ", t.s.p.Code("next.", code))
			t.s.say(w, "  ", files)
		}
	}
}

func verdicts() []string {
	return []string{"valid", "invalid", "undetermined", "untrusted", "not-in-force", "unreadable"}
}

// leftOut names what was looked at and is no document to be judged.
func (s *session) leftOut(w *strings.Builder, all []app.ResultLeftOut) {
	for _, one := range all[:min(len(all), fewFiles)] {
		fmt.Fprintf(w, "· %s  %s\n", show(one.Input), s.t("verify.left-out."+one.Kind))
	}
	if more := len(all) - fewFiles; more > 0 {
		w.WriteString("· " + s.t("verify.and-more", more) + "\n")
	}
}

// counts says how many there are of each verdict.
func (s *session) counts(w *strings.Builder, sum app.VerifySummary) {
	for _, verdict := range verdicts() {
		if n := sum.Verdicts[verdict]; n > 0 {
			fmt.Fprintf(w, "%s %d %s\n", report.Sign(verdict), n, s.t("verdict."+verdict))
		}
	}
}
