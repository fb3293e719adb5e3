package batch

import (
	"context"
	"errors"
	"math"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/unseen"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/definition"
	"github.com/kompetansebevis/bevis/reason"
)

// Problem is something wrong with a row.
type Problem struct {
	Line   int         `json:"line"`
	Column string      `json:"column,omitempty"`
	Code   reason.Code `json:"code"`
	Value  string      `json:"value,omitempty"`  // of the cell, or what it should be one of
	Also   int         `json:"also,omitempty"`   // the other line that it is about
	Detail string      `json:"detail,omitempty"` // in English, for whoever mends it

	Said *profile.Sentence `json:"-"` // what Detail says, for other languages; nil: that is all there is
}

const (
	maxShown = 60   // characters of a value that a problem shows
	maxShort = 300  // characters of a name or a number
	maxLong  = 5000 // characters of a text
)

// reading is a row that is made an award.
type reading struct {
	b        *Batch
	line     int
	award    issuer.Award
	given    string
	family   string
	evidence openbadge.Evidence
	problems []Problem
}

func (r *reading) wrong(column string, code reason.Code, value string) {
	if utf8.RuneCountInString(value) > maxShown {
		value = string([]rune(value)[:maxShown]) + "…"
	}
	r.problems = append(r.problems, Problem{Line: r.line, Column: column, Code: code, Value: value})
}

// award makes of a row what is to be issued, and says what is wrong with it.
func (b *Batch) award(ctx context.Context, in row) (issuer.Award, []Problem) {
	r := &reading{b: b, line: in.Line, award: b.cfg.Award}
	if in.Err != nil {
		r.wrong("", reason.CodeOf(in.Err), "")
		return r.award, r.problems
	}
	for n, value := range in.Cells {
		value = strings.ReplaceAll(value, "\u2028", "\n") // in a cell of a workbook
		switch {
		case value == "":
		case n >= len(b.Columns):
			r.wrong("", "row_invalid/cells", value)
		case b.Columns[n].Field != "":
			r.cell(b.Columns[n], value)
		}
	}
	r.whole(ctx)
	return r.award, r.problems
}

// whole looks at what the cells of a row say together.
func (r *reading) whole(ctx context.Context) {
	a := &r.award
	if a.Recipient.Name == "" {
		a.Recipient.Name = strings.TrimSpace(r.given + " " + r.family)
	}
	if r.evidence.ID != "" {
		a.Evidence = append(slices.Clone(a.Evidence), r.evidence)
	}
	if a.Recipient.ID == "" && a.Recipient.Email == "" && len(r.problems) == 0 {
		r.wrong("", "row_invalid/recipient", "")
	}
	if a.Recipient.ID != "" && r.b.cfg.CheckID != nil {
		if err := r.b.cfg.CheckID(ctx, a.Recipient.ID); err != nil {
			r.wrong(r.header("id"), "row_invalid/id", a.Recipient.ID)
		}
	}
	if !a.ValidUntil.IsZero() {
		switch from := a.ValidFrom; {
		case !a.ValidUntil.After(r.b.cfg.Now):
			r.wrong(r.header("valid-until"), "row_invalid/date-past", a.ValidUntil.Format(time.DateOnly))
		case !from.IsZero() && !a.ValidUntil.After(from):
			r.wrong(r.header("valid-until"), "row_invalid/date-order", a.ValidUntil.Format(time.DateOnly))
		}
	}
	if a.AwardedDate.After(r.b.cfg.Now.Add(24 * time.Hour)) {
		r.wrong(r.header("awarded"), "row_invalid/date-future", a.AwardedDate.Format(time.DateOnly))
	}
	a.IdempotencyKey = r.b.idempotencyKey(a.Recipient)
}

// header is the name of the column of a field.
func (r *reading) header(field string) string {
	for _, c := range r.b.Columns {
		if c.Field == field {
			return c.Header
		}
	}
	return ""
}

// cell takes in the value of one cell.
func (r *reading) cell(c Column, s string) {
	long := maxShort
	if c.Field == "narrative" {
		long = maxLong
	}
	switch {
	case garbled(s):
		r.wrong(c.Header, "row_invalid/encoding", s)
		return
	case instead(s):
		r.wrong(c.Header, "row_invalid/no-value", s)
		return
	case utf8.RuneCountInString(s) > long:
		r.wrong(c.Header, "row_invalid/too-long", s)
		return
	}
	a := &r.award
	switch c.Field {
	case "id":
		if a.Recipient.ID = s; !absolute(s) {
			a.Recipient.ID = ""
			r.wrong(c.Header, "row_invalid/id", s)
		}
	case "email":
		a.Recipient.Email = s
		if m, err := mail.ParseAddress(s); err != nil || m.Address != s {
			r.wrong(c.Header, "row_invalid/email", s)
		}
	case "name":
		a.Recipient.Name = s
	case "given-name":
		r.given = s
	case "family-name":
		r.family = s
	case "awarded":
		a.AwardedDate = r.date(c, s, false)
	case "valid-from":
		a.ValidFrom = r.date(c, s, false)
	case "valid-until":
		a.ValidUntil = r.date(c, s, true)
	case "result":
		r.result(c, s)
	case "license":
		a.License = s
	case "credits":
		f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
		if err != nil || f < 0 || f > 1000 || math.IsNaN(f) {
			r.wrong(c.Header, "row_invalid/number", s)
		}
		a.Credits = f
	case "narrative":
		a.Narrative = s
	case "evidence":
		if u, err := url.Parse(s); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || !absolute(s) {
			r.wrong(c.Header, "row_invalid/address", s)
		}
		r.evidence.ID = s
	case "evidence-name":
		r.evidence.Name = s
	case "credential-name":
		a.Name = s
	}
}

// absolute reports whether an identifier stands for itself, so that it can be
// signed: it has a scheme (RFC 3986, 3.1), and no characters that IRIs lack.
func absolute(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	letter := func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
	return ok && scheme != "" && rest != "" && letter(scheme[0]) && strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+.-") == "" &&
		!strings.ContainsFunc(rest, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("<>\"{}|\\^`\u00a0", r) })
}

// garbled reports whether a text was read or written in a wrong encoding once,
// or holds what nobody sees.
func garbled(s string) bool {
	if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
		return true
	}
	for _, twice := range []string{"Ã¦", "Ã¸", "Ã¥", "Ã†", "Ã˜", "Ã…", "Ã©", "Ã¶", "Ã¤", "Ã¼"} { // UTF-8 that was read as Windows-1252
		if strings.Contains(s, twice) {
			return true
		}
	}
	return strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("\n\t\u200c\u200d", r) && unseen.Is(r) })
}

// instead reports whether a spreadsheet shows this in the place of a value.
func instead(s string) bool {
	if strings.HasPrefix(s, "#") {
		switch strings.ToUpper(s) {
		case "#N/A", "#I/T", "#REF!", "#VALUE!", "#VERDI!", "#NAME?", "#NAVN?", "#DIV/0!", "#NUM!", "#NULL!":
			return true
		}
		return strings.Trim(s, "#") == "" // the column was too narrow
	}
	mantissa, exponent, ok := strings.Cut(s, "E+") // of a long number
	return ok && mantissa != "" && exponent != "" && strings.Trim(mantissa, "0123456789,.") == "" && strings.Trim(exponent, "0123456789") == ""
}

// date reads a day as people write it. To the end of it, if that is asked.
func (r *reading) date(c Column, s string, end bool) time.Time {
	for _, layout := range []string{time.DateOnly, "2.1.2006", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2.1.2006 15:04:05", "2.1.2006 15:04", "2. 1. 2006", "2006.01.02", "20060102"} {
		if t, err := time.Parse(layout, s); err == nil {
			if end && !strings.Contains(layout, "15") {
				t = t.Add(24*time.Hour - time.Second)
			}
			return r.sane(c, s, t)
		}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return r.sane(c, s, t.UTC())
	}
	code := reason.Code("row_invalid/date")
	if n, err := strconv.Atoi(s); err == nil && n > 10_000 && n < 100_000 { // days since 1900
		code = "row_invalid/date-number"
	} else if strings.Count(s, "/") == 2 { // in some countries the month comes first
		code = "row_invalid/date-slashes"
	}
	r.wrong(c.Header, code, s)
	return time.Time{}
}

// sane refuses days that are surely not meant.
func (r *reading) sane(c Column, s string, t time.Time) time.Time {
	if t.Year() < 1900 || t.Year() > 2200 {
		r.wrong(c.Header, "row_invalid/date", s)
		return time.Time{}
	}
	return t
}

// result takes in how somebody did.
func (r *reading) result(c Column, s string) {
	out, d := openbadge.Result{Value: s}, c.result
	if slices.Contains([]string{"ikkebestått", "ikkjebestått", "ikkjegreidd", "ikkefullført", "ikkjefullført", "stryk", "strøket", "failed", "fail", "notpassed", "notcompleted", "incomplete", "avbrutt", "trukket", "withdrawn"}, key(s)) {
		r.wrong(c.Header, "row_invalid/not-passed", s)
	} else if d.ID != "" {
		var err error
		switch out, err = definition.Result(d, s); reason.CodeOf(err) {
		case "":
		case definition.NotReached:
			r.wrong(c.Header, "row_invalid/not-passed", s)
		default:
			r.wrong(c.Header, "row_invalid/result", s)
			last := &r.problems[len(r.problems)-1]
			var why *profile.Refusal
			if len(d.AllowedValue) > 0 { // the value is shown beside it, and the list needs no language
				last.Detail = strings.Join(d.AllowedValue, ", ")
			} else if last.Detail = errors.Unwrap(err).Error(); errors.As(err, &why) {
				last.Said = why.Finding.Said
			}
		}
	}
	r.award.Results = append(slices.Clone(r.award.Results), out)
}
