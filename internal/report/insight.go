package report

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/opinion"
)

// Section is what is told beside the verdict under a heading of its own.
type Section struct {
	Title string
	Lines []Line
}

// Line is a sentence with the sign that stands before it. Values from outside
// are in Values, to be shown with care.
type Line struct {
	Sign   string // as Sign and CheckSign have them
	Text   string
	Values []string
}

// maxValues is how many places one line names.
const maxValues = 12

// Insight tells what was asked for beside the verdict, nothing if it was not.
func Insight(p *i18n.Printer, r app.VerifyResult) []Section {
	var out []Section
	if r.Coverage != nil {
		out = append(out, coverage(p, r.Coverage))
	}
	for _, o := range r.SecondOpinion {
		out = append(out, second(p, o))
	}
	if r.Bundle != nil {
		out = append(out, evidence(p, r.Bundle))
	}
	return out
}

func coverage(p *i18n.Printer, c *app.ResultCoverage) Section {
	s := Section{Title: p.T("coverage.title")}
	protected, optional := 0, 0
	var whys []string
	at := map[string][]string{}
	for _, place := range c.Places {
		if place.State == "protected" {
			protected++
			if place.Optional {
				optional++
			}
			continue
		}
		key := place.Why
		if !slices.Contains(whys, key) {
			whys = append(whys, key)
		}
		at[key] = append(at[key], shortPlace(place))
	}
	if c.Proof == "pass" {
		s.Lines = append(s.Lines, Line{CheckSign("pass"), p.T("coverage.protected", protected, len(c.Places)), nil})
	} else {
		s.Lines = append(s.Lines, Line{CheckSign("fail"), p.T("coverage.none"), nil})
	}
	if optional > 0 {
		s.Lines = append(s.Lines, Line{CheckSign("warn"), p.T("coverage.optional", optional), nil})
	}
	for _, why := range whys {
		values := at[why]
		if more := len(values) - maxValues; more > 0 {
			values = append(values[:maxValues:maxValues], p.T("coverage.more", more))
		}
		sign := CheckSign("warn")
		if why == "signature" {
			sign = CheckSign("not-applicable")
		}
		s.Lines = append(s.Lines, Line{sign, p.T("coverage.why." + why), values})
	}
	if len(c.Spellings) > 0 {
		ways := make([]string, len(c.Spellings))
		for i, way := range c.Spellings {
			ways[i] = p.T("coverage.spelling." + way)
		}
		s.Lines = append(s.Lines, Line{CheckSign("not-applicable"), p.T("coverage.spellings", strings.Join(ways, "; ")), nil})
	}
	return s
}

// shortPlace names a place; that it is in the document goes without saying.
func shortPlace(p app.ResultPlace) string {
	where := p.Pointer
	if p.Part != "document" {
		where = strings.TrimSpace(p.Part + " " + p.Pointer)
	}
	if p.Detail != "" && p.Why == "said-elsewhere" {
		where += " (" + p.Detail + ")"
	}
	return where
}

func second(p *i18n.Printer, o opinion.Opinion) Section {
	s := Section{Title: p.T("opinion.title", p.T("opinion.who."+string(o.Who)))}
	sign := map[opinion.Result]string{opinion.Accepts: "pass", opinion.Refuses: "fail"}[o.Result]
	line := Line{CheckSign(sign), p.T("opinion.result." + string(o.Result)), nil}
	if sign == "" {
		line.Sign = CheckSign("unknown")
	}
	if o.Says != "" {
		line.Values = []string{o.Says}
	}
	s.Lines = append(s.Lines, line)
	for _, d := range o.Differences {
		s.Lines = append(s.Lines, Line{CheckSign("warn"), p.T("opinion.rule." + string(d.Rule)), codes(d.Code)})
	}
	if len(o.Differences) == 0 {
		s.Lines = append(s.Lines, Line{CheckSign("not-applicable"), p.T("opinion.same"), nil})
	}
	s.Lines = append(s.Lines, Line{CheckSign("not-applicable"), p.T("opinion.label", o.Version, o.Read), nil})
	return s
}

func codes(code string) []string {
	if code == "" {
		return nil
	}
	return []string{code}
}

func evidence(p *i18n.Printer, b *app.ResultBundle) Section {
	s := Section{Title: p.T("bundle.title")}
	add := func(outcome, text string, values ...string) {
		s.Lines = append(s.Lines, Line{CheckSign(outcome), text, values})
	}
	const form = "2006-01-02 15:04:05 UTC"
	add("not-applicable", p.T("bundle.made", b.Made.UTC().Format(form)))
	add("not-applicable", p.T("bundle.digest"), b.SHA256)
	if b.Read {
		add("not-applicable", p.T("bundle.then", p.T("verdict."+b.Verdict), b.JudgedAt.UTC().Format(form)))
		if b.Trust == "recorded" {
			add("warn", p.T("bundle.trust.recorded"))
		} else {
			add("not-applicable", p.T("bundle.trust.own"))
		}
		if b.Contexts == "other" {
			add("warn", p.T("bundle.contexts"))
		}
	}
	for _, word := range []string{"signed", "maker", "missing"} {
		var values []string
		for _, e := range b.Evidence {
			if e.Word != word {
				continue
			}
			value := e.URL
			if e.AsOf != nil {
				value += " (" + p.T("check.as-of", e.AsOf.UTC().Format(form)) + ")"
			}
			values = append(values, value)
		}
		if len(values) > 0 {
			text := p.T("bundle.word." + word)
			if word == "maker" && b.Record != "believed" {
				text = p.T("bundle.word.maker.not")
			}
			add(map[string]string{"signed": "not-applicable", "maker": "warn", "missing": "unknown"}[word], text, values...)
		}
	}
	switch {
	case b.Stamp != nil && b.Stamp.Outcome == "pass":
		add("pass", p.T("bundle.stamp", b.Stamp.Time.UTC().Format(form)), b.Stamp.Authority)
	case b.Stamp != nil:
		add("not-run", p.T("bundle.stamp.unchecked"))
	case b.Read:
		add("not-applicable", p.T("bundle.stamp.none"))
	}
	return s
}
