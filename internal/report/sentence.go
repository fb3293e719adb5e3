package report

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// Sign is what stands before a verdict: never the only thing that tells it.
func Sign(verdict string) string {
	switch verdict {
	case "valid":
		return "✓"
	case "invalid":
		return "✗"
	default:
		return "?"
	}
}

// CheckSign is what stands before a check. One that was not made never looks
// like one that was passed.
func CheckSign(outcome string) string {
	switch outcome {
	case "pass":
		return "✓"
	case "fail":
		return "✗"
	case "warn":
		return "!"
	case "unknown":
		return "?"
	case "not-applicable":
		return "-"
	default:
		return "·"
	}
}

// Missing reports whether a result says no more than that there was nothing
// of that name.
func Missing(r app.VerifyResult) bool { return r.Reason == string(reason.NotFound) && r.Kind == "" }

// Sentence returns the key of what a verdict means. "Valid" says no more than
// what was checked.
func Sentence(r app.VerifyResult) string {
	switch {
	case Missing(r):
		return "verdict.missing.sentence"
	case r.Verdict == "unreadable" && notSeen(reason.Code(r.Reason)):
		return "verdict.unreadable.not-seen"
	case r.Verdict == "valid" && r.Kind == "presentation" && Passed(r, "audience"):
		return "verdict.valid.presentation"
	case r.Verdict == "valid" && r.Kind == "presentation":
		return "verdict.valid.for-anybody"
	case r.Verdict == "valid" && r.Form == "openbadges2-hosted":
		return "verdict.valid.hosted"
	case r.Verdict == "valid" && !statusAsked(r):
		return "verdict.valid.no-status"
	case r.Verdict == "untrusted" && r.Kind != "presentation" && !Passed(r, "proof"):
		return "verdict.untrusted.unchecked"
	}
	return "verdict." + r.Verdict + ".sentence"
}

// notSeen reports whether a code says that a document was not had at all: then nobody
// knows whether there is a credential in it.
func notSeen(code reason.Code) bool {
	return slices.Contains([]reason.Code{reason.IO, reason.FetchFailed, reason.RemoteFetchBlocked}, reason.Code(code.Coarse()))
}

// Nothing is the key of what is said of a run that judged nothing. Where nothing is
// named that was left out either, there was none in the folders that were looked in.
func Nothing(sum app.VerifySummary) string {
	if len(sum.LeftOut) == 0 {
		return "verify.nothing.found"
	}
	return "verify.nothing"
}

// Verdict returns the verdict in the language of p.
func Verdict(p *i18n.Printer, r app.VerifyResult) string {
	if Missing(r) {
		return p.T("verdict.missing")
	}
	return p.T("verdict." + r.Verdict)
}

// Passed reports whether a check was made and holds, in all places that it
// was made at.
func Passed(r app.VerifyResult, id string) bool {
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

// statusAsked reports whether it was checked that a credential is not revoked.
// What else a list has to say stands beside it as a remark.
func statusAsked(r app.VerifyResult) bool {
	asked := false
	for _, c := range r.Checks {
		if c.ID == "status" && c.Outcome != "pass" && c.Outcome != "warn" {
			return false
		}
		asked = asked || c.ID == "status" && c.Outcome == "pass"
	}
	return asked
}

// Next is what to do about a result, with the issuer's id where that is what
// to type, as a word that a shell takes for no more; empty when nothing is to
// be done. Of a valid result with remarks it is what follows from them.
func Next(p *i18n.Printer, r app.VerifyResult) string {
	if r.Reason == string(reason.UntrustedIssuer) && r.Issuer != nil {
		return p.T("verdict.untrusted.next", Repeat([]string{r.Issuer.ID}))
	}
	if r.Reason == "" {
		return texts(p, "next.", Codes(r))
	}
	return p.Code("next.", r.Reason)
}

// Names tells the name of an issuer that was verified from the one that it
// gives itself. A name is verified only where a key ties the issuer to the
// document; claimed is empty where it is the same.
func Names(r app.VerifyResult) (verified, claimed string) {
	if r.Issuer == nil {
		return "", ""
	}
	bound := Passed(r, "issuer-binding")
	if bound {
		verified = r.Issuer.VerifiedName
	}
	if r.Issuer.ClaimedName != r.Issuer.VerifiedName || !bound {
		claimed = r.Issuer.ClaimedName
	}
	return verified, claimed
}

// TrustedBy is by which sources an issuer is trusted: all who vouch for it.
func TrustedBy(p *i18n.Printer, r app.VerifyResult) string {
	if r.Issuer.TrustedBy == trust.NamedInCall {
		return p.T("verify.named-in-call")
	}
	var all []string
	for _, v := range r.Issuer.Vouchers {
		all = append(all, Voucher(p, v))
	}
	if all == nil {
		return r.Issuer.TrustedBy
	}
	return strings.Join(all, "; ")
}

// Achievement is what a result is about, in a few words.
func Achievement(c *app.ResultClaims) string {
	if c == nil {
		return ""
	}
	if c.Achievement != "" {
		return c.Achievement
	}
	return c.Name
}
