package report

import (
	"strings"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// Detail is what a check found, for people.
type Detail struct {
	Text    string // in the language of the reader; of English, it says that it is
	English string // technical, in English, to stand behind Text; empty for none
}

// String is both in one.
func (d Detail) String() string {
	if d.Text == "" || d.English == "" || strings.HasSuffix(d.Text, " ") {
		return d.Text + d.English
	}
	return d.Text + " " + d.English
}

// DetailOf says what a check found. One without a note has a code: then its
// sentence says why, and what the check itself has to say is technical. With
// brief the sentence is left out, for where it stands already.
func DetailOf(p *i18n.Printer, c app.ResultCheck, brief bool) Detail {
	if c.Said() != nil && p.Lang() != "en" {
		return Detail{Text: found(p, c)}
	}
	if key := "check-note." + c.Note; c.Note != "" && p.Has(key) {
		var d Detail
		d.Text = verifier.Say(p.T(key), c.Args, func(kind verifier.ArgKind, arg string) string {
			if kind == verifier.ArgEnglish && p.Lang() != "en" {
				d.English = arg
				return ""
			}
			return argument(p, kind, arg)
		})
		return d
	}
	if p.Lang() == "en" || c.Message == "" {
		return Detail{Text: c.Message}
	}
	text := p.T("check.technical") + " "
	if sentence := p.Code("reason.", c.Code); sentence != "" && !brief {
		text = sentence + " " + text
	}
	return Detail{Text: text, English: c.Message}
}

// found says what a rule has found, and whose rule it is where the check tells. The
// sentence of its code could not say more.
func found(p *i18n.Printer, c app.ResultCheck) string {
	said := Finding(p, c.Said())
	if key := "check-found." + c.Note; p.Has(key) && len(c.Args) > 0 {
		return p.T(key, c.Args[0], said)
	}
	return said
}

// argument writes an argument of a note for people.
func argument(p *i18n.Printer, kind verifier.ArgKind, arg string) string {
	switch kind {
	case verifier.ArgTime:
		return Day(p, arg)
	case verifier.ArgQuoted:
		return p.T("check.quoted", arg)
	case verifier.ArgVerdict:
		return strings.ToLower(p.T("verdict." + arg))
	case verifier.ArgThing:
		return thing(p, arg)
	case verifier.ArgMatch:
		return match(p, arg)
	case verifier.ArgPlace:
		return Place(p, arg)
	}
	return arg
}

// thing is what is endorsed.
func thing(p *i18n.Printer, what string) string {
	if key := "endorsed." + what; p.Has(key) {
		return p.T(key)
	}
	return what
}

// Match is by what a credential is about the person who was asked for, in the
// language of p.
func Match(p *i18n.Printer, by []string) string { return match(p, strings.Join(by, ", ")) }

// match is by what a credential is about the person who was asked for, and in
// what form it says so, as verifier.Report.Recipient has it.
func match(p *i18n.Printer, by string) string {
	return strings.NewReplacer("(plain)", "("+p.T("check.match.plain")+")", ", without salt)", ", "+p.T("check.match.unsalted")+")",
		", salted)", ", "+p.T("check.match.salted")+")").Replace(by)
}

// Place is where in a trust policy something stands, in the language of p.
func Place(p *i18n.Printer, source string) string {
	if file, line := trust.SplitSource(source); line > 0 {
		return p.T("trust.place", file, line)
	}
	return source
}

// NameBy is whose word the verified name of an issuer is.
func NameBy(p *i18n.Printer, i *app.ResultIssuer) string {
	for _, v := range i.Vouchers {
		same := trust.Voucher{Kind: trust.Kind(v.Kind), By: v.By, ByName: v.ByName, Source: v.Source, AsOf: v.AsOf}
		if same.String() == i.NameBy {
			return Voucher(p, v)
		}
	}
	return Place(p, i.NameBy)
}
