package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
)

const labelWidth = 14

// row writes a label and a value from outside, nothing when there is none.
func (s *session) row(w *strings.Builder, label, value string) {
	if value == "" {
		return
	}
	text := s.t(label)
	pad := strings.Repeat(" ", max(1, labelWidth-utf8.RuneCountInString(text)))
	s.say(w, "  "+text+pad, show(value))
}

// verdict writes a result for people: the verdict as a sentence, who says so,
// whom it is about, what it says, the checks, and what to do next.
func (s *session) verdict(w *strings.Builder, r app.VerifyResult, name string) {
	fmt.Fprintf(w, "%s %s  %s\n", report.Sign(r.Verdict), report.Verdict(s.p, r), show(name))
	s.say(w, "  ", s.t(report.Sentence(r)))
	if report.Missing(r) {
		return
	}
	if r.Reason != "" {
		s.say(w, "  ", fmt.Sprintf("%s [%s]", s.p.Code("reason.", r.Reason), r.Reason))
	}
	s.row(w, "label.holder", r.Holder)
	if r.Issuer != nil || r.Claims != nil {
		if r.Verdict != "valid" && r.Verdict != "not-in-force" {
			fmt.Fprintf(w, "  %s\n", s.t("verify.claims-only"))
		}
		s.issuerRows(w, r)
		s.claimRows(w, r)
		s.shownInPart(w, r.Disclosed, r.Withheld)
		s.contentRows(w, r)
	}
	w.WriteString("  " + s.t("label.checks") + "\n")
	for _, c := range r.Checks {
		s.check(w, c, r.Reason)
	}
	s.insightRows(w, r)
	s.row(w, "label.next", report.Next(s.p, r))
	for n, part := range r.Credentials {
		w.WriteByte('\n')
		s.verdict(w, part, s.t("verify.part", n+1, len(r.Credentials)))
	}
	for n, part := range r.Nested {
		w.WriteByte('\n')
		s.verdict(w, part, s.t("verify.nested", n+1, len(r.Nested)))
	}
	s.row(w, "label.repeat", r.Repeat)
}

// issuerRows keeps the verified name apart from the name that an issuer gives
// itself. Who trusts the issuer is said only where a key ties it to the
// document: of a forgery it would say the wrong thing.
func (s *session) issuerRows(w *strings.Builder, r app.VerifyResult) {
	if r.Issuer == nil {
		return
	}
	i, bound := r.Issuer, report.Passed(r, "issuer-binding")
	verified, claimed := report.Names(r)
	s.row(w, "label.issuer", verified)
	s.row(w, "label.calls-itself", claimed)
	s.row(w, "label.issuer-id", i.ID)
	if bound {
		s.row(w, "label.trusted-by", report.TrustedBy(s.here(), r))
		if verified != "" && i.NameBy != i.TrustedBy {
			s.row(w, "label.name-by", report.NameBy(s.here(), i))
		}
		if c := i.ContinuedBy; c != nil {
			s.row(w, "label.continued", s.t("succession.now", strings.TrimSpace(c.Name+" "+c.ID), s.day(c.Since)))
		}
	}
}

func (s *session) claimRows(w *strings.Builder, r app.VerifyResult) {
	c := r.Claims
	if c == nil {
		return
	}
	achievement := report.Achievement(c)
	if c.Level != "" {
		achievement += " (" + s.p.Named("achievement-type.", c.Level) + ")"
	}
	s.row(w, "label.achievement", achievement)
	s.row(w, "label.description", c.Description)
	s.row(w, "label.criteria", c.Criteria)
	if c.Credits != 0 {
		s.row(w, "label.credits", fmt.Sprintf("%g", c.Credits))
	}
	s.row(w, "label.results", strings.Join(c.Results, ", "))
	s.row(w, "label.evidence", strings.Join(c.Evidence, ", "))
	s.row(w, "label.skills", strings.Join(c.Skills, ", "))
	s.row(w, "label.subject", strings.Join(c.Subject, ", "))
	s.row(w, "label.recipient", c.Recipient)
	s.row(w, "label.from", report.Day(s.here(), c.ValidFrom))
	s.row(w, "label.until", report.Day(s.here(), c.ValidUntil))
}

// shownInPart says how much of a document that can be shown in part is shown.
func (s *session) shownInPart(w *strings.Builder, disclosed, withheld int) {
	if disclosed+withheld > 0 {
		s.row(w, "label.parts", s.t("verify.parts", disclosed, withheld))
	}
}

// check writes one check. One that was not made never looks like one that was
// passed. What its code means is said where it is not the reason for the whole,
// which stands above already.
func (s *session) check(w *strings.Builder, c app.ResultCheck, why string) {
	line := s.t("check."+c.ID) + ": " + s.t("outcome."+c.Outcome)
	if c.Code != "" {
		line += " [" + c.Code + "]"
	}
	if c.Outcome != "pass" {
		detail := report.DetailOf(s.here(), c, c.Code == why)
		switch {
		case c.At == "":
		case detail.English != "": // where it is, is technical too
			detail.English = c.At + ": " + detail.English
		case detail.Text != "":
			detail.Text = c.At + ": " + detail.Text
		}
		if text := detail.String(); text != "" {
			line += " (" + show(text) + ")"
		}
	}
	if c.AsOf != nil {
		line += ", " + s.t("check.as-of", s.day(*c.AsOf))
	}
	s.say(w, "    "+report.CheckSign(c.Outcome)+" ", line)
}
