package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
)

// CSV writes results as lines of RFC 4180, in UTF-8 without a byte order mark.
// The columns are those of docs/verify-report.md; texts are in English, since
// programs read them.
type CSV struct {
	w *csv.Writer
	p *i18n.Printer
}

// Columns returns the names of the columns, which never change their order: new
// ones come behind.
func Columns() []string { return app.ReportColumns() }

// NewCSV returns a writer that has written the names of the columns.
func NewCSV(w io.Writer) (*CSV, error) {
	c := &CSV{csv.NewWriter(w), i18n.New("en")}
	c.w.UseCRLF = true
	err := c.w.Write(Columns())
	return c, err
}

// Write writes one result. What a presentation holds stands in the one line,
// parted by semicolons.
func (c *CSV) Write(r app.VerifyResult) error {
	row := map[string]string{
		"input": r.Input, "verdict": r.Verdict, "exit_code": strconv.Itoa(r.Class().ExitCode()), "code": r.Reason,
		"message": c.p.T(Sentence(r)), "next": Next(c.p, r), "kind": r.Kind, "form": r.Form, "carrier": r.Carrier,
		"judged_at": r.JudgedAt.UTC().Format(time.RFC3339), "holder": r.Holder,
	}
	if text := texts(c.p, "reason.", Codes(r)); text != "" {
		row["message"] = text
	}
	for _, name := range []string{"issuer_id", "issuer_name", "issuer_claims_name", "trusted_by", "subject", "achievement", "achievement_type", "credits", "results", "valid_from", "valid_until"} {
		row[name] = ""
	}
	about := r.Credentials
	if r.Kind != "presentation" {
		about = []app.VerifyResult{r}
	} else {
		row["credentials"] = strconv.Itoa(len(about))
	}
	for _, one := range about {
		c.about(row, one)
	}
	var warnings []string
	for _, check := range r.Checks {
		switch {
		case check.ID == "status":
			join(row, "status", check.Outcome)
			if check.AsOf != nil {
				join(row, "status_as_of", check.AsOf.UTC().Format(time.RFC3339))
			}
		case check.ID == "display" && check.Code != "":
			warnings = append(warnings, check.Code)
		}
	}
	if r.Verdict == "valid" {
		row["remarks"] = strings.Join(Codes(r), "; ")
	}
	row["display_warnings"] = strings.Join(warnings, "; ")
	cells := make([]string, 0, len(Columns()))
	for _, name := range Columns() {
		cells = append(cells, cell(row[name]))
	}
	return c.w.Write(cells)
}

// about puts what one credential says into a row.
func (c *CSV) about(row map[string]string, r app.VerifyResult) {
	if r.Issuer != nil {
		verified, claimed := Names(r)
		join(row, "issuer_id", r.Issuer.ID)
		join(row, "issuer_name", verified)
		join(row, "issuer_claims_name", claimed)
		if Passed(r, "issuer-binding") {
			join(row, "trusted_by", r.Issuer.TrustedBy)
		}
	}
	if r.Claims == nil {
		return
	}
	join(row, "subject", strings.Join(r.Claims.Subject, "; "))
	join(row, "achievement", Achievement(r.Claims))
	join(row, "achievement_type", r.Claims.Level)
	if r.Claims.Credits != 0 {
		join(row, "credits", strconv.FormatFloat(r.Claims.Credits, 'g', -1, 64))
	}
	join(row, "results", strings.Join(r.Claims.Results, "; "))
	join(row, "valid_from", r.Claims.ValidFrom)
	join(row, "valid_until", r.Claims.ValidUntil)
}

func join(row map[string]string, name, value string) {
	if value == "" {
		return
	}
	if row[name] != "" {
		value = row[name] + "; " + value
	}
	row[name] = value
}

// Flush writes what is still held back.
func (c *CSV) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

// formula are the characters that make a cell a formula where they stand first.
const formula = "=+-@\t\r\n＝＋－＠"

// cell makes a text fit for a spreadsheet: nothing in it misleads, and a text
// that a spreadsheet would take for a formula has an apostrophe before it. So
// has what stands behind a semicolon, for in many countries that parts cells;
// a quotation mark behind one is taken away there, and hides nothing.
func cell(text string) string {
	var b strings.Builder
	first := true
	for _, r := range text {
		if first && strings.ContainsRune(formula, r) {
			b.WriteByte('\'')
		}
		first = r == ';' || first && (r == ' ' || r == '"') && b.Len() > 0
		b.WriteRune(r)
	}
	return Plain(b.String())
}
