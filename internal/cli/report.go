package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

const labelWidth = 14

// row writes a label and a value from outside, nothing when there is none.
func (s *session) row(w *strings.Builder, label, value string) {
	if value == "" {
		return
	}
	text := s.t(label)
	pad := strings.Repeat(" ", max(1, labelWidth-utf8.RuneCountInString(text)))
	fmt.Fprintf(w, "  %s%s%s\n", text, pad, show(value))
}

// verdicts writes results for people: the verdict as a sentence, who says so,
// whom it is about, what it says, the checks, and what to do next.
func (s *session) verdicts(w *strings.Builder, results app.VerifyResults) {
	counts := map[string]int{}
	for n, r := range results.Results {
		if n > 0 {
			w.WriteByte('\n')
		}
		s.verdict(w, r, r.Input)
		counts[r.Verdict]++
	}
	if len(results.Results) > 1 {
		w.WriteByte('\n')
		for _, verdict := range []string{"valid", "invalid", "undetermined", "untrusted", "not-in-force", "unreadable"} {
			if counts[verdict] > 0 {
				fmt.Fprintf(w, "%s %d %s\n", verdictSign(verdict), counts[verdict], s.t("verdict."+verdict))
			}
		}
	}
	if len(results.Results) == 0 {
		w.WriteString(s.t("verify.nothing") + "\n")
	}
}

func verdictSign(verdict string) string {
	switch verdict {
	case "valid":
		return "✓"
	case "invalid":
		return "✗"
	default:
		return "?"
	}
}

func (s *session) verdict(w *strings.Builder, r app.VerifyResult, name string) {
	if r.Reason == string(reason.NotFound) && r.Kind == "" {
		fmt.Fprintf(w, "%s %s  %s\n  %s\n", verdictSign(r.Verdict), s.t("verdict.missing"), show(name), s.t("verdict.missing.sentence"))
		return
	}
	fmt.Fprintf(w, "%s %s  %s\n", verdictSign(r.Verdict), s.t("verdict."+r.Verdict), show(name))
	fmt.Fprintf(w, "  %s\n", s.t(sentence(r)))
	if r.Reason != "" {
		fmt.Fprintf(w, "  %s [%s]\n", s.p.Code("reason.", r.Reason), r.Reason)
	}
	s.row(w, "label.holder", r.Holder)
	if r.Issuer != nil || r.Claims != nil {
		if r.Verdict != "valid" && r.Verdict != "not-in-force" {
			fmt.Fprintf(w, "  %s\n", s.t("verify.claims-only"))
		}
		s.issuerRows(w, r)
		s.claimRows(w, r)
		s.shownInPart(w, r.Disclosed, r.Withheld)
	}
	w.WriteString("  " + s.t("label.checks") + "\n")
	for _, c := range r.Checks {
		s.check(w, c)
	}
	s.row(w, "label.next", s.next(r))
	for n, part := range r.Credentials {
		w.WriteByte('\n')
		s.verdict(w, part, s.t("verify.part", n+1, len(r.Credentials)))
	}
}

// sentence returns the key of what a verdict means. "Valid" says no more than
// what was checked.
func sentence(r app.VerifyResult) string {
	switch {
	case r.Verdict == "valid" && r.Kind == "presentation" && passed(r, "audience"):
		return "verdict.valid.presentation"
	case r.Verdict == "valid" && r.Kind == "presentation":
		return "verdict.valid.for-anybody"
	case r.Verdict == "valid" && !passed(r, "status"):
		return "verdict.valid.no-status"
	case r.Verdict == "untrusted" && r.Kind == "credential" && !passed(r, "proof"):
		return "verdict.untrusted.unchecked"
	}
	return "verdict." + r.Verdict + ".sentence"
}

// passed reports whether a check was made and holds, in all places that it
// was made at.
func passed(r app.VerifyResult, id string) bool {
	found := false
	for _, c := range r.Checks {
		if c.ID != id {
			continue
		}
		if c.Outcome != "pass" {
			return false
		}
		found = true
	}
	return found
}

// next is what to do about a result, with the issuer's id where that is what
// to type.
func (s *session) next(r app.VerifyResult) string {
	if r.Reason == string(reason.UntrustedIssuer) && r.Issuer != nil {
		return s.t("verdict.untrusted.next", r.Issuer.ID)
	}
	if r.Reason == "" {
		return ""
	}
	return s.p.Code("next.", r.Reason)
}

// issuerRows keeps the verified name apart from the name that an issuer gives
// itself. Who trusts the issuer is said only where a key ties it to the
// document: of a forgery it would say the wrong thing.
func (s *session) issuerRows(w *strings.Builder, r app.VerifyResult) {
	if r.Issuer == nil {
		return
	}
	i := r.Issuer
	bound := passed(r, "issuer-binding")
	if bound {
		s.row(w, "label.issuer", i.VerifiedName)
	}
	if i.ClaimedName != i.VerifiedName || !bound {
		s.row(w, "label.calls-itself", i.ClaimedName)
	}
	s.row(w, "label.issuer-id", i.ID)
	switch {
	case !bound:
	case i.TrustedBy == trust.NamedInCall:
		s.row(w, "label.trusted-by", s.t("verify.named-in-call"))
	default:
		s.row(w, "label.trusted-by", i.TrustedBy)
	}
}

func (s *session) claimRows(w *strings.Builder, r app.VerifyResult) {
	c := r.Claims
	if c == nil {
		return
	}
	achievement := c.Achievement
	if achievement == "" {
		achievement = c.Name
	}
	if c.Level != "" {
		achievement += " (" + c.Level + ")"
	}
	s.row(w, "label.achievement", achievement)
	s.row(w, "label.description", c.Description)
	s.row(w, "label.criteria", c.Criteria)
	if c.Credits != 0 {
		s.row(w, "label.credits", fmt.Sprintf("%g", c.Credits))
	}
	s.row(w, "label.results", strings.Join(c.Results, ", "))
	s.row(w, "label.skills", strings.Join(c.Skills, ", "))
	s.row(w, "label.subject", strings.Join(c.Subject, ", "))
	s.row(w, "label.from", dayOf(c.ValidFrom))
	s.row(w, "label.until", dayOf(c.ValidUntil))
}

// shownInPart says how much of a document that can be shown in part is shown.
func (s *session) shownInPart(w *strings.Builder, disclosed, withheld int) {
	if disclosed+withheld > 0 {
		s.row(w, "label.parts", s.t("verify.parts", disclosed, withheld))
	}
}

func dayOf(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return day(t)
}

// check writes one check. One that was not made never looks like one that was
// passed.
func (s *session) check(w *strings.Builder, c app.ResultCheck) {
	sign := map[string]string{"pass": "✓", "fail": "✗", "warn": "!", "unknown": "?", "not-applicable": "-"}[c.Outcome]
	if sign == "" {
		sign = "·"
	}
	fmt.Fprintf(w, "    %s %s: %s", sign, s.t("check."+c.ID), s.t("outcome."+c.Outcome))
	if c.Code != "" {
		fmt.Fprintf(w, " [%s]", c.Code)
	}
	if c.Outcome != "pass" && c.Message != "" {
		detail := c.Message
		if c.At != "" {
			detail = c.At + ": " + detail
		}
		fmt.Fprintf(w, " (%s)", show(detail))
	}
	if c.AsOf != nil {
		fmt.Fprintf(w, ", %s", s.t("check.as-of", day(*c.AsOf)))
	}
	w.WriteByte('\n')
}
